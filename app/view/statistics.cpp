#include "view/statistics.h"

#include "view/json_object.h"
#include "view/overview.h"
#include "view/table.h"
#include "view/time_format.h"

#include <fmt/format.h>

#include <map>

namespace atlasjob::view {

namespace {

using ByName = std::map<std::string, std::vector<Count>>;

ByName grouped(const std::vector<Count>& counts, std::string Count::*name) {
    ByName groups;
    for (const Count& count : counts)
        groups[count.*name].push_back(count);
    return groups;
}

void append_totals(std::string& out, const ByName& groups) {
    JsonObject object{out};
    for (const auto& [name, counts] : groups)
        object.integer(name, Totals{counts}.all());
}

void append_statuses(std::string& out, const Totals& totals) {
    JsonObject object{out};
    for (const Status status : kStatuses)
        object.integer(to_string(status), totals.of(status));
}

void append_count(std::string& out, const Count& count) {
    JsonObject object{out};
    object.text("queue", count.queue);
    object.text("kind", count.kind);
    object.text("status", to_string(count.status));
    object.integer("jobs", count.jobs);
}

void add_durations(JsonObject& object, const DurationsOfKind& durations) {
    object.integer("jobs", durations.jobs);
    object.integer("p50_ms", durations.p50.count());
    object.integer("p95_ms", durations.p95.count());
}

void append_durations(std::string& out, const Statistics& statistics) {
    if (!statistics.all) {
        out += "null";
        return;
    }
    JsonObject object{out};
    add_durations(object, *statistics.all);
    JsonObject kinds{object.member("by_kind")};
    for (const DurationsOfKind& durations : statistics.by_kind) {
        JsonObject kind{kinds.member(durations.kind)};
        add_durations(kind, durations);
    }
}

std::string counts_table(std::string_view title, const ByName& groups, const Style& style) {
    std::vector<Column> columns = {{title}};
    for (const Status status : kStatuses)
        columns.push_back({to_string(status), true});
    columns.push_back({"total", true});
    Table table{std::move(columns)};
    for (const auto& [name, counts] : groups) {
        const Totals totals{counts};
        std::vector<Cell> row = {{printable(name), Color::strong}};
        for (const Status status : kStatuses) {
            const std::int64_t jobs = totals.of(status);
            row.push_back({std::to_string(jobs), jobs == 0 ? Color::faint : color_of(status)});
        }
        row.push_back({std::to_string(totals.all())});
        table.add(std::move(row));
    }
    return table.text(style);
}

std::string durations_table(const Statistics& statistics, const Style& style) {
    Table table{{{"DURATION"}, {"jobs", true}, {"median", true}, {"95%", true}}};
    const auto add = [&](const std::string& name, const DurationsOfKind& durations) {
        table.add(
            {{name, Color::strong},
             {std::to_string(durations.jobs)},
             {span_text(durations.p50)},
             {span_text(durations.p95)}});
    };
    for (const DurationsOfKind& durations : statistics.by_kind)
        add(printable(durations.kind), durations);
    add("all", *statistics.all);
    return table.text(style);
}

}  // namespace

std::string statistics_json(const StatisticsPage& page) {
    const Totals totals{page.counts};
    std::string out;
    {
        JsonObject object{out};
        append_statuses(object.member("by_status"), totals);
        object.integer("total", totals.all());
        append_totals(object.member("by_queue"), grouped(page.counts, &Count::queue));
        append_totals(object.member("by_kind"), grouped(page.counts, &Count::kind));
        append_json_array(object.member("counts"), page.counts, append_count);
        object.time("oldest_queued_at", page.statistics.oldest_queued_at);
        {
            JsonObject throughput{object.member("throughput")};
            throughput.integer("ended_last_hour", page.statistics.ended_last_hour);
        }
        append_durations(object.member("durations"), page.statistics);
    }
    return out;
}

std::string statistics_text(const StatisticsPage& page, const Style& style) {
    if (page.counts.empty()) return "no jobs\n";
    const Totals totals{page.counts};
    std::string text = totals_text(totals, style) + '\n'
                       + counts_table("QUEUE", grouped(page.counts, &Count::queue), style) + '\n'
                       + counts_table("KIND", grouped(page.counts, &Count::kind), style) + '\n';
    if (page.statistics.all) text += durations_table(page.statistics, style) + '\n';
    std::vector<std::pair<std::string_view, std::string>> lines = {
        {"throughput", fmt::format("{} ended in the last hour", page.statistics.ended_last_hour)}};
    if (const auto oldest = page.statistics.oldest_queued_at) {
        lines.emplace_back("oldest queued", fmt::format("due {}", time_text(*oldest, page.now)));
    }
    return text + key_value_text(lines, style);
}

}  // namespace atlasjob::view

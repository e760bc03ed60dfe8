#include "view/overview.h"

#include "ledger/policy.h"
#include "view/job_json.h"
#include "view/job_text.h"
#include "view/json_object.h"
#include "view/progress.h"
#include "view/table.h"
#include "view/time_format.h"

#include <fmt/format.h>

#include <numeric>

namespace atlasjob::view {

namespace {

constexpr std::size_t kBarColumns = 18;

/// When the job entered its status.
Time status_since(const Job& job) {
    if (job.ended_at) return *job.ended_at;
    return job.status == Status::running ? job.started_at.value_or(job.created_at) : job.created_at;
}

std::string note_of(const Job& job, Time now) {
    if (is_stale(job, now)) return "no heartbeat";
    if (job.status == Status::error || job.status == Status::cancelled) {
        return printable(job.error.value_or(""));
    }
    return progress_summary(job, now);
}

std::string bar_of(const Job& job) {
    const auto fraction = fraction_of(job);
    if (!fraction) return {};
    return fmt::format("{} {:>4}", bar_text(*fraction, kBarColumns), percent_text(job));
}

/// A table of active jobs with progress bars.
std::string active_text(std::span<const Job> jobs, Time now, const Style& style) {
    Table table{{
        {"JOB", true},
        {"STATUS"},
        {"SINCE", true},
        {"PROGRESS"},
        {"WHAT", false, true},
        {"NOTE", false, true},
    }};
    for (const Job& job : jobs) {
        table.add({
            {std::to_string(job.seq), Color::strong},
            {std::string{to_string(job.status)}, color_of(job.status)},
            {span_text(now - status_since(job))},
            {bar_of(job), color_of(job.status)},
            {title_of(job)},
            {note_of(job, now), is_stale(job, now) ? Color::warning : Color::faint},
        });
    }
    return table.text(style);
}

void append_jobs(std::string& out, std::span<const Job> jobs, Time now) {
    append_json_array(
        out, jobs, [now](std::string& text, const Job& job) { append_job_json(text, job, now); });
}

}  // namespace

Totals::Totals(std::span<const Count> counts) {
    for (const Count& count : counts)
        jobs_.at(static_cast<std::size_t>(count.status)) += count.jobs;
}

std::int64_t Totals::all() const {
    return std::accumulate(jobs_.begin(), jobs_.end(), std::int64_t{0});
}

std::string totals_json(const Totals& totals) {
    std::string out;
    {
        JsonObject object{out};
        for (const Status status : kStatuses)
            object.integer(to_string(status), totals.of(status));
        object.integer("total", totals.all());
    }
    return out;
}

std::string overview_json(const Overview& overview, Time now) {
    std::string out;
    {
        JsonObject object{out};
        object.json("totals", totals_json(overview.totals));
        append_jobs(object.member("active"), overview.active, now);
        append_jobs(object.member("recent"), overview.recent, now);
    }
    return out;
}

std::string jobs_text(std::span<const Job> jobs, Time now, const Style& style) {
    if (jobs.empty()) return "no jobs\n";
    Table table{{
        {"JOB", true},
        {"STATUS"},
        {"DONE", true},
        {"KIND"},
        {"SINCE", true},
        {"WHAT", false, true},
        {"NOTE", false, true},
    }};
    for (const Job& job : jobs) {
        table.add({
            {std::to_string(job.seq), Color::strong},
            {std::string{to_string(job.status)}, color_of(job.status)},
            {percent_text(job)},
            {printable(job.kind)},
            {span_text(std::max(now - status_since(job), milliseconds{0}))},
            {title_of(job)},
            {note_of(job, now), is_stale(job, now) ? Color::warning : Color::faint},
        });
    }
    return table.text(style);
}

std::string totals_text(const Totals& totals, const Style& style) {
    Table table{std::vector<Column>(kStatuses.size())};
    std::vector<Cell> row;
    for (const Status status : kStatuses) {
        const std::int64_t jobs = totals.of(status);
        row.push_back(
            {fmt::format("{} {}", jobs, to_string(status)),
             jobs == 0 ? Color::faint : color_of(status)});
    }
    table.add(std::move(row));
    return table.text(style);
}

std::string overview_text(const Overview& overview, Time now, const Style& style) {
    std::string text = totals_text(overview.totals, style);
    if (!overview.active.empty()) {
        text += fmt::format("\n{}\n", painted("Active", Color::strong, style));
        text += active_text(overview.active, now, style);
    }
    if (!overview.recent.empty()) {
        text += fmt::format("\n{}\n", painted("Recent", Color::strong, style));
        text += jobs_text(overview.recent, now, style);
    }
    return text;
}

}  // namespace atlasjob::view

#include "view/reports.h"

#include "view/json_object.h"
#include "view/time_format.h"

#include <fmt/format.h>

namespace atlasjob::view {

std::string event_text(const Event& event, Time now, const Style& style) {
    std::string transition{to_string(event.to)};
    if (event.from && *event.from != event.to)
        transition = fmt::format("{} -> {}", to_string(*event.from), transition);
    std::string text = fmt::format(
        "{:>6}  {:<19}  {}  {:<15}  {}  by {}", event.seq, clock_text(event.at, now), event.job_id,
        printable(event.type), painted(transition, color_of(event.to), style),
        printable(event.actor));
    if (event.reason) text += fmt::format(" ({})", to_string(*event.reason));
    if (event.detail) text += fmt::format(": {}", printable(*event.detail));
    return text + '\n';
}

namespace {

void add(std::string& text, std::int64_t count, std::string_view one, std::string_view many) {
    if (count == 0) return;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, count == 1 ? one : many);
}

}  // namespace

std::string gc_json(const GcReport& report) {
    std::string out;
    {
        JsonObject object{out};
        object.integer("reaped", report.reaped);
        object.integer("requeued", report.requeued);
        object.integer("pruned", report.pruned);
        object.integer("logs_removed", report.logs_removed);
        object.flag("dry_run", report.dry_run);
        object.integer("suspects", report.suspects);
        object.integer("tombstones_dropped", report.tombstones_dropped);
        object.integer("workers_removed", report.workers_removed);
        object.flag("complete", report.complete);
        object.flag("worker_started", report.worker_started);
        object.text(
            "worker_error",
            report.worker_error ? std::optional{report.worker_error->text} : std::nullopt);
        object.integer("silent_workers", std::ssize(report.silent_workers));
        object.integer("unserved", report.unserved);
    }
    return out;
}

namespace {

void add_part(std::string& text, const std::string& part) {
    text += (text.empty() ? "" : "; ") + part;
}

/// What gc cannot fix: workers that hang, and jobs that wait for a worker.
void add_worker_notes(std::string& text, const GcReport& report) {
    for (const Worker& worker : report.silent_workers) {
        add_part(
            text, fmt::format(
                      "the worker with pid {} gives no sign of life (see atlasjob doctor)",
                      worker.is.process.pid));
    }
    if (report.unserved == 0) return;
    const char* have = report.unserved == 1 ? "job has" : "jobs have";
    add_part(text, fmt::format("{} queued {} no worker", report.unserved, have));
}

}  // namespace

std::string gc_text(const GcReport& report) {
    std::string done;
    add(done, report.reaped, "lost attempt reaped", "lost attempts reaped");
    add(done, report.requeued, "job queued again", "jobs queued again");
    add(done, report.suspects, "attempt suspected lost", "attempts suspected lost");
    add(done, report.pruned, "expired job deleted", "expired jobs deleted");
    add(done, report.logs_removed, "log file removed", "log files removed");
    add(done, report.tombstones_dropped, "tombstone deleted", "tombstones deleted");
    add(done, report.workers_removed, "dead worker removed", "dead workers removed");
    add(done, report.worker_started ? 1 : 0, "worker started", "workers started");
    std::string text;
    if (!done.empty()) add_part(text, (report.dry_run ? "would do: " : "done: ") + done);
    add_worker_notes(text, report);
    if (text.empty()) text = "nothing to do";
    if (!report.complete) add_part(text, "time limit reached, the next run continues");
    return text + '\n';
}

namespace {

constexpr std::size_t kMaxShown = 20;

std::string jobs_text(std::int64_t jobs) {
    return fmt::format("{} job{}", jobs, jobs == 1 ? "" : "s");
}

}  // namespace

std::string import_json(const Imported& imported) {
    std::string out;
    {
        JsonObject object{out};
        object.integer("imported", imported.recorded);
        object.integer("skipped", imported.skipped);
        object.integer("held", imported.held);
        append_json_array(
            object.member("renumbered"), imported.renumbered,
            [](std::string& text, const Renumbered& job) {
                JsonObject pair{text};
                pair.integer("from", job.from);
                pair.integer("to", job.to);
            });
    }
    return out;
}

std::string import_text(const Imported& imported) {
    std::string text = jobs_text(imported.recorded) + " imported";
    if (imported.skipped > 0) text += fmt::format(", {} already present", imported.skipped);
    text += '\n';
    if (imported.held > 0)
        text += fmt::format(
            "{} queued but on hold; to run one: atlasjob retry JOB\n", jobs_text(imported.held));
    const std::size_t renumbered = imported.renumbered.size();
    for (std::size_t i = 0; i < std::min(renumbered, kMaxShown); ++i)
        text += fmt::format(
            "job {} was renumbered to {}\n", imported.renumbered[i].from,
            imported.renumbered[i].to);
    if (renumbered > kMaxShown)
        text +=
            fmt::format("and {} more were renumbered (--json lists all)\n", renumbered - kMaxShown);
    return text;
}

}  // namespace atlasjob::view

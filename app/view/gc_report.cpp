#include "view/gc_report.h"

#include "view/json_object.h"

#include <fmt/format.h>

namespace atlasjob::view {

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
    }
    return out;
}

std::string gc_text(const GcReport& report) {
    std::string done;
    add(done, report.reaped, "lost attempt settled", "lost attempts settled");
    add(done, report.requeued, "job queued again", "jobs queued again");
    add(done, report.suspects, "silent attempt under suspicion", "silent attempts under suspicion");
    add(done, report.pruned, "old job forgotten", "old jobs forgotten");
    add(done, report.logs_removed, "log file removed", "log files removed");
    add(done, report.tombstones_dropped, "tombstone dropped", "tombstones dropped");
    add(done, report.workers_removed, "dead worker struck out", "dead workers struck out");
    std::string text = report.dry_run ? "would do: " : "done: ";
    text += done.empty() ? "nothing, there is nothing to do" : done;
    if (!report.complete) text += "; the time was up before the end, the next pass goes on";
    return text + '\n';
}

}  // namespace atlasjob::view

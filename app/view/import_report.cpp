#include "view/import_report.h"

#include "view/json_object.h"

#include <fmt/format.h>

namespace atlasjob::view {

namespace {

constexpr std::size_t kMostShown = 20;

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
    if (imported.skipped > 0) text += fmt::format(", {} already here", imported.skipped);
    text += '\n';
    if (imported.held > 0)
        text += fmt::format(
            "{} queued: not run here before you say so (atlasjob retry JOB)\n",
            jobs_text(imported.held));
    const std::size_t renumbered = imported.renumbered.size();
    for (std::size_t i = 0; i < std::min(renumbered, kMostShown); ++i)
        text += fmt::format(
            "job {} is job {} here\n", imported.renumbered[i].from, imported.renumbered[i].to);
    if (renumbered > kMostShown)
        text += fmt::format(
            "and {} more have new numbers (--json tells them all)\n", renumbered - kMostShown);
    return text;
}

}  // namespace atlasjob::view

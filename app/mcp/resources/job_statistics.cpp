#include "mcp/resources/resources.h"
#include "mcp/tools/statistics.h"

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

std::optional<std::string> read_statistics(
    const ToolContext& context, std::string_view /*variable*/) {
    if (!context.principal) return {};
    return own_statistics_json(context);
}

/// The counts. The other numbers change only when a job changes its status, which changes the
/// counts, or with time, which does not count as a change.
std::optional<std::string> statistics_version(
    const ToolContext& context, std::string_view /*variable*/) {
    if (!context.principal) return {};
    const Principal own{context.principal->name, false};
    const auto counts = context.ledger.read_or(
        std::vector<Count>{}, [&](Store& store) { return store.count(own); });
    std::string version;
    for (const Count& count : counts) {
        version += fmt::format(
            "{}/{}/{}={} ", count.queue, count.kind, to_string(count.status), count.jobs);
    }
    return version;
}

}  // namespace

constinit const Resource kJobStatistics = {
    .uri = "atlas://jobs/statistics",
    .name = "job-statistics",
    .title = "Counts of your jobs",
    .description =
        "The answer of get_job_statistics: your jobs by status, queue and kind, the oldest queued "
        "one, and how long jobs took.",
    .mime_type = "application/json",
    .read = read_statistics,
    .version = statistics_version,
};

}  // namespace atlasjob::mcp

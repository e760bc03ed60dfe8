#include "base/error.h"
#include "logs/log_page.h"
#include "mcp/jobs/show_job.h"
#include "mcp/resources/resources.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::mcp {

namespace {

constexpr std::size_t kMaxText = 262'144;

/// The end of the latest attempt's output.
std::optional<std::string> read_log(const ToolContext& context, std::string_view given_id) {
    const FoundJob found = find_job(context, given_id);
    if (!found.job) return {};
    const LogSource source{
        context.ledger.location().logs_root, found.job->job_id, std::max(found.job->attempt, 1)};
    // As many lines as fit.
    return read_log_tail(source, kMaxText, kMaxText).text;
}

/// Output grows without a write to the ledger.
std::optional<std::string> log_version(const ToolContext& context, std::string_view given_id) {
    const FoundJob found = find_job(context, given_id);
    if (!found.job) return {};
    std::int64_t bytes = 0;
    int segments = 0;
    try {
        const std::string root = context.ledger.location().logs_root;
        for (const LogFile& file : log_files(root, found.job->job_id)) {
            bytes += file.bytes;
            segments = std::max(segments, file.segment);
        }
    } catch (const Error&) {
        segments = -1;  // Cannot be read: whoever reads the resource is told why.
    }
    return fmt::format("{}.{}.{}", found.job->attempt, segments, bytes);
}

}  // namespace

constinit const Resource kJobLog = {
    .uri = "atlas://job/{job_id}/log",
    .name = "job-log",
    .title = "A job's output",
    .description =
        "The last 256 KiB that the job's latest attempt has printed, both streams as they were "
        "written; bytes that are not UTF-8 appear as U+FFFD. get_job_output reads all of it.",
    .mime_type = "text/plain",
    .read = read_log,
    .version = log_version,
};

}  // namespace atlasjob::mcp

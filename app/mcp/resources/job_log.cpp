#include "base/error.h"
#include "mcp/jobs/show_job.h"
#include "mcp/jobs/shown_output.h"
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
    const LogSource source{found.job->job_id, std::max(found.job->attempt, 1)};
    LogStore& logs = context.ledger.logs();
    const std::string missing = missing_text(logs, *found.job);
    // No limit on lines other than the size.
    const std::string text = shown_tail(logs, source, {kMaxText, kMaxText}).text;
    return missing.empty() ? text : fmt::format("({})\n{}", missing, text);
}

/// Includes how much output there is: it grows without a commit to the ledger.
std::optional<std::string> log_version(const ToolContext& context, std::string_view given_id) {
    const FoundJob found = find_job(context, given_id);
    if (!found.job) return {};
    LogExtent extent;
    try {
        extent = context.ledger.logs().extent(found.job->job_id);
    } catch (const Error&) {
        extent.revision = -1;  // Unreadable: reading the resource reports the error.
    }
    return fmt::format("{}.{}.{}", found.job->attempt, extent.revision, extent.bytes);
}

}  // namespace

constinit const Resource kJobLog = {
    .uri = "atlas://job/{job_id}/log",
    .name = "job-log",
    .title = "A job's output",
    .description =
        "The last 256 KiB of output of the job's latest attempt as a terminal shows it. "
        "get_job_output reads all of it.",
    .mime_type = "text/plain",
    .read = read_log,
    .version = log_version,
};

}  // namespace atlasjob::mcp

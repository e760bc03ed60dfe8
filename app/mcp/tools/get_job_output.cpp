#include "logs/log_page.h"
#include "mcp/jobs/show_job.h"
#include "mcp/tools/schema.h"
#include "mcp/tools/tools.h"
#include "view/json_object.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxText = 262'144;
constexpr std::size_t kDefaultBytes = 65'536;
constexpr std::size_t kDefaultLines = 100;

constexpr std::string_view kDescription =
    R"(Shows what a background job has printed: its last lines, or page by page from any place. Works while the job runs and after it. Read-only and instant: it does not wait for new output.
WHEN TO USE: to see why a job failed, to check on one that runs, or to read what it produced. WHEN NOT: whether it has ended is told by get_job_status; its result (JSON) is in get_job, and so are the last lines of a failed job (log_tail); to wait for its end use wait_for_job.
ARGUMENTS: stream is both (default; as it was written), stdout or stderr. Either tail_lines (default: the last 100), or offset with limit_bytes (default 65536, at most 262144): 0 is the beginning, else next_offset of an earlier answer for the same stream and attempt. attempt: default the latest.
RETURNS text (at most 256 KiB; bytes that are not UTF-8 appear as U+FFFD), next_offset (where reading goes on; give it back unchanged, it is not always a count of bytes), eof (true: nothing will follow; false while the attempt runs or more is there), dropped (true: output before this text is gone, because the job's log limit was reached; the first and the newest output are kept).
POLLING: to follow a job, call again with offset = next_offset while eof is false; when text was empty wait as next_poll_seconds of get_job says.
ERROR MODES, in a normal result as {"error": ...}: authentication_missing (the server acts for nobody); invalid_parameter (malformed job_id); job_not_found (no such job, somebody else's, or expired: do not guess other ids). With isError true: arguments that do not fit, an attempt that has not been made, or a ledger or log that cannot be read now.
RETENTION: output goes with its job: done and cancelled jobs are kept 7 days, failed ones 30, unless their owner chose otherwise.)";

constexpr std::string_view kInputStart = R"({"type": "object", "properties": {)";
constexpr std::string_view kInputEnd = R"(,
    "stream": {"type": "string", "enum": ["both", "stdout", "stderr"], "default": "both"},
    "tail_lines": {"type": "integer", "minimum": 1, "maximum": 10000, "description": "The last lines; not together with offset"},
    "offset": {"type": "integer", "minimum": 0, "maximum": 9007199254740991, "description": "Where to begin: 0, or next_offset of an earlier answer"},
    "limit_bytes": {"type": "integer", "minimum": 1, "maximum": 262144, "default": 65536},
    "attempt": {"type": "integer", "minimum": 1, "maximum": 2147483647, "description": "Default: the latest"}
}, "required": ["job_id"], "additionalProperties": false})";

constexpr std::string_view kMembers = R"(
    "text": {"type": "string"},
    "next_offset": {"type": "integer", "minimum": 0, "description": "Where reading goes on"},
    "eof": {"type": "boolean", "description": "true: nothing will follow"},
    "dropped": {"type": "boolean", "description": "true: output before this text is gone"})";
constexpr std::string_view kNames = R"("text", "next_offset", "eof", "dropped")";

std::optional<Stream> stream_of(const std::string& word) {
    if (word == "stdout") return Stream::standard_output;
    if (word == "stderr") return Stream::standard_error;
    return {};
}

/// What is wrong with the arguments beyond their schema; empty: nothing.
std::string problem_with(const json& arguments, const Job& job) {
    if (arguments.contains("tail_lines") && arguments.contains("offset"))
        return "tail_lines and offset are two ways to read; give one of them";
    const int latest = std::max(job.attempt, 1);
    const int attempt = arguments.value("attempt", latest);
    if (attempt <= latest) return {};
    return fmt::format(
        "attempt is {}; it must be from 1 to {}: the job has made no more", attempt, latest);
}

LogPage read_page(const LogSource& source, const json& arguments) {
    if (!arguments.contains("offset")) {
        const auto lines = arguments.value("tail_lines", kDefaultLines);
        const auto limit_bytes = arguments.value("limit_bytes", kMaxText);
        return read_log_tail(source, lines, limit_bytes);
    }
    return read_log_page(
        source, arguments.at("offset").get<std::int64_t>(),
        arguments.value("limit_bytes", kDefaultBytes));
}

ToolAnswer get_job_output(const ToolContext& context, const Tool& tool, const json& arguments) {
    const auto& given_id = arguments.at("job_id").get_ref<const std::string&>();
    // Looked up before the log is read: an attempt that has ended by then has written everything.
    const FoundJob found = find_job(context, given_id);
    if (!found.job) return context.contract.refuse(context, found.refused);
    const Job& job = *found.job;
    if (const std::string problem = problem_with(arguments, job); !problem.empty())
        return context.contract.bad_arguments(context, {tool, arguments, problem});
    const int latest = std::max(job.attempt, 1);
    const int attempt = arguments.value("attempt", latest);
    const bool to_come = job.status == Status::running || job.attempt == 0;
    const bool over = attempt < latest || is_terminal(job.status) || !to_come;
    const LogSource source{
        context.ledger.location().logs_root, job.job_id, attempt,
        stream_of(arguments.value("stream", "both")), over};
    const LogPage page = read_page(source, arguments);
    ToolResult result;
    {
        view::JsonObject object{result.text};
        object.text("text", page.text);
        object.integer("next_offset", page.next_offset);
        object.flag("eof", over && page.at_end);
        object.flag("dropped", page.dropped);
    }
    result.structured = true;
    return result;
}

}  // namespace

constinit const Tool kGetJobOutput = {
    .name = "get_job_output",
    .title = "Read a job's output",
    .description = kDescription,
    .input_schema = Joined<kInputStart, kJobIdArgument, kInputEnd>::kText,
    .output_schema = kAnswerSchema<kMembers, kNames>,
    .hints = {.read_only = true, .destructive = false, .idempotent = true, .open_world = false},
    .call = get_job_output,
};

}  // namespace atlasjob::mcp

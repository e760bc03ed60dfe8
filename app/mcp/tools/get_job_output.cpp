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
    R"(Returns what a background job has printed: its last lines, or any part page by page, during the job and afterwards. Read-only and instant: does not wait for new output.
WHEN TO USE: to see why a job failed or what it printed. WHEN NOT: for its status use get_job_status, for its result get_job.
Pass tail_lines, or offset and limit_bytes. While eof is false, pass next_offset unchanged as offset to read on. dropped: earlier output was deleted (log limit).)";

constexpr std::string_view kInputStart = R"({"type": "object", "properties": {)";
constexpr std::string_view kInputEnd = R"(,
    "stream": {"type": "string", "enum": ["both", "stdout", "stderr"], "default": "both"},
    "tail_lines": {"type": "integer", "minimum": 1, "maximum": 10000, "description": "Return the last lines (default: 100); mutually exclusive with offset"},
    "offset": {"type": "integer", "minimum": 0, "maximum": 9007199254740991, "description": "Where to start: 0, or next_offset of an earlier answer for the same stream and attempt"},
    "limit_bytes": {"type": "integer", "minimum": 1, "maximum": 262144, "default": 65536},
    "attempt": {"type": "integer", "minimum": 1, "maximum": 2147483647, "description": "Default: the latest"}
}, "required": ["job_id"], "additionalProperties": false})";

constexpr std::string_view kMembers = R"(
    "text": {"type": "string"},
    "next_offset": {"type": "integer", "minimum": 0, "description": "Pass it as offset to read on; not always a number of bytes"},
    "eof": {"type": "boolean", "description": "true: no more output will follow"},
    "dropped": {"type": "boolean", "description": "true: output before this text was deleted, as the log limit was reached"
})";
constexpr std::string_view kNames = R"("text", "next_offset", "eof", "dropped")";

std::optional<Stream> stream_of(const std::string& word) {
    if (word == "stdout") return Stream::standard_output;
    if (word == "stderr") return Stream::standard_error;
    return {};
}

/// Why arguments that match the schema are invalid all the same; empty if they are valid.
std::string problem_with(const json& arguments, const Job& job) {
    if (arguments.contains("tail_lines") && arguments.contains("offset"))
        return "tail_lines and offset are mutually exclusive; pass one of them";
    const int latest = std::max(job.attempt, 1);
    const int attempt = arguments.value("attempt", latest);
    if (attempt <= latest) return {};
    return fmt::format(
        "attempt is {}; it must be from 1 to {}, the job's latest attempt", attempt, latest);
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
    // Read before the log: if the attempt has ended by now, its log is complete.
    const FoundJob found = find_job(context, given_id);
    if (!found.job) return context.contract.refuse(context, found.refused);
    const Job& job = *found.job;
    if (const std::string problem = problem_with(arguments, job); !problem.empty())
        return context.contract.bad_arguments(context, {tool, arguments, problem});
    const int latest = std::max(job.attempt, 1);
    const int attempt = arguments.value("attempt", latest);
    const bool may_grow = job.status == Status::running || job.attempt == 0;
    const bool over = attempt < latest || is_terminal(job.status) || !may_grow;
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

#include "mcp/jobs/show_job.h"
#include "mcp/jobs/shown_output.h"
#include "mcp/tools/bound.h"
#include "mcp/tools/schema.h"
#include "mcp/tools/tools.h"
#include "view/json_object.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::mcp {

namespace {

constexpr std::size_t kMaxText = 262'144;
constexpr std::size_t kDefaultBytes = 65'536;
constexpr std::size_t kDefaultLines = 100;

constexpr std::string_view kDescription =
    R"(Returns what a background job has printed so far: its last lines, or any part. Read-only and instant: does not wait for more.
WHEN TO USE: to see why a job failed or what it printed. WHEN NOT: for its status use get_job_status, for its result get_job.
Pass tail_lines, or offset and limit_bytes. While eof is false, pass next_offset unchanged as offset to read on. dropped: earlier output was deleted. Text is as a terminal shows it (no colours, a progress bar's last state); raw: as written.)";

constexpr std::string_view kInputStart = R"({"type": "object", "properties": {)";
constexpr std::string_view kInputEnd = R"(,
    "stream": {"type": "string", "enum": ["both", "stdout", "stderr"], "default": "both"},
    "tail_lines": {"type": "integer", "minimum": 1, "maximum": 10000, "description": "The last lines (default: 100); not with offset"},
    "offset": {"type": "integer", "minimum": 0, "maximum": 9007199254740991, "description": "0, or next_offset of an earlier answer with the same stream and attempt"},
    "limit_bytes": {"type": "integer", "minimum": 1, "maximum": 262144, "default": 65536},
    "attempt": {"type": "integer", "minimum": 1, "maximum": 2147483647, "description": "Default: the latest"},
    "raw": {"type": "boolean", "default": false, "description": "With escape sequences and \\r"}
}, "required": ["job_id"], "additionalProperties": false})";

struct GetJobOutputArgs {
    std::string job_id;
    std::string stream = "both";
    std::optional<std::size_t> tail_lines;
    std::optional<std::int64_t> offset;
    std::optional<std::size_t> limit_bytes;
    std::optional<int> attempt;
    bool raw = false;

    template <class Argument>
    void each(Argument& argument) {
        argument("job_id", job_id);
        argument("stream", stream);
        argument("tail_lines", tail_lines);
        argument("offset", offset);
        argument("limit_bytes", limit_bytes);
        argument("attempt", attempt);
        argument("raw", raw);
    }
};

constexpr std::string_view kOwnMembers = R"(,
    "text": {"type": "string"},
    "next_offset": {"type": "integer", "minimum": 0},
    "eof": {"type": "boolean"},
    "dropped": {"type": "boolean"})";
constexpr std::string_view kMembers = Joined<kJobIdMember, kOwnMembers>::kText;
constexpr std::string_view kNames = R"("job_id", "text", "next_offset", "eof", "dropped")";

std::optional<Stream> stream_of(const std::string& word) {
    if (word == "stdout") return Stream::standard_output;
    if (word == "stderr") return Stream::standard_error;
    return {};
}

/// Why arguments that match the schema are invalid all the same; empty if they are valid.
std::string problem_with(const GetJobOutputArgs& args, int latest) {
    if (args.tail_lines && args.offset)
        return "tail_lines and offset are mutually exclusive; pass one of them";
    const int attempt = args.attempt.value_or(latest);
    if (attempt <= latest) return {};
    return fmt::format(
        "attempt is {}; it must be from 1 to {}, the job's latest attempt", attempt, latest);
}

LogPage read_page(LogStore& logs, const LogSource& source, const GetJobOutputArgs& args) {
    if (args.offset) {
        const std::size_t limit = args.limit_bytes.value_or(kDefaultBytes);
        return args.raw ? logs.page(source, *args.offset, limit)
                        : shown_page(logs, source, *args.offset, limit);
    }
    const TailLimits limits{
        args.tail_lines.value_or(kDefaultLines), args.limit_bytes.value_or(kMaxText)};
    return args.raw ? logs.tail(source, limits) : shown_tail(logs, source, limits);
}

ToolAnswer get_job_output(const ToolContext& context, const GetJobOutputArgs& args) {
    // Read before the log: if the attempt has ended by now, its log is complete.
    const FoundJob found = find_job(context, args.job_id, Detail::summary, JobNames::seq_or_last);
    if (!found.job) return context.contract.refuse(context, found.refused);
    const Job& job = *found.job;
    const int latest = std::max(job.attempt, 1);
    if (std::string problem = problem_with(args, latest); !problem.empty())
        return InvalidArguments{std::move(problem)};
    const int attempt = args.attempt.value_or(latest);
    const bool may_grow = job.status == Status::running || job.attempt == 0;
    const bool over = attempt < latest || is_terminal(job.status) || !may_grow;
    const LogSource source{job.job_id, attempt, stream_of(args.stream), over};
    LogStore& logs = context.ledger.logs();
    const LogPage page = read_page(logs, source, args);
    ToolResult result;
    {
        view::JsonObject object{result.text};
        object.text("job_id", job.job_id.view());
        object.text("text", page.text);
        object.integer("next_offset", page.next_offset);
        object.flag("eof", over && page.at_end);
        object.flag("dropped", page.dropped);
        const std::string missing = attempt == latest ? missing_text(logs, job) : std::string{};
        if (!missing.empty()) object.text("output_missing", missing);
    }
    result.structured = true;
    return result;
}

}  // namespace

constinit const Tool kGetJobOutput = {
    .name = "get_job_output",
    .title = "Read a job's output",
    .description = kDescription,
    .input_schema = Joined<kInputStart, kJobArgument, kInputEnd>::kText,
    .output_schema = kAnswerSchema<kMembers, kNames>,
    .hints = {.read_only = true, .destructive = false, .idempotent = true, .open_world = false},
    .function = kBound<get_job_output>,
};

}  // namespace atlasjob::mcp

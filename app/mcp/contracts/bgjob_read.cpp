#include "ledger/log_store.h"
#include "mcp/contracts/bgjob.h"
#include "mcp/jobs/show_job.h"
#include "mcp/jobs/shown_output.h"
#include "view/json_object.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace atlasjob::mcp {

namespace {

using view::JsonObject;

constexpr int kMaxJobs = 1000;
constexpr int kJobsAtATime = 100;
/// The longest list, in bytes, so that clients can accept it.
constexpr std::size_t kMaxList = 1024UL * 1024;

constexpr std::string_view kListDescription =
    R"(List all background jobs with their status. Read-only and instant.

Returns a list of all background jobs, including their job ID, status, command, and start time. Jobs are sorted by start time (newest first).

Only your own jobs, including those of earlier sessions and of the command line; at most the newest 1000. status: running (also while it waits for its turn), completed, failed or killed. started: ISO 8601, UTC.
WHEN TO USE: you do not have a job_id, or want an overview. WHEN NOT: for one job's status use get_job_status, for its output get_job_output.
ERRORS, with isError true: "Failed to list jobs: ..." (the jobs cannot be read now, which says nothing about them).)";

constexpr std::string_view kListInput = R"({"properties": {}, "type": "object"})";

constexpr std::string_view kListOutput = R"({
    "description": "Output from list tool.",
    "properties": {
        "jobs": {
            "description": "List of all jobs",
            "items": {
                "description": "Summary information about a job.",
                "properties": {
                    "job_id": {"description": "UUID v4 job identifier", "title": "Job Id", "type": "string"},
                    "status": {"description": "Current job status", "enum": ["running", "completed", "failed", "killed"], "title": "JobStatus", "type": "string"},
                    "command": {"description": "Shell command being executed", "title": "Command", "type": "string"},
                    "started": {"description": "UTC timestamp when job started", "format": "date-time", "title": "Started", "type": "string"}
                },
                "required": ["job_id", "status", "command", "started"],
                "title": "JobSummary",
                "type": "object"
            },
            "title": "Jobs",
            "type": "array"
        }
    },
    "required": ["jobs"],
    "title": "ListOutput",
    "type": "object"
})";

constexpr std::string_view kOutputDescription =
    R"(Get the complete stdout and stderr output of a job. Read-only and instant: it does not wait for new output.

Args: job_id: The UUID of the job to get output from

Returns: ProcessOutput containing the complete stdout and stderr content

Works while the job runs and after it, also in later sessions; of each stream the newest 512 KiB. Bytes that are not UTF-8 appear as U+FFFD.
WHEN NOT: for the end of a long output use tail_job_output; to see whether the job has ended use get_job_status.
ERRORS, with isError true: "Job <id> not found" (no such job, somebody else's, or one that has expired: do not guess other ids); "Failed to get job output: ..." (it cannot be read now, which says nothing about the job).
RETENTION: output goes with its job: completed and killed ones are kept 7 days, failed ones 30, unless their owner chose otherwise.)";

constexpr std::string_view kOutputInput = R"({
    "properties": {
        "job_id": {"description": "Job ID to get output from", "title": "Job Id", "type": "string"}
    },
    "required": ["job_id"],
    "type": "object"
})";

constexpr std::string_view kTailDescription =
    R"(Get the last N lines of stdout and stderr from a job. Read-only and instant: it does not wait for new output.

Args: job_id: The UUID of the job to tail; lines: Number of lines to return (1-1000, default 50)

Returns: ProcessOutput containing the last N lines of stdout and stderr

N lines of each stream, 512 KiB of each at most. Works while the job runs and after it, also in later sessions.
WHEN TO USE: to follow a job that prints much, or to see why one failed. WHEN NOT: for all of it use get_job_output; to see whether the job has ended use get_job_status.
ERRORS, with isError true: "Job <id> not found" (no such job, somebody else's, or one that has expired: do not guess other ids); "Failed to tail job output: ..." (it cannot be read now, which says nothing about the job).)";

constexpr std::string_view kTailInput = R"({
    "properties": {
        "job_id": {"description": "Job ID to tail", "title": "Job Id", "type": "string"},
        "lines": {"default": 50, "description": "Number of lines to return", "maximum": 1000, "minimum": 1, "title": "Lines", "type": "integer"}
    },
    "required": ["job_id"],
    "type": "object"
})";

struct TailArgs {
    std::string job_id;
    std::size_t lines = 50;

    template <class Argument>
    void each(Argument& argument) {
        argument("job_id", job_id);
        argument("lines", lines);
    }
};

/// The script of a job that runs `sh -c`; nullopt for any other job.
std::optional<std::string> shell_text(const std::vector<std::string>& argv) {
    constexpr std::array<std::string_view, 4> kShells = {"sh", "/bin/sh", "bash", "/bin/bash"};
    const bool is_shell =
        argv.size() == 3 && argv[1] == "-c" && std::ranges::find(kShells, argv[0]) != kShells.end();
    return is_shell ? std::optional{argv[2]} : std::nullopt;
}

/// One word of a command line, quoted for a shell if necessary.
std::string quoted_word(const std::string& word) {
    constexpr std::string_view kPlain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+=:,./-_";
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
    std::string quoted = "'";
    for (const char c : word)
        quoted += c == '\'' ? std::string{R"('"'"')"} : std::string(1, c);
    return quoted + '\'';
}

std::string command_of(const Job& job) {
    if (auto text = shell_text(job.command)) return std::move(*text);
    if (job.command.empty()) return job.name.value_or(job.kind);
    std::string line;
    for (const std::string& word : job.command) {
        line += line.empty() ? "" : " ";
        line += quoted_word(word);
    }
    return line;
}

/// A UTC time as upstream's library writes it: with six fraction digits, or none if they are zero.
std::string iso_time(Time time) {
    std::string text = format_time(time);  // 2026-11-22T12:00:01.000Z
    text.pop_back();
    const std::size_t point = text.rfind('.');
    if (std::string_view{text}.substr(point) == ".000") return text.substr(0, point) + 'Z';
    return text + "000Z";
}

void append_summary(std::string& out, const Contract& contract, const Job& job) {
    JsonObject object{out};
    object.text("job_id", job.job_id.view());
    object.text("status", contract.status_name(job));
    object.text("command", command_of(job));
    object.text("started", iso_time(job.started_at.value_or(job.created_at)));
}

/// The newest jobs, rendered as the elements of a JSON array.
class JobList {
  public:
    explicit JobList(const Contract& contract) : contract_(contract) {}

    /// False if the list is full.
    bool add(const Job& job) {
        std::string summary;
        append_summary(summary, contract_, job);
        if (count_ == kMaxJobs || (count_ > 0 && text_.size() + summary.size() > kMaxList))
            return false;
        if (count_++ > 0) text_ += ',';
        text_ += summary;
        return true;
    }
    const std::string& text() const { return text_; }

  private:
    const Contract& contract_;
    std::string text_;
    int count_ = 0;
};

ToolAnswer list_jobs(const ToolContext& context) {
    if (!context.principal) return context.contract.refuse(context, {.why = Refusal::no_principal});
    ListQuery query;
    query.filter.owners = {context.principal->name};
    query.limit = kJobsAtATime;
    JobList list{context.contract};
    bool room = true;
    do {
        const JobPage page = context.ledger.read_or(
            JobPage{}, [&](Store& store) { return store.list(query, *context.principal); });
        room = std::ranges::all_of(page.jobs, [&](const Job& job) { return list.add(job); });
        query.before_seq = page.next_seq;
    } while (room && query.before_seq);
    ToolResult result;
    result.text = fmt::format(R"({{"jobs":[{}]}})", list.text());
    result.structured = true;
    return result;
}

/// Whether there may be more of a stream's output before this text.
bool is_short(const std::string& text, std::size_t lines) {
    const auto line_ends = static_cast<std::size_t>(std::ranges::count(text, '\n'));
    return line_ends < lines && text.size() < kBgjobMaxOutput / 2;
}

/// The last lines of one stream, within the limit of an answer.
std::string newest_output(
    const ToolContext& context, const Job& job, Stream stream, std::size_t lines) {
    const LogSource source{job.job_id, std::max(job.attempt, 1), stream, is_terminal(job.status)};
    LogStore& logs = context.ledger.logs();
    LogPage page = logs.tail(source, {lines, kBgjobMaxOutput});
    // The other stream may have printed more than the tail covers.
    const std::int64_t bytes = logs.extent(job.job_id).bytes;
    if (bytes > kTailBytes && is_short(page.text, lines))
        page = logs.tail(source, {lines, kBgjobMaxOutput, bytes});
    return std::move(page.text);
}

ToolAnswer show_output(const ToolContext& context, const std::string& given_id, std::size_t lines) {
    // Read before the log: if the attempt has ended by now, its log is complete.
    const FoundJob found = find_job(context, given_id);
    if (!found.job) return context.contract.refuse(context, found.refused);
    const std::string missing = missing_text(context.ledger.logs(), *found.job);
    // The contract has no member for it.
    const std::string note = missing.empty() ? std::string{} : fmt::format("({})\n", missing);
    return bgjob_output(
        newest_output(context, *found.job, Stream::standard_output, lines),
        note + newest_output(context, *found.job, Stream::standard_error, lines));
}

ToolAnswer get_job_output(const ToolContext& context, const JobIdArgs& args) {
    return show_output(context, args.job_id, std::numeric_limits<std::int32_t>::max());
}

ToolAnswer tail_job_output(const ToolContext& context, const TailArgs& args) {
    return show_output(context, args.job_id, args.lines);
}

constexpr ToolHints kReadOnlyHints = {
    .read_only = true, .destructive = false, .idempotent = true, .open_world = false};

}  // namespace

constinit const Tool kBgjobListJobs = {
    .name = "list_jobs",
    .title = "List jobs",
    .description = kListDescription,
    .input_schema = kListInput,
    .output_schema = kListOutput,
    .hints = kReadOnlyHints,
    .function = kBound<list_jobs>,
};

constinit const Tool kBgjobGetJobOutput = {
    .name = "get_job_output",
    .title = "Get job output",
    .description = kOutputDescription,
    .input_schema = kOutputInput,
    .output_schema = kBgjobOutputSchema,
    .hints = kReadOnlyHints,
    .function = kBound<get_job_output>,
};

constinit const Tool kBgjobTailJobOutput = {
    .name = "tail_job_output",
    .title = "Tail job output",
    .description = kTailDescription,
    .input_schema = kTailInput,
    .output_schema = kBgjobOutputSchema,
    .hints = kReadOnlyHints,
    .function = kBound<tail_job_output>,
};

}  // namespace atlasjob::mcp

#include "base/text.h"
#include "mcp/contracts/bgjob.h"
#include "mcp/jobs/job_verbs.h"
#include "mcp/tools/bound.h"
#include "mcp/tools/start_job.h"
#include "runner/attempt/detached.h"
#include "view/json_object.h"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;

/// The label that marks jobs started by this tool.
constexpr std::string_view kContractLabel = "contract";

constexpr std::string_view kDescription =
    R"(Execute a command as a background job and return job ID.

Args: command: Shell command to execute in the background

Returns: ExecuteOutput containing the job ID (UUID) of the started job

The command is given to /bin/sh -c, in this server's directory and environment, and starts at once; the answer comes once the job is recorded for good, so that it outlives this server, the session and its host. Its standard input stays open for interact_with_job.
WHEN TO USE: for work of more than some seconds, and for programs that are to be spoken with. WHEN NOT: quick commands are simpler in a shell.
THEN: get_job_status tells when it has ended (poll every 2-3 seconds at first, then less often), get_job_output what it printed; kill_job (where it is listed) ends it. A command that cannot start is a job that failed.
ERRORS, with isError true and nothing started: "Invalid command: ..." (it is blank); "Job limit reached: ..." (so many jobs of this tool run already: wait for one or kill one); "Failed to start job: ..." and "Failed to execute command: ..." (the jobs cannot be written now).
RETENTION: completed and killed jobs are kept 7 days, failed ones 30. The command and this server's environment rest in the ledger file: give no secrets that must not.)";

constexpr std::string_view kInputSchema = R"({
    "properties": {
        "command": {"description": "Shell command to execute", "title": "Command", "type": "string"}
    },
    "required": ["command"],
    "type": "object"
})";

constexpr std::string_view kOutputSchema = R"({
    "description": "Output from execute tool.",
    "properties": {
        "job_id": {"description": "UUID v4 job identifier", "title": "Job Id", "type": "string"}
    },
    "required": ["job_id"],
    "title": "ExecuteOutput",
    "type": "object"
})";

struct ExecuteArgs {
    std::string command;

    template <class Argument>
    void each(Argument& argument) {
        argument("command", command);
    }
};

/// The longest single argument that Linux accepts, without its terminator.
constexpr std::size_t kMaxCommand = 131'071;

/// Why the command cannot be run; empty if it can.
std::string_view problem_with(std::string_view command) {
    if (trim(command).empty()) return "Command cannot be empty";
    if (command.size() > kMaxCommand) return "Command cannot be longer than 131071 bytes";
    if (command.find('\0') != std::string_view::npos) return "Command cannot hold NUL characters";
    return {};
}

Label own_label(const ToolContext& context) {
    return {std::string{kContractLabel}, std::string{context.contract.name}};
}

std::int64_t live_jobs(const ToolContext& context) {
    ListQuery query;
    query.filter.owners = {context.principal->name};
    query.filter.statuses = {Status::queued, Status::running};
    query.filter.labels = {own_label(context)};
    query.limit = 1;
    return context.ledger.read_or(std::int64_t{0}, [&](Store& store) {
        return std::int64_t{store.list(query, *context.principal).total};
    });
}

bool limit_reached(const ToolContext& context) {
    const int limit = context.launching.job_limit;
    if (live_jobs(context) < limit) return false;
    // Some of them may be lost: reap those first.
    reap_lost(context);
    return live_jobs(context) >= limit;
}

std::vector<std::string> argv_for(const ToolContext& context, const std::string& command) {
    std::vector<Label> labels = provenance_labels(context);
    labels.push_back(own_label(context));
    return context.launching.detached_argv(
        {context.principal->name, std::move(labels), command, context.session});
}

/// The error printed by a supervisor that did not start.
std::string reason_of(const DetachedStart& start) {
    const json answer = json::parse(start.err, nullptr, false);
    const json::json_pointer message{"/error/message"};
    if (answer.is_object() && answer.contains(message))
        return answer.at(message).get<std::string>();
    return start.err.empty() ? "its supervisor exited before the command started"
                             : repair_utf8(start.err);
}

ToolResult not_started(std::string_view why) {
    return bgjob_failure(fmt::format("Failed to start job: {}", why));
}

ToolResult start(const ToolContext& context, const std::string& command) {
    if (!context.launching.detached_argv) return not_started("this server cannot start jobs");
    const UniqueFd dev_null = open_file("/dev/null", O_RDONLY);
    if (!dev_null) throw Error(ErrorCode::unavailable, "/dev/null: " + errno_text(errno));
    const DetachedStart started = start_detached(argv_for(context, command), dev_null.get());
    const auto id = JobId::parse(trim(started.out));
    if (!id) return not_started(reason_of(started));
    ToolResult result;
    view::JsonObject{result.text}.text("job_id", id->view());
    result.structured = true;
    return result;
}

ToolAnswer execute_command(const ToolContext& context, const ExecuteArgs& args) {
    if (!context.principal) return context.contract.refuse(context, {.why = Refusal::no_principal});
    const std::string_view problem = problem_with(args.command);
    if (!problem.empty()) return bgjob_failure(fmt::format("Invalid command: {}", problem));
    if (limit_reached(context)) {
        return bgjob_failure(fmt::format(
            "Job limit reached: Maximum concurrent jobs limit ({}) reached",
            context.launching.job_limit));
    }
    return start(context, args.command);
}

}  // namespace

constinit const Tool kBgjobExecuteCommand = {
    .name = "execute_command",
    .title = "Execute command",
    .description = kDescription,
    .input_schema = kInputSchema,
    .output_schema = kOutputSchema,
    .hints = {.read_only = false, .destructive = true, .idempotent = false, .open_world = true},
    .needs = RequiredPermission::submit,
    .function = kBound<execute_command>,
};

}  // namespace atlasjob::mcp

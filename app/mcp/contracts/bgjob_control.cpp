#include "ledger/log_store.h"
#include "mcp/contracts/bgjob.h"
#include "mcp/jobs/job_verbs.h"
#include "mcp/jobs/show_job.h"
#include "view/json_object.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::mcp {

namespace {

/// How long to wait for output after sending input.
constexpr milliseconds kOutputWait{100};
/// How long to wait for a busy command to make room in a full input pipe.
constexpr milliseconds kInputTimeout{2'000};
constexpr milliseconds kKillGrace{5'000};
/// Longer than TERM, the grace period and KILL can take.
constexpr milliseconds kKillTimeout{10'000};

constexpr std::string_view kInteractDescription =
    R"(Send input to a job's stdin and return any immediate output.

Args: job_id: The UUID of the job to interact with; input: Text to send to the job's stdin (a line end is added)

Returns: ProcessOutput containing any immediate stdout/stderr output after sending input

The output is what came within 0.1 seconds; what comes later is shown by get_job_output and tail_job_output. Works also for jobs that earlier sessions started.
WHEN TO USE: to speak with a program that execute_command started: a prompt, an interpreter, a debugger. The input cannot be ended; send what the program takes for its end (exit, quit), or use kill_job.
ERRORS, with isError true: "Job <id> not found" (no such job, somebody else's, or one that has expired: do not guess other ids); "Job <id> is not running and cannot accept input" (it has ended, has closed its input, or was not started by execute_command); "Failed to interact with job: ..." (it does not read what was sent before, or the jobs cannot be read now).)";

constexpr std::string_view kInteractInput = R"({
    "properties": {
        "job_id": {"description": "Job ID to interact with", "title": "Job Id", "type": "string"},
        "input": {"description": "Input to send to the job's stdin", "title": "Input", "type": "string"}
    },
    "required": ["job_id", "input"],
    "type": "object"
})";

constexpr std::string_view kKillDescription =
    R"(Kill a running background job.

Args: job_id: The UUID of the job to terminate

Returns: KillOutput indicating the result of the kill operation

It gets SIGTERM, and SIGKILL after 5 seconds, together with everything it started; the answer comes once all of that is gone. status: killed (the job's status is killed from now on, whatever it exited with), already_terminated (it had ended by itself; nothing changed), not_found (no such job, somebody else's, or one that has expired: do not guess other ids).
WHEN TO USE: the work is not wanted any more, or is stuck, and you or your user started it. It cannot be undone.
ERRORS, with isError true: "Failed to kill job: ..." (the jobs cannot be written now: nothing was done).)";

constexpr std::string_view kKillInput = R"({
    "properties": {
        "job_id": {"description": "Job ID to kill", "title": "Job Id", "type": "string"}
    },
    "required": ["job_id"],
    "type": "object"
})";

constexpr std::string_view kKillOutput = R"({
    "description": "Output from kill tool.",
    "properties": {
        "status": {"description": "Kill operation result", "enum": ["killed", "already_terminated", "not_found"], "title": "Status", "type": "string"}
    },
    "required": ["status"],
    "title": "KillOutput",
    "type": "object"
})";

struct InteractArgs {
    std::string job_id;
    std::string input;

    template <class Argument>
    void each(Argument& argument) {
        argument("job_id", job_id);
        argument("input", input);
    }
};

/// One stream of an attempt, and the offset where its output ended when input was sent.
struct StreamOutput {
    LogStore& logs;
    LogSource source;
    std::int64_t end = 0;

    /// The output since then.
    std::string new_output(bool over) {
        source.ended = over;
        return logs.page(source, end, kBgjobMaxOutput).text;
    }
};

StreamOutput start_reading(const ToolContext& context, const Job& job, Stream stream) {
    StreamOutput read{context.ledger.logs(), {job.job_id, job.attempt, stream}};
    read.end = read.logs.tail(read.source, {1, 1}).next_offset;
    return read;
}

SendResult send(const ToolContext& context, const Job& job, const std::string& input) {
    JobInput& to = context.ledger.logs().input();
    return to.send(job.job_id, job.attempt, input + '\n', kInputTimeout);
}

ToolAnswer interact_with_job(const ToolContext& context, const InteractArgs& args) {
    const FoundJob found = find_job(context, args.job_id);
    if (!found.job) return context.contract.refuse(context, found.refused);
    const Job& job = *found.job;
    StreamOutput out = start_reading(context, job, Stream::standard_output);
    StreamOutput err = start_reading(context, job, Stream::standard_error);
    const SendResult sending = job.status == Status::running
                                   ? send(context, job, args.input)
                                   : SendResult{SendResult::State::not_accepting};
    if (sending.state == SendResult::State::not_accepting)
        return bgjob_failure(
            fmt::format("Job {} is not running and cannot accept input", args.job_id));
    if (sending.state == SendResult::State::timed_out)
        return bgjob_failure(
            kBgjobInteractWithJob,
            fmt::format("it is not reading its input; only {} bytes were sent", sending.bytes));
    return Wait{job.job_id, kOutputWait, [out, err](const Job& now, bool /*timed_out*/) mutable {
                    const bool over = is_terminal(now.status);
                    return bgjob_output(out.new_output(over), err.new_output(over));
                }};
}

ToolResult kill_result(std::string_view status) {
    ToolResult result;
    view::JsonObject{result.text}.text("status", status);
    result.structured = true;
    return result;
}

ToolAnswer kill_job(const ToolContext& context, const JobIdArgs& args) {
    const FoundJob found = find_job(context, args.job_id);
    if (found.refused.why == Refusal::no_principal)
        return context.contract.refuse(context, found.refused);
    if (!found.job) return kill_result("not_found");
    const JobId& id = found.job->job_id;
    const CancelRequest request{context.principal->name, {}, kKillGrace};
    switch (request_cancel(context, id, request)) {
        case CancelResult::cancelled:
            return kill_result("killed");
        case CancelResult::already_terminal:
            return kill_result("already_terminated");
        case CancelResult::requested:
        case CancelResult::already_requested:
            break;
    }
    // If the job's supervisor is gone, no other process would end it.
    reap_lost(context, id);
    return Wait{id, kKillTimeout, [](const Job& now, bool timed_out) {
                    // If it takes longer, the cancel is still in progress.
                    const bool killed = timed_out || now.status == Status::cancelled;
                    return kill_result(killed ? "killed" : "already_terminated");
                }};
}

}  // namespace

constinit const Tool kBgjobInteractWithJob = {
    .name = "interact_with_job",
    .title = "Interact with job",
    .description = kInteractDescription,
    .input_schema = kInteractInput,
    .output_schema = kBgjobOutputSchema,
    .hints = {.read_only = false, .destructive = true, .idempotent = false, .open_world = true},
    .needs = RequiredPermission::submit,
    .function = kBound<interact_with_job>,
};

constinit const Tool kBgjobKillJob = {
    .name = "kill_job",
    .title = "Kill job",
    .description = kKillDescription,
    .input_schema = kKillInput,
    .output_schema = kKillOutput,
    .hints = {.read_only = false, .destructive = true, .idempotent = true, .open_world = false},
    .needs = RequiredPermission::cancel,
    .function = kBound<kill_job>,
};

}  // namespace atlasjob::mcp

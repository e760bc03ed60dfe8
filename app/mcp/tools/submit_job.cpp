#include "base/json_text.h"
#include "base/signals.h"
#include "ledger/limits.h"
#include "mcp/contracts/contract.h"
#include "mcp/jobs/agent_error.h"
#include "mcp/tools/bound.h"
#include "mcp/tools/start_job.h"
#include "mcp/tools/tools.h"
#include "runner/attempt/capture.h"

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

constexpr std::string_view kDescription =
    R"(Starts a command as a background job and returns its job_id once the job is durably stored. The job outlives this session.
WHEN TO USE: for work of more than a few seconds. WHEN NOT: if a tool for the purpose is listed; to run an ended job again use retry_job.
Pass command (program and arguments, no shell) or script (for /bin/sh -c). With key, a repeated call returns the active job with that key, and created is false. THEN use wait_for_job or get_job_status; cancel_job, if listed, cancels it.)";

constexpr std::string_view kInputSchema = R"({"type": "object", "properties": {
    "command": {"type": "array", "items": {"type": "string"}, "minItems": 1, "description": "Program and arguments, e.g. [\"make\", \"-j4\"]; no shell"},
    "script": {"type": "string", "minLength": 1, "description": "Instead of command: a text for /bin/sh -c"},
    "cwd": {"type": "string", "minLength": 1, "description": "Directory to run in; default: this server's"},
    "env": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Variables to add to this server's environment; stored in the ledger file, so pass no secrets"},
    "clean_env": {"type": "boolean", "default": false, "description": "Pass on only PATH, HOME and USER"},
    "kind": {"type": "string", "minLength": 1, "maxLength": 64, "default": "command", "description": "The type of work; one word, for filters"},
    "name": {"type": "string", "minLength": 1, "maxLength": 1024, "description": "A name for people"},
    "target": {"description": "Any JSON: what the work is about"},
    "labels": {"type": "object", "additionalProperties": {"type": "string"}, "description": "For filters; the server sets session and project itself if its host provides them"},
    "queue": {"type": "string", "minLength": 1, "maxLength": 64, "default": "default"},
    "priority": {"type": "integer", "minimum": -1000000, "maximum": 1000000, "default": 0, "description": "Higher starts first"},
    "timeout_seconds": {"type": "number", "minimum": 0.001, "maximum": 3162240000, "description": "Stop the job after this time"},
    "grace_seconds": {"type": "number", "minimum": 0, "maximum": 3162240000, "default": 10, "description": "On timeout or cancel: time between kill_signal and KILL"},
    "kill_signal": {"type": "string", "default": "TERM"},
    "retries": {"type": "integer", "minimum": 0, "maximum": 999, "default": 0, "description": "How often to retry after an error"},
    "backoff_seconds": {"type": "number", "minimum": 0, "maximum": 3162240000, "default": 10, "description": "Delay before the first retry"},
    "backoff_factor": {"type": "number", "minimum": 1, "maximum": 100, "default": 2, "description": "How much the delay grows per retry; 1: constant"},
    "delay_seconds": {"type": "number", "minimum": 0, "maximum": 3162240000, "default": 0, "description": "Start it after this time at the earliest"},
    "after": {"type": "array", "items": {"type": "string"}, "description": "job_ids that must be done first; if one of them fails or is cancelled, this job is cancelled"},
    "after_ended": {"type": "array", "items": {"type": "string"}, "description": "job_ids that must have ended first, in any way"},
    "key": {"type": "string", "minLength": 1, "maxLength": 1024, "description": "While a job of yours with this key is queued or running, that job is returned and nothing is started"},
    "retain_seconds": {"type": "number", "minimum": 0, "maximum": 3162240000, "description": "How long to keep the job after it has ended"},
    "result": {"type": "string", "enum": ["report", "stdout"], "default": "report", "description": "stdout: the whole standard output, parsed as JSON, becomes the result"}
}, "additionalProperties": false})";

using Pairs = std::map<std::string, std::string>;

struct SubmitJobArgs {
    std::optional<std::vector<std::string>> command;
    std::optional<std::string> script;
    std::optional<std::string> cwd;
    Pairs env;
    bool clean_env = false;
    std::string kind = "command";
    std::optional<std::string> name;
    std::optional<JsonText> target;
    Pairs labels;
    std::string queue = "default";
    int priority = 0;
    std::optional<double> timeout_seconds;
    std::optional<double> grace_seconds;
    std::optional<std::string> kill_signal;
    int retries = 0;
    std::optional<double> backoff_seconds;
    std::optional<double> backoff_factor;
    double delay_seconds = 0;
    std::vector<std::string> after;
    std::vector<std::string> after_ended;
    std::optional<std::string> key;
    std::optional<double> retain_seconds;
    std::string result = "report";

    template <class Argument>
    void each(Argument& argument) {
        argument("command", command);
        argument("script", script);
        argument("cwd", cwd);
        argument("env", env);
        argument("clean_env", clean_env);
        argument("kind", kind);
        argument("name", name);
        argument("target", target);
        argument("labels", labels);
        argument("queue", queue);
        argument("priority", priority);
        argument("timeout_seconds", timeout_seconds);
        argument("grace_seconds", grace_seconds);
        argument("kill_signal", kill_signal);
        argument("retries", retries);
        argument("backoff_seconds", backoff_seconds);
        argument("backoff_factor", backoff_factor);
        argument("delay_seconds", delay_seconds);
        argument("after", after);
        argument("after_ended", after_ended);
        argument("key", key);
        argument("retain_seconds", retain_seconds);
        argument("result", result);
    }
};

[[noreturn]] void refuse(const std::string& problem) {
    throw Error(ErrorCode::invalid_argument, problem);
}

milliseconds from_seconds(double seconds) {
    return milliseconds{static_cast<std::int64_t>(seconds * 1000)};
}

std::vector<std::string> argv_of(const SubmitJobArgs& args) {
    if (args.command.has_value() == args.script.has_value())
        refuse("pass exactly one of command and script");
    if (args.command) return *args.command;
    return {"/bin/sh", "-c", *args.script};
}

CaptureOptions capture_options(const SubmitJobArgs& args) {
    CaptureOptions options;
    options.cwd = args.cwd;
    options.clean_env = args.clean_env;
    for (const auto& [name, value] : args.env) {
        if (name.empty() || name.find('=') != std::string::npos)
            refuse(fmt::format(
                "env has {}; a name must not be empty or contain =", quoted_json(name)));
        options.env.push_back(fmt::format("{}={}", name, value));
    }
    return options;
}

std::vector<JobId> ids_of(std::string_view argument, const std::vector<std::string>& texts) {
    std::vector<JobId> ids;
    for (const std::string& text : texts) {
        const auto id = JobId::parse(text);
        if (!id) refuse(fmt::format("{} has {}; it must be a job_id", argument, quoted_json(text)));
        ids.push_back(*id);
    }
    return ids;
}

std::string target_of(const JsonText& given) {
    if (auto text = compact_json(given.text)) return std::move(*text);
    refuse(fmt::format("target nests deeper than {} levels; flatten it", kDeepestJson));
}

void describe(NewJob& job, const SubmitJobArgs& args) {
    job.kind = args.kind;
    job.name = args.name;
    job.queue = args.queue;
    job.key = args.key;
    if (args.target) job.target = target_of(*args.target);
    for (const auto& [key, value] : args.labels)
        job.labels.push_back({key, value});
    job.priority = args.priority;
}

void schedule(NewJob& job, const SubmitJobArgs& args, Time now) {
    job.max_attempts = args.retries + 1;
    job.after = ids_of("after", args.after);
    job.after_ended = ids_of("after_ended", args.after_ended);
    if (args.timeout_seconds) job.timeout = from_seconds(*args.timeout_seconds);
    if (args.retain_seconds) job.retention = from_seconds(*args.retain_seconds);
    if (args.delay_seconds > 0) job.run_after = now + from_seconds(args.delay_seconds);
}

std::string kill_signal_of(const std::string& text) {
    if (auto name = kill_signal_name(text)) return std::move(*name);
    refuse(fmt::format(
        "kill_signal is {}; it must be a signal that ends a process, such as INT",
        quoted_json(text)));
}

CommandSpec command_of(const SubmitJobArgs& args) {
    CommandSpec command = capture_command(argv_of(args), capture_options(args));
    if (args.result == "stdout") command.result_from = ResultFrom::standard_output;
    if (args.backoff_seconds) command.backoff = from_seconds(*args.backoff_seconds);
    command.backoff_factor = args.backoff_factor;
    if (args.grace_seconds) command.grace = from_seconds(*args.grace_seconds);
    if (args.kill_signal) command.kill_signal = kill_signal_of(*args.kill_signal);
    return command;
}

/// Throws Error(invalid_argument), naming the argument.
NewJob job_of(const ToolContext& context, const SubmitJobArgs& args) {
    NewJob job = new_job(context);
    describe(job, args);
    schedule(job, args, context.clock.now());
    job.command = command_of(args);
    check(job);
    return job;
}

ToolAnswer submit_job(const ToolContext& context, const SubmitJobArgs& args) {
    if (!context.principal) return context.contract.refuse(context, {.why = Refusal::no_principal});
    try {
        return start_job(context, job_of(context, args));
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid_argument) throw;
        return InvalidArguments{for_agents(error).what()};
    }
}

}  // namespace

constinit const Tool kSubmitJob = {
    .name = "submit_job",
    .title = "Start a background job",
    .description = kDescription,
    .input_schema = kInputSchema,
    .output_schema = kStartSchema,
    .hints = {.read_only = false, .destructive = true, .idempotent = false, .open_world = true},
    .needs = RequiredPermission::submit,
    .task_support = TaskSupport::optional,
    .function = kBound<submit_job>,
};

}  // namespace atlasjob::mcp

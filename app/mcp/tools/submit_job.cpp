#include "base/json_text.h"
#include "ledger/limits.h"
#include "mcp/protocol/request_params.h"
#include "mcp/tools/start_job.h"
#include "mcp/tools/tools.h"
#include "runner/attempt/capture.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;

constexpr std::string_view kDescription =
    R"(Starts a command as a background job and returns its job_id once the job is durably stored. The job outlives this session.
WHEN TO USE: for work of more than a few seconds. WHEN NOT: if a tool for the purpose is listed; to run an ended job again use retry_job.
Pass command (program and arguments, no shell) or script (for /bin/sh -c). With key, a repeated call returns the active job with that key. THEN use wait_for_job or get_job_status; cancel_job, if listed, cancels it.)";

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
    "retries": {"type": "integer", "minimum": 0, "maximum": 999, "default": 0, "description": "How often to retry after an error"},
    "delay_seconds": {"type": "number", "minimum": 0, "maximum": 3162240000, "default": 0, "description": "Start it after this time at the earliest"},
    "after": {"type": "array", "items": {"type": "string"}, "description": "job_ids that must be done first; if one of them fails or is cancelled, this job is cancelled"},
    "key": {"type": "string", "minLength": 1, "maxLength": 1024, "description": "While a job of yours with this key is queued or running, that job is returned and nothing is started"},
    "retain_seconds": {"type": "number", "minimum": 0, "maximum": 3162240000, "description": "How long to keep the job after it has ended"},
    "result": {"type": "string", "enum": ["report", "stdout"], "default": "report", "description": "stdout: the whole standard output, parsed as JSON, becomes the result"}
}, "additionalProperties": false})";

[[noreturn]] void refuse(const std::string& problem) {
    throw Error(ErrorCode::invalid_argument, problem);
}

milliseconds seconds_at(const json& arguments, const char* key) {
    return milliseconds{static_cast<std::int64_t>(arguments.at(key).get<double>() * 1000)};
}

std::vector<std::string> argv_of(const json& arguments) {
    if (arguments.contains("command") == arguments.contains("script"))
        refuse("pass exactly one of command and script");
    if (arguments.contains("command"))
        return arguments.at("command").get<std::vector<std::string>>();
    return {"/bin/sh", "-c", arguments.at("script").get<std::string>()};
}

CaptureOptions capture_options(const json& arguments) {
    CaptureOptions options;
    if (arguments.contains("cwd")) options.cwd = arguments.at("cwd").get<std::string>();
    options.clean_env = arguments.value("clean_env", false);
    for (const auto& [name, value] : optional_object(arguments, "env").items()) {
        if (name.empty() || name.find('=') != std::string::npos)
            refuse(fmt::format(
                "env has {}; a name must not be empty or contain =", json(name).dump()));
        options.env.push_back(fmt::format("{}={}", name, value.get_ref<const std::string&>()));
    }
    return options;
}

std::vector<JobId> after_of(const json& arguments) {
    std::vector<JobId> ids;
    for (const json& text : arguments.value("after", json::array())) {
        const auto id = JobId::parse(text.get_ref<const std::string&>());
        if (!id) refuse(fmt::format("after has {}; it must be a job_id", text.dump()));
        ids.push_back(*id);
    }
    return ids;
}

std::string target_of(const json& value) {
    if (auto text = compact_json(value.dump())) return std::move(*text);
    refuse(fmt::format("target nests deeper than {} levels; flatten it", kDeepestJson));
}

void set_text(std::string& text, const json& arguments, const char* key) {
    if (arguments.contains(key)) text = arguments.at(key).get<std::string>();
}
void set_text(std::optional<std::string>& text, const json& arguments, const char* key) {
    if (arguments.contains(key)) text = arguments.at(key).get<std::string>();
}

void describe(NewJob& job, const json& arguments) {
    set_text(job.kind, arguments, "kind");
    set_text(job.name, arguments, "name");
    set_text(job.queue, arguments, "queue");
    set_text(job.key, arguments, "key");
    if (arguments.contains("target")) job.target = target_of(arguments.at("target"));
    for (const auto& [key, value] : optional_object(arguments, "labels").items())
        job.labels.push_back({key, value.get<std::string>()});
    job.priority = arguments.value("priority", 0);
}

void schedule(NewJob& job, const json& arguments, Time now) {
    job.max_attempts = arguments.value("retries", 0) + 1;
    job.after = after_of(arguments);
    if (arguments.contains("timeout_seconds"))
        job.timeout = seconds_at(arguments, "timeout_seconds");
    if (arguments.contains("retain_seconds"))
        job.retention = seconds_at(arguments, "retain_seconds");
    if (arguments.value("delay_seconds", 0.0) > 0)
        job.run_after = now + seconds_at(arguments, "delay_seconds");
}

/// Throws Error(invalid_argument), naming the argument.
NewJob job_of(const ToolContext& context, const json& arguments) {
    NewJob job = new_job(context);
    describe(job, arguments);
    schedule(job, arguments, context.clock.now());
    job.command = capture_command(argv_of(arguments), capture_options(arguments));
    if (arguments.value("result", "report") == "stdout")
        job.command->result_from = ResultFrom::standard_output;
    check(job);
    return job;
}

ToolAnswer submit_job(const ToolContext& context, const Tool& tool, const json& arguments) {
    if (!context.principal) return context.contract.refuse(context, {.why = Refusal::no_principal});
    try {
        return start_job(context, job_of(context, arguments));
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid_argument) throw;
        return context.contract.bad_arguments(context, {tool, arguments, error.what()});
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
    .call = submit_job,
};

}  // namespace atlasjob::mcp

#include "view/record_json.h"

#include "base/base64.h"
#include "base/json_text.h"
#include "base/text.h"
#include "view/job_json.h"
#include "view/json_object.h"

#include <algorithm>

namespace atlasjob::view {

namespace {

bool is_utf8(std::string_view text) {
    return repair_utf8(text) == text;
}

void add_supervisor(JsonObject& attempt, const std::optional<ProcessIdentity>& supervisor) {
    if (!supervisor) return attempt.null("supervisor");
    JsonObject object{attempt.member("supervisor")};
    object.text("host", supervisor->host);
    object.text("machine_id", supervisor->machine_id);
    object.text("boot_id", supervisor->boot_id);
    object.integer("pid_namespace", static_cast<std::int64_t>(supervisor->pid_namespace));
    object.integer("time_namespace", static_cast<std::int64_t>(supervisor->time_namespace));
    object.integer("pid", supervisor->pid);
    object.integer("start_ticks", static_cast<std::int64_t>(supervisor->start_ticks));
}

void add_process(JsonObject& attempt, const std::optional<AttemptProcess>& process) {
    if (!process) return attempt.null("process");
    JsonObject object{attempt.member("process")};
    object.integer("pid", process->pid);
    object.integer("start_ticks", static_cast<std::int64_t>(process->start_ticks));
}

void append_attempt(std::string& out, const AttemptRecord& attempt) {
    JsonObject object{out};
    object.integer("n", std::int64_t{attempt.n});
    object.integer("fence", attempt.fence);
    add_supervisor(object, attempt.supervisor);
    add_process(object, attempt.process);
    object.time("started_at", attempt.started_at);
    object.time("ended_at", attempt.ended_at);
    object.integer("exit_code", attempt.exit_code);
    object.text("signal", attempt.signal);
    object.text("outcome", attempt.outcome);
    if (attempt.reason) {
        object.text("reason", to_string(*attempt.reason));
    } else {
        object.null("reason");
    }
    object.text("error", attempt.error);
    object.text("error_code", attempt.error_code);
    object.json("result", attempt.result);
    add_usage(object, "usage", attempt.usage);
}

/// Adds `key`, or `key`_base64 if the bytes are not UTF-8.
void add_bytes(
    JsonObject& object, const std::string& key, const std::optional<std::string>& bytes) {
    if (!bytes) return object.null(key);
    if (is_utf8(*bytes)) return object.text(key, *bytes);
    object.text(key + "_base64", to_base64(*bytes));
}

void add_base64(JsonObject& object, const std::string& key, const std::vector<std::string>& words) {
    append_json_array(
        object.member(key + "_base64"), words, [](std::string& out, const std::string& word) {
            append_json_string(out, to_base64(word));
        });
}

void add_environment(JsonObject& object, const std::vector<std::string>& environment) {
    if (std::ranges::all_of(environment, is_utf8)) return object.texts("env", environment);
    add_base64(object, "env", environment);
}

void add_command(JsonObject& object, const CommandSpec& command, bool with_environment) {
    // The job's own keys contain the command, unless its bytes are not UTF-8.
    if (!std::ranges::all_of(command.argv, is_utf8)) add_base64(object, "command", command.argv);
    if (!is_utf8(command.cwd)) object.text("cwd_base64", to_base64(command.cwd));
    object.integer("umask", std::int64_t{command.umask});
    object.text("process_attributes", command.attributes);
    object.text(
        "result_from",
        std::string_view{command.result_from == ResultFrom::report ? "report" : "stdout"});
    object.integer("log_limit_bytes", command.log_limit_bytes);
    object.flag("keep_strays", command.keep_strays);
    object.duration("grace_ms", command.grace);
    object.text("kill_signal", command.kill_signal);
    object.duration("backoff_ms", command.backoff);
    object.number("backoff_factor", command.backoff_factor);
    add_bytes(object, "on_end", command.on_end);
    object.text("progress_from", command.progress_from);
    add_bytes(object, "stdin", command.input);
    if (with_environment) add_environment(object, command.environment);
}

/// The job's own keys have nothing of a hook.
void add_hook(JsonObject& object, const CommandSpec& hook, bool with_environment) {
    object.text("cwd_base64", to_base64(hook.cwd));
    object.integer("umask", std::int64_t{hook.umask});
    object.text("process_attributes", hook.attributes);
    add_bytes(object, "on_end", hook.on_end);
    if (with_environment) add_environment(object, hook.environment);
}

void append_spec(std::string& out, const JobRecord& record, bool with_environment) {
    JsonObject object{out};
    object.duration("retain_ms", record.job.retention);
    object.duration("lease_ms", record.lease);
    object.duration("cancel_grace_ms", record.cancel_grace);
    object.text("cancel_reason", record.cancel_text);
    append_json_array(object.member("met"), record.met, [](std::string& text, const JobId& id) {
        append_json_string(text, id.view());
    });
    if (record.command) add_command(object, *record.command, with_environment);
    if (record.hook) add_hook(object, *record.hook, with_environment);
}

}  // namespace

void append_record_json(
    std::string& out, const JobRecord& record, bool with_environment, Time now) {
    append_job_json(out, record.job, now);
    out.back() = ',';  // Replaces the closing brace to continue the object.
    out += "\"attempts\":";
    append_json_array(out, attempts_of(record), append_attempt);
    out += ",\"events\":";
    append_json_array(out, events_of(record), [](std::string& text, const Event& event) {
        text += event_json(event);
    });
    out += ",\"spec\":";
    append_spec(out, record, with_environment);
    out += '}';
}

}  // namespace atlasjob::view

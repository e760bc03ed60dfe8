#include "cli/options/spec.h"

#include "base/error.h"
#include "jobs/jobs.h"
#include "jobs/session.h"
#include "ledger/limits.h"
#include "runner/attempt/environment.h"

#include <algorithm>

namespace atlasjob::cli {

namespace {

template <class Value, class Given>
void set_if_given(Value& value, const std::optional<Given>& given) {
    if (given) value = *given;
}

/// Sets a label; the last value of a key wins.
void set_label(std::vector<Label>& labels, const Label& given) {
    const auto same = std::ranges::find(labels, given.key, &Label::key);
    if (same == labels.end()) {
        labels.push_back(given);
    } else {
        same->value = given.value;
    }
}

}  // namespace

void check(const Spec& spec) {
    if (spec.at && spec.in) {
        throw Error(
            ErrorCode::invalid_argument, "--at and --in are mutually exclusive",
            "give one of them");
    }
}

void apply(const Spec& spec, NewJob& job, Time now) {
    set_if_given(job.kind, spec.kind);
    set_if_given(job.name, spec.name);
    set_if_given(job.target, spec.target);
    for (const Label& label : spec.labels)
        set_label(job.labels, label);
    set_if_given(job.queue, spec.queue);
    set_if_given(job.priority, spec.priority);
    set_if_given(job.key, spec.key);
    set_if_given(job.timeout, spec.timeout);
    set_if_given(job.retention, spec.retention);
    job.session = spec.session ? spec.session : jobs::current_session();
    if (spec.at) job.run_after = spec.at->resolve(now);
    if (spec.in) job.run_after = now + *spec.in;
    if (spec.retries) job.max_attempts = *spec.retries + 1;
}

void apply(const Spec& spec, CommandSpec& command) {
    set_if_given(command.result_from, spec.result_from);
    set_if_given(command.log_limit_bytes, spec.log_limit_bytes);
    if (spec.keep_strays) command.keep_strays = true;
    set_if_given(command.backoff, spec.backoff);
    set_if_given(command.backoff_factor, spec.backoff_factor);
    set_if_given(command.grace, spec.grace);
    set_if_given(command.kill_signal, spec.kill_signal);
    set_if_given(command.input, spec.input);
    set_if_given(command.on_end, spec.on_end);
    set_if_given(command.progress_from, spec.progress_from);
    // Jobs submitted by the command belong to the same session.
    if (spec.session) set_variable(command.environment, kSessionVariable, *spec.session);
}

bool is_past(const Spec& spec, Time now) {
    return spec.at && spec.at->resolve(now) < now;
}

NewJob new_job(const Spec& spec, const Principal& owner, Time now) {
    check(spec);
    NewJob job{JobId::make(now)};
    job.owner = owner.name;
    apply(spec, job, now);
    atlasjob::check(job);
    return job;
}

std::optional<CommandSpec> new_hook(const Spec& spec) {
    if (!spec.on_end) return {};
    CommandSpec hook = capture_command({}, spec.capture);
    hook.on_end = spec.on_end;
    return hook;
}

CommandSpec new_command(const Spec& spec, std::vector<std::string> argv) {
    CommandSpec command = capture_command(std::move(argv), spec.capture);
    apply(spec, command);
    return command;
}

void set_dependencies(NewJob& job, const Spec& spec, Store& store, const Principal& principal) {
    job.after = jobs::resolve_dependencies(store, spec.after, principal);
    job.after_ended = jobs::resolve_dependencies(store, spec.after_ended, principal);
}

}  // namespace atlasjob::cli

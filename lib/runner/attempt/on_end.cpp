#include "runner/attempt/on_end.h"

#include "base/error.h"
#include "base/file_trust.h"
#include "ledger/policy.h"
#include "process/descendants.h"
#include "process/identity.h"
#include "process/spawn.h"
#include "runner/attempt/environment.h"
#include "runner/attempt/self_exec.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>

namespace atlasjob {

namespace {

constexpr const char* kFailed = "on_end_failed";

/// Adds the hook's variables to the job's own environment.
void set_hook_context(Environment& environment, const EndedJob& job, const Job& row) {
    remove_context(environment);
    set_variable(environment, "ATLASJOB_JOB_ID", job.id.view());
    set_variable(environment, "ATLASJOB_STATUS", to_string(job.status));
    set_variable(environment, kLedgerVariable, job.ledger.to_environment());
    set_variable(environment, "ATLASJOB_PRINCIPAL", row.owner);
    if (row.session) set_variable(environment, kSessionVariable, *row.session);
}

Principal everybody(const std::string& actor) {
    return {actor, true};
}

/// Best effort: the job has ended anyway.
void note_failure(Store& store, const JobId& id, const std::string& actor) {
    try {
        store.note_event(id, {kFailed, actor});
    } catch (const Error&) {
        return;
    }
}

UniqueFd open_null() {
    return open_file("/dev/null", O_RDWR);
}

void start_one(Store& store, const OnEnd& on_end, const JobId& id, Status status) {
    std::vector<std::string> argv = on_end.command;
    argv.push_back(id.str());
    argv.emplace_back(to_string(status));
    const UniqueFd null = open_null();
    const int fd = null.get();
    if (std::holds_alternative<SpawnFailure>(
            self_exec(argv, {fd, fd, fd}, {.ledger = on_end.ledger})))
        note_failure(store, id, on_end.actor);
}

/// A hook should run in the container where its job ran, so processes there get the first chance.
/// After a reboot that container is gone.
bool may_start_here(const OwedHook& hook, Time now) {
    const ProcessIdentity self = current_process();
    const auto& by = hook.ran_by;
    const bool elsewhere =
        by && by->boot_id == self.boot_id && by->pid_namespace != self.pid_namespace;
    return !elsewhere || now - hook.ended_at >= kLease + kSuspectSilence;
}

void start_all(Store& store, const OnEnd& on_end) {
    const auto account = own_account(on_end.any_account);
    const std::vector<OwedHook> owed = store.owed_hooks(account);
    if (owed.empty() || (!on_end.any_account && store.why_untrusted())) return;
    for (const OwedHook& hook : owed) {
        if (!may_start_here(hook, store.read_clock().time)) continue;
        if (const auto status = store.take_hook(hook.job_id, account))
            start_one(store, on_end, hook.job_id, *status);
    }
}

bool may_run(Store& store, const EndedJob& job, const Job& row) {
    if (job.any_account) return true;
    return !store.why_untrusted() && (!row.account || row.account == own_account());
}

SpawnRequest request_of(const CommandSpec& spec, const EndedJob& job, const Job& row) {
    SpawnRequest request;
    request.argv = {"/bin/sh", "-c", *spec.on_end};
    request.environment = spec.environment;
    set_hook_context(request.environment, job, row);
    request.cwd = spec.cwd;
    request.umask = spec.umask;
    if (spec.attributes) request.attributes = parse_attributes(*spec.attributes);
    return request;
}

/// Returns whether the command exited with 0 within the limit.
bool run_to_end(SpawnRequest request, milliseconds limit) {
    const UniqueFd null = open_null();
    request.descriptors.assign(3, null.get());
    const auto spawned = spawn(request);
    const auto* command = std::get_if<ProcessHandle>(&spawned);
    if (command == nullptr) return false;
    const std::span<const ProcessHandle> alone{command, 1};
    const bool in_time = await_end(alone, static_cast<int>(limit.count()));
    if (!in_time) {
        signal_session(*command, SIGKILL);
        await_end(alone, -1);
    }
    const auto status = ended(*command);
    reap(command->pid);
    return in_time && status && status->success();
}

}  // namespace

void start_owed_hooks(Store& store, const OnEnd& on_end) {
    if (on_end.command.empty()) return;
    try {
        start_all(store, on_end);
    } catch (const Error&) {
        return;  // hooks not taken stay owed for the next caller
    }
}

void run_on_end(Store& store, const EndedJob& job) {
    const auto row = store.get(JobRef::of(job.id), everybody(job.actor), Detail::summary);
    const auto spec = store.hook_of(job.id);
    if (!row || !spec || !spec->on_end) return;
    if (!may_run(store, job, *row) || !run_to_end(request_of(*spec, job, *row), job.limit))
        note_failure(store, job.id, job.actor);
}

std::optional<AccountId> own_account(bool any_account) {
    return any_account ? std::nullopt : std::optional{AccountId{geteuid()}};
}

Error untrusted_error(const std::string& why) {
    return {
        ErrorCode::unavailable,
        fmt::format("{} may not run jobs from this ledger: {}", account_text(geteuid()), why),
        "see `atlasjob doctor`; run `atlasjob worker` as the account that owns the ledger, or with "
        "--any-account to run all jobs as this account"};
}

}  // namespace atlasjob

#include "runner/attempt/on_end.h"

#include "base/error.h"
#include "base/file_trust.h"
#include "base/printable.h"
#include "base/text.h"
#include "ledger/limits.h"
#include "ledger/policy.h"
#include "process/descendants.h"
#include "process/identity.h"
#include "process/spawn.h"
#include "runner/attempt/environment.h"
#include "runner/attempt/self_exec.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>

namespace atlasjob {

namespace {

constexpr const char* kFailed = "on_end_failed";
constexpr std::size_t kMaxReason = 400;

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
void note_failure(Store& store, const JobId& id, const std::string& actor, const std::string& why) {
    try {
        store.note_event(id, {kFailed, actor, {}, clipped(escape_controls(why), kMaxReason)});
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
    const auto started = self_exec(argv, {fd, fd, fd}, {.ledger = on_end.ledger});
    if (const auto* failure = std::get_if<SpawnFailure>(&started))
        note_failure(store, id, on_end.actor, failure->reason);
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

/// The last line that a hook prints to its standard error.
class LastLine {
  public:
    explicit LastLine(UniqueFd fd) : fd_(std::move(fd)) { fcntl(fd_.get(), F_SETFL, O_NONBLOCK); }

    int fd() const { return fd_.get(); }
    /// Never blocks; closes the descriptor at the end of file.
    void read_available() {
        std::array<char, 4096> buffer{};
        ssize_t count = 0;
        while (fd_ && (count = read(fd_.get(), buffer.data(), buffer.size())) > 0) {
            tail_.append(buffer.data(), static_cast<std::size_t>(count));
            if (tail_.size() > kMaxTail) tail_.erase(0, tail_.size() - kMaxTail);
        }
        if (count == 0 || errno != EAGAIN) fd_.reset();
    }
    std::string text() const {
        const std::string_view lines = trim(tail_);
        return clipped(escape_controls(lines.substr(lines.rfind('\n') + 1)), kMaxReason);
    }

  private:
    static constexpr std::size_t kMaxTail = 4096;

    UniqueFd fd_;
    std::string tail_;
};

/// Waits for the command to exit, and reads what it prints; returns whether it exited in time.
/// Processes that it has left may hold the pipe open: its end of file is not awaited.
bool await_reading(const ProcessHandle& command, LastLine& line, milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    for (;;) {
        const auto left =
            std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
        std::array<pollfd, 2> ready = {
            pollfd{command.pidfd.get(), POLLIN, 0}, pollfd{line.fd(), POLLIN, 0}};
        poll(ready.data(), ready.size(), static_cast<int>(std::max(left, milliseconds{0}).count()));
        if (ready[1].revents != 0) line.read_available();
        if (ready[0].revents != 0) return true;
        if (left <= milliseconds{0}) return false;
    }
}

SpawnRequest request_of(const CommandSpec& spec, const EndedJob& job, const Job& row) {
    SpawnRequest request;
    request.argv = {"/bin/sh", "-c", *spec.on_end};
    request.environment = spec.environment;
    set_hook_context(request.environment, job, row);
    request.cwd = spec.cwd;
    request.umask = spec.umask;
    if (!spec.attributes) return request;
    const ProcessAttributes wanted = parse_attributes(*spec.attributes);
    request.attributes = job.bounded ? stricter_of(wanted, own_attributes()) : wanted;
    return request;
}

/// Why the command has not ended well within the limit; nullopt if it has.
std::optional<std::string> run_to_end(SpawnRequest request, milliseconds limit) {
    const UniqueFd null = open_null();
    Pipe errors = make_pipe();
    request.descriptors = {null.get(), null.get(), errors.write_end.get()};
    const auto spawned = spawn(request);
    errors.write_end.reset();
    if (const auto* failure = std::get_if<SpawnFailure>(&spawned)) return failure->reason;
    const auto& command = std::get<ProcessHandle>(spawned);
    LastLine last_line{std::move(errors.read_end)};
    const bool in_time = await_reading(command, last_line, limit);
    if (!in_time) {
        signal_session(command, SIGKILL);
        await_end({&command, 1}, -1);
    }
    last_line.read_available();
    const auto status = ended(command);
    reap(command.pid);
    if (!in_time) return fmt::format("it was killed after {} s", limit.count() / 1000);
    if (status && status->success()) return {};
    const std::string how = status ? status->to_string() : "its exit status is unknown";
    return last_line.text().empty() ? how : fmt::format("{}: {}", how, last_line.text());
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
    const auto why = may_run(store, job, *row)
                         ? run_to_end(request_of(*spec, job, *row), job.limit)
                         : std::optional<std::string>{"this account may not run it"};
    if (why) note_failure(store, job.id, job.actor, *why);
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

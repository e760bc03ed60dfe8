#include "runner/worker/restricted_worker.h"

#include "base/file.h"
#include "base/text.h"
#include "process/process_attributes.h"
#include "runner/attempt/self_exec.h"
#include "runner/worker/worker_lock.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace atlasjob {

namespace {

/// Whether the process is one that this program starts on demand. Its name differs: in a scope, it
/// is the path of the program.
bool has_command(pid_t process, const std::vector<std::string>& command) {
    const auto line = read_file(fmt::format("/proc/{}/cmdline", process));
    if (!line) return false;
    std::vector<std::string_view> arguments = split(*line, '\0');
    arguments.pop_back();  // Each argument ends with a NUL, the last one too.
    return !arguments.empty()
           && std::ranges::equal(
               arguments.begin() + 1, arguments.end(), command.begin() + 1, command.end());
}

/// Whether this account may end it: what the lock file says is not proven.
bool is_own_worker(pid_t process, const std::vector<std::string>& command) {
    return account_of(process) == geteuid() && has_command(process, command)
           && is_ledger_process(process);
}

bool is_too_restricted(pid_t process, const JobAttributes& attributes) {
    return std::ranges::any_of(attributes, [process](const std::string& text) {
        return is_more_restricted(process, parse_attributes(text));
    });
}

/// Each worker that is replaced while others still drain would add its slots to theirs.
bool is_any_draining(Store& store) {
    const Time now = store.read_clock().time;
    return std::ranges::any_of(store.workers(), [now](const Worker& worker) {
        return worker.draining && is_serving(worker, now);
    });
}

}  // namespace

EnsuredWorker replace_restricted_worker(
    Store& store, const OnDemandWorker& worker, const std::function<JobAttributes()>& attributes) {
    if (worker.command.empty()) return {};
    const auto running = WorkerLock::worker_of(worker.ledger);
    if (!running || !is_too_restricted(running->pid, attributes())) return {};
    if (!is_own_worker(running->pid, worker.command) || store.why_untrusted()) return {};
    if (is_any_draining(store)) return {};
    if (send_signal(*running, kDrainSignal) != Signalled::sent) return {};
    WorkerLock::await_release(worker.ledger, kMaxDrainWait);
    // Jobs may wait for the drained one, whatever becomes of the caller's.
    return ensure_worker(store, worker);
}

}  // namespace atlasjob

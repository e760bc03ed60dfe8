#include "runner/worker/restricted_worker.h"

#include "base/file.h"
#include "process/process_attributes.h"
#include "runner/worker/worker_lock.h"

#include <fmt/format.h>

namespace atlasjob {

namespace {

constexpr milliseconds kMaxDrainWait{2000};

/// Another worker with the lock would be one that this program does not start on demand.
bool has_command(pid_t process, const std::vector<std::string>& command) {
    std::string expected;
    for (const std::string& argument : command)
        expected.append(argument).push_back('\0');
    return read_file(fmt::format("/proc/{}/cmdline", process)) == expected;
}

}  // namespace

void replace_restricted_worker(Store& store, const OnDemandWorker& worker) {
    if (worker.command.empty()) return;
    const auto running = WorkerLock::worker_of(worker.ledger);
    if (!running || !is_more_restricted(running->pid) || !has_command(running->pid, worker.command))
        return;
    if (send_signal(*running, kDrainSignal) != Signalled::sent) return;
    WorkerLock::await_release(worker.ledger, kMaxDrainWait);
    // Jobs may wait for the drained one, whatever becomes of the caller's.
    ensure_worker(store, worker);
}

}  // namespace atlasjob

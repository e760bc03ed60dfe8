#pragma once

#include "base/process_identity.h"
#include "event/loop.h"
#include "ledger/address.h"
#include "process/process_handle.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace atlasjob {

/// The worker's side of one slot: starts the slot process, and starts it again when it dies. The
/// restart is immediate if the process had reported its state, else it is delayed by a growing
/// pause. Belongs to the loop's thread. The destructor leaves the process running.
class SlotProcess {
  public:
    struct Setup {
        std::vector<std::string> command;  ///< The argv with which this program is started again.
        LedgerAddress ledger = {};
        int worker_end = -1;  ///< Becomes its standard input (slot.h).
    };
    struct Calls {
        /// It has exited and was reaped; its job may be lost. `left_jobs`: see kSlotLeftJobs.
        std::function<void(bool left_jobs)> ended;
        std::function<void()> changed;  ///< busy() may have changed.
    };

    /// Starts the process. `setup` and `calls` must outlive this object.
    SlotProcess(Loop& loop, const Setup& setup, const Calls& calls);
    SlotProcess(const SlotProcess&) = delete;
    SlotProcess& operator=(const SlotProcess&) = delete;

    bool alive() const { return process_.has_value(); }
    /// Whether it has a job, according to its last report.
    bool busy() const { return alive() && busy_; }
    pid_t pid() const { return process_ ? process_->pid : 0; }
    void signal(int signo) const;
    void disable_restart();

  private:
    void start();
    void spawn_and_watch();
    void start_later();
    void on_status();
    void on_exit();

    Loop& loop_;
    const Setup& setup_;
    const Calls& calls_;
    bool restart_disabled_ = false;
    bool has_reported_ = false;
    bool busy_ = true;  ///< Until its first report, as it may find a job.
    milliseconds pause_;
    Timer restart_;
    std::optional<ProcessHandle> process_;
    UniqueFd status_pipe_;
    std::optional<FdWatch> exit_watch_;
    std::optional<FdWatch> status_watch_;
};

/// Whether a process is, or was, a slot that this process has started. Safe on any thread.
[[nodiscard]] bool is_own_slot(const ProcessIdentity& process);

}  // namespace atlasjob

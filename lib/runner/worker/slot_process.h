#pragma once

#include "event/loop.h"
#include "process/process_handle.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace atlasjob {

/// One slot of a worker as the worker sees it: a process that is started again when it dies, at
/// once where it had come as far as looking for work, else after a pause that grows.
/// Belongs to the loop's thread. Destroying it lets the process be.
class SlotProcess {
  public:
    struct Setup {
        std::vector<std::string> command;  ///< Its argv; run from this very program.
        int worker_end = -1;               ///< Becomes its standard input (slot.h).
    };
    struct Calls {
        std::function<void()> ended;    ///< It is gone and reaped; it may have left a job behind.
        std::function<void()> changed;  ///< What busy() says may be another.
    };

    /// Starts it at once. `setup` and `calls` are the caller's and outlive this object.
    SlotProcess(Loop& loop, const Setup& setup, const Calls& calls);
    SlotProcess(const SlotProcess&) = delete;
    SlotProcess& operator=(const SlotProcess&) = delete;

    bool runs() const { return process_.has_value(); }
    /// Whether it has a job at hand, as far as it has said.
    bool busy() const { return runs() && busy_; }
    pid_t pid() const { return process_ ? process_->pid : 0; }
    void signal(int signo) const;
    /// Once it has ended it is not started again.
    void stay_down();

  private:
    void start();
    void spawn_and_watch();
    void start_later();
    void hear();
    void end();

    Loop& loop_;
    const Setup& setup_;
    const Calls& calls_;
    bool stays_down_ = false;
    bool spoke_ = false;
    bool busy_ = true;  ///< Until it says otherwise: its first look for work may find some.
    milliseconds pause_;
    Timer restart_;
    std::optional<ProcessHandle> process_;
    UniqueFd words_;
    std::optional<FdWatch> end_watch_;
    std::optional<FdWatch> words_watch_;
};

}  // namespace atlasjob

#pragma once

#include "runner/worker/slot_process.h"

#include <sys/types.h>

#include <memory>
#include <vector>

namespace atlasjob {

/// The slots of one worker. Belongs to the loop's thread. The destructor leaves the processes
/// running.
class SlotGroup {
  public:
    SlotGroup(Loop& loop, SlotProcess::Setup setup, SlotProcess::Calls calls)
        : loop_(loop), setup_(std::move(setup)), calls_(std::move(calls)) {}

    /// Starts `count` slots, which are kept alive (SlotProcess). Call it once.
    void start(int count);
    bool started() const { return !slots_.empty(); }
    bool any_alive() const;
    /// Whether a slot has a job. True before start(): slots that could not be started are not idle.
    bool busy() const;
    std::vector<pid_t> pids() const;
    void disable_restart();
    void signal(int signo) const;

  private:
    Loop& loop_;
    SlotProcess::Setup setup_;
    SlotProcess::Calls calls_;
    std::vector<std::unique_ptr<SlotProcess>> slots_;
};

}  // namespace atlasjob

#include "runner/worker/slot_process.h"

#include "base/error.h"
#include "process/identity.h"
#include "runner/attempt/self_exec.h"
#include "runner/worker/slot.h"
#include "runner/worker/worker_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <mutex>

namespace atlasjob {

namespace {

constexpr milliseconds kFirstPause{500};
constexpr milliseconds kMaxPause{30'000};

/// A slot shares the standard error of its worker.
int error_output(const UniqueFd& null) {
    return fcntl(STDERR_FILENO, F_GETFD) == -1 ? null.get() : STDERR_FILENO;
}

/// The slots that this process has started. Thread-safe.
class StartedSlots {
  public:
    void add(pid_t pid) {
        const std::lock_guard lock{mutex_};
        if (auto process = identify(pid)) slots_.push_back(std::move(*process));
    }
    bool contain(const ProcessIdentity& process) {
        const std::lock_guard lock{mutex_};
        return std::ranges::find(slots_, process) != slots_.end();
    }

  private:
    std::mutex mutex_;
    std::vector<ProcessIdentity> slots_;
};

Error died(const ProcessHandle& slot, const ExitStatus& status) {
    return {ErrorCode::unavailable, fmt::format("slot {} {}", slot.pid, status.to_string())};
}

StartedSlots& started_slots() {
    static StartedSlots all;
    return all;
}

}  // namespace

bool is_own_slot(const ProcessIdentity& process) {
    return started_slots().contain(process);
}

SlotProcess::SlotProcess(Loop& loop, const Setup& setup, const Calls& calls)
    : loop_(loop), setup_(setup), calls_(calls), pause_(kFirstPause), restart_(loop, [this] {
          start();
      }) {
    start();
}

void SlotProcess::start() {
    has_reported_ = false;
    busy_ = true;
    try {
        spawn_and_watch();
    } catch (const Error& error) {
        log_worker_error(error);
        start_later();
    }
}

/// Throws Error(unavailable) when out of processes, memory or descriptors.
void SlotProcess::spawn_and_watch() {
    Pipe pipe = make_pipe();
    // A slot must never wait for its worker to read.
    fcntl(pipe.write_end.get(), F_SETFL, O_NONBLOCK);
    const UniqueFd null = open_file("/dev/null", O_WRONLY);
    auto started = self_exec(
        setup_.command, {setup_.worker_end, pipe.write_end.get(), error_output(null)},
        {.ledger = setup_.ledger});
    if (const auto* failure = std::get_if<SpawnFailure>(&started)) {
        throw Error(ErrorCode::unavailable, failure->reason);
    }
    process_ = std::move(std::get<ProcessHandle>(started));
    started_slots().add(process_->pid);
    status_pipe_ = std::move(pipe.read_end);
    exit_watch_.emplace(
        loop_, process_->pidfd.get(), FdWatch::Ready::readable, [this] { on_exit(); });
    status_watch_.emplace(
        loop_, status_pipe_.get(), FdWatch::Ready::readable, [this] { on_status(); });
}

void SlotProcess::start_later() {
    restart_.start(pause_);
    pause_ = std::min(pause_ * 2, kMaxPause);
}

void SlotProcess::on_status() {
    std::array<char, 256> states{};
    const ssize_t count = read(status_pipe_.get(), states.data(), states.size());
    if (count < 0) return;
    if (count == 0) {
        status_watch_.reset();
        return;
    }
    has_reported_ = true;
    pause_ = kFirstPause;
    busy_ = states.at(static_cast<std::size_t>(count) - 1) == kSlotBusy;
    calls_.changed();
}

void SlotProcess::on_exit() {
    exit_watch_.reset();
    status_watch_.reset();
    const auto status = atlasjob::ended(*process_);
    const bool left_jobs = status == ExitStatus::exited(kSlotLeftJobs);
    if (status && status->signo()) log_worker_error(died(*process_, *status));
    reap(process_->pid);
    process_.reset();
    status_pipe_.reset();
    calls_.ended(left_jobs);
    if (restart_disabled_) return;
    if (has_reported_) {
        start();
    } else {
        start_later();
    }
}

void SlotProcess::signal(int signo) const {
    if (process_) send_signal(*process_, signo);
}

void SlotProcess::disable_restart() {
    restart_disabled_ = true;
    restart_.stop();
}

}  // namespace atlasjob

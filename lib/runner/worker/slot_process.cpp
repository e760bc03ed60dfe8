#include "runner/worker/slot_process.h"

#include "base/error.h"
#include "runner/attempt/self_exec.h"
#include "runner/worker/slot.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace atlasjob {

namespace {

constexpr milliseconds kFirstPause{500};
constexpr milliseconds kMaxPause{30'000};

/// What a slot has to say about itself goes where its worker's goes.
int error_output(const UniqueFd& nothing) {
    return fcntl(STDERR_FILENO, F_GETFD) == -1 ? nothing.get() : STDERR_FILENO;
}

}  // namespace

SlotProcess::SlotProcess(Loop& loop, const Setup& setup, const Calls& calls)
    : loop_(loop), setup_(setup), calls_(calls), pause_(kFirstPause), restart_(loop, [this] {
          start();
      }) {
    start();
}

void SlotProcess::start() {
    spoke_ = false;
    busy_ = true;
    try {
        spawn_and_watch();
    } catch (const Error&) {
        start_later();
    }
}

/// Throws Error(unavailable) when the machine or a limit does not allow one more process.
void SlotProcess::spawn_and_watch() {
    Pipe pipe = make_pipe();
    // It never waits for us to read.
    fcntl(pipe.write_end.get(), F_SETFL, O_NONBLOCK);
    const UniqueFd nothing = open_file("/dev/null", O_WRONLY);
    auto started =
        self_exec(setup_.command, {setup_.worker_end, pipe.write_end.get(), error_output(nothing)});
    if (const auto* failure = std::get_if<SpawnFailure>(&started)) {
        throw Error(ErrorCode::unavailable, failure->reason);
    }
    process_ = std::move(std::get<ProcessHandle>(started));
    words_ = std::move(pipe.read_end);
    end_watch_.emplace(loop_, process_->pidfd.get(), FdWatch::Ready::readable, [this] { end(); });
    words_watch_.emplace(loop_, words_.get(), FdWatch::Ready::readable, [this] { hear(); });
}

void SlotProcess::start_later() {
    restart_.start(pause_);
    pause_ = std::min(pause_ * 2, kMaxPause);
}

void SlotProcess::hear() {
    std::array<char, 256> words{};
    const ssize_t count = read(words_.get(), words.data(), words.size());
    if (count < 0) return;
    if (count == 0) {
        words_watch_.reset();
        return;
    }
    spoke_ = true;
    pause_ = kFirstPause;
    busy_ = words.at(static_cast<std::size_t>(count) - 1) == kSlotBusy;
    calls_.changed();
}

void SlotProcess::end() {
    end_watch_.reset();
    words_watch_.reset();
    reap(process_->pid);
    process_.reset();
    words_.reset();
    calls_.ended();
    if (stays_down_) return;
    if (spoke_) {
        start();
    } else {
        start_later();
    }
}

void SlotProcess::signal(int signo) const {
    if (process_) send_signal(*process_, signo);
}

void SlotProcess::stay_down() {
    stays_down_ = true;
    restart_.stop();
}

}  // namespace atlasjob

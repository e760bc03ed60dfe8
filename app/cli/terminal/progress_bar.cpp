#include "cli/terminal/progress_bar.h"

#include "base/error.h"
#include "cli/context.h"
#include "view/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

namespace atlasjob::cli {

namespace {

constexpr std::array kStops = {SIGINT, SIGTERM, SIGHUP};
/// Short work gets no bar, and a bar is redrawn at most ten times a second.
constexpr milliseconds kFirstDrawDelay{400};
constexpr milliseconds kDrawInterval{100};
constexpr std::string_view kClear = "\r\x1b[K";

bool stop_is_pending() {
    sigset_t pending;
    if (sigpending(&pending) != 0) return false;
    return std::ranges::any_of(kStops, [&](int stop) { return sigismember(&pending, stop) == 1; });
}

}  // namespace

ProgressBar::ProgressBar(const Context& context, std::string what, Stop stop)
    : context_(context),
      what_(std::move(what)),
      visible_(has_escape_sequences(STDERR_FILENO) && !context.options().quiet),
      next_draw_(context.now() + kFirstDrawDelay) {
    sigset_t held;
    sigemptyset(&held);
    for (const int number : kStops)
        if (stop == Stop::undoing) sigaddset(&held, number);
    pthread_sigmask(SIG_BLOCK, &held, &mask_before_);
}

ProgressBar::~ProgressBar() {
    if (drawn_) write_unescaped(kClear);
    pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

void ProgressBar::at(std::int64_t done, std::int64_t total) {
    if (stop_is_pending())
        throw Error(ErrorCode::unavailable, what_ + " was interrupted", "nothing was changed");
    if (visible_) draw(done, total);
}

void ProgressBar::draw(std::int64_t done, std::int64_t total) {
    const Time now = context_.now();
    if (now < next_draw_) return;
    next_draw_ = now + kDrawInterval;
    drawn_ = true;
    write_unescaped(kClear);
    write_note(view::progress_line(what_, done, total));
}

namespace {

// Global because signal handlers cannot access anything else.
std::array<char, 1024> interrupt_message;
std::size_t interrupt_message_size = 0;

extern "C" void exit_interrupted(int /*signo*/) {
    // A write error is ignored: the exit status reports the interruption anyway.
    [[maybe_unused]] const ssize_t written =
        write(STDERR_FILENO, interrupt_message.data(), interrupt_message_size);
    _exit(kInterrupted);
}

}  // namespace

SigintGuard::SigintGuard(std::string_view message) {
    interrupt_message_size = std::min(message.size(), interrupt_message.size());
    std::copy_n(message.begin(), interrupt_message_size, interrupt_message.begin());
    struct sigaction before {};
    if (sigaction(SIGINT, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) return;
    struct sigaction action {};
    action.sa_handler = exit_interrupted;
    sigaction(SIGINT, &action, nullptr);
}

SigintGuard::~SigintGuard() {
    struct sigaction before {};
    if (sigaction(SIGINT, nullptr, &before) != 0 || before.sa_handler == SIG_IGN) return;
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    sigaction(SIGINT, &action, nullptr);
}

}  // namespace atlasjob::cli

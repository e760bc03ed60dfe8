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
/// What is over sooner needs no bar; and nobody reads more than ten a second.
constexpr milliseconds kFirstLook{400};
constexpr milliseconds kBetweenLooks{100};
constexpr std::string_view kClear = "\r\x1b[K";

bool wants_an_end() {
    sigset_t pending;
    if (sigpending(&pending) != 0) return false;
    return std::ranges::any_of(kStops, [&](int stop) { return sigismember(&pending, stop) == 1; });
}

}  // namespace

ProgressBar::ProgressBar(const Context& context, std::string what, Stop stop)
    : context_(context),
      what_(std::move(what)),
      visible_(isatty(STDERR_FILENO) == 1 && !context.options().quiet),
      next_look_(context.now() + kFirstLook) {
    sigset_t held;
    sigemptyset(&held);
    for (const int number : kStops)
        if (stop == Stop::undoing) sigaddset(&held, number);
    pthread_sigmask(SIG_BLOCK, &held, &mask_before_);
}

ProgressBar::~ProgressBar() {
    if (drawn_) write_note(kClear);
    pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

void ProgressBar::at(std::int64_t done, std::int64_t total) {
    if (wants_an_end())
        throw Error(ErrorCode::unavailable, what_ + " was broken off", "nothing was changed");
    if (visible_) draw(done, total);
}

void ProgressBar::draw(std::int64_t done, std::int64_t total) {
    const Time now = context_.now();
    if (now < next_look_) return;
    next_look_ = now + kBetweenLooks;
    drawn_ = true;
    write_note(fmt::format("{}{}", kClear, view::progress_line(what_, done, total)));
}

namespace {

// A signal handler reaches nothing else.
std::array<char, 1024> farewell_text;
std::size_t farewell_length = 0;

extern "C" void leave_interrupted(int /*signo*/) {
    // We leave with another status than 0 whether anybody hears it or not.
    [[maybe_unused]] const ssize_t told =
        write(STDERR_FILENO, farewell_text.data(), farewell_length);
    _exit(kInterrupted);
}

}  // namespace

SigintGuard::SigintGuard(std::string_view farewell) {
    farewell_length = std::min(farewell.size(), farewell_text.size());
    std::copy_n(farewell.begin(), farewell_length, farewell_text.begin());
    struct sigaction before {};
    if (sigaction(SIGINT, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) return;
    struct sigaction action {};
    action.sa_handler = leave_interrupted;
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

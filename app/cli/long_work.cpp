#include "cli/long_work.h"

#include "base/error.h"
#include "cli/context.h"
#include "view/work_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

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

LongWork::LongWork(const Context& context, std::string what, Stop stop)
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

LongWork::~LongWork() {
    if (drawn_) write_note(kClear);
    pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

void LongWork::at(std::int64_t done, std::int64_t total) {
    if (wants_an_end())
        throw Error(ErrorCode::unavailable, what_ + " was broken off", "nothing was changed");
    if (visible_) draw(done, total);
}

void LongWork::draw(std::int64_t done, std::int64_t total) {
    const Time now = context_.now();
    if (now < next_look_) return;
    next_look_ = now + kBetweenLooks;
    drawn_ = true;
    write_note(fmt::format("{}{}", kClear, view::work_line(what_, done, total)));
}

}  // namespace atlasjob::cli

#include "store/sqlite/file/writer_lock.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/file_identity.h"
#include "base/owned_file.h"
#include "base/text.h"
#include "store/sqlite/file/ledger_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>

namespace atlasjob::sqlite {

namespace {

using std::chrono::steady_clock;

/// How often a blocked wait checks its deadline and pending signals.
constexpr milliseconds kTick{100};
/// How often the file may turn out to be replaced after locking it.
constexpr int kMaxTries = 100;

/// While it lives, interrupts blocking system calls of the thread that created it, every kTick. A
/// tick may come just before a call blocks; then the next one interrupts it.
class ThreadTicker {
  public:
    ThreadTicker() {
        struct sigaction action {};
        action.sa_handler = [](int) {};  // Without SA_RESTART, so that the call returns EINTR.
        sigaction(signal_number(), &action, nullptr);
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, signal_number());
        pthread_sigmask(SIG_UNBLOCK, &set, &before_);

        sigevent event{};
        event.sigev_notify = SIGEV_THREAD_ID;
        event.sigev_signo = signal_number();
        event._sigev_un._tid = gettid();  // glibc 2.36 has no sigev_notify_thread_id yet
        valid_ = timer_create(CLOCK_MONOTONIC, &event, &timer_) == 0;
        if (!valid_)
            throw Error(ErrorCode::unavailable, "cannot create a timer: " + errno_text(errno));
        const timespec tick{0, std::chrono::nanoseconds{kTick}.count()};
        const itimerspec schedule{tick, tick};
        timer_settime(timer_, 0, &schedule, nullptr);
    }
    ThreadTicker(const ThreadTicker&) = delete;
    ThreadTicker& operator=(const ThreadTicker&) = delete;
    ~ThreadTicker() {
        if (valid_) timer_delete(timer_);
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }

  private:
    static int signal_number() { return SIGRTMIN + 3; }

    timer_t timer_{};
    bool valid_ = false;
    sigset_t before_{};
};

/// The pid that holds a flock on the file `inode` according to a line of /proc/locks, such as
/// "1: FLOCK  ADVISORY  WRITE 4711 fe:00:1234 0 EOF"; nullopt if the line is about something else.
std::optional<std::int64_t> flock_holder(std::string_view line, ino_t inode) {
    std::vector<std::string_view> fields;
    for (const std::string_view field : split(line, ' ')) {
        if (!field.empty()) fields.push_back(field);
    }
    // A waiting process has "->" as its second field.
    if (fields.size() < 6 || fields[1] != "FLOCK") return {};
    const auto device_and_inode = split(fields[5], ':');
    if (device_and_inode.size() != 3 || parse_integer<ino_t>(device_and_inode[2]) != inode)
        return {};
    return parse_integer<std::int64_t>(fields[4]);
}

}  // namespace

WriterLock::WriterLock(std::string ledger) : ledger_(std::move(ledger)), path_(ledger_ + ".gate") {}

WriterLock::Hold::~Hold() {
    if (writer_lock_ != nullptr) writer_lock_->unlock();
}

WriterLock::Hold WriterLock::enter(milliseconds timeout) {
    if (auto hold = try_enter(timeout)) return std::move(*hold);
    throw Error(
        ErrorCode::unavailable,
        fmt::format(
            "the ledger {} is locked: waited {} for {}", ledger_, format_duration(timeout),
            holder()),
        "try again; if that process hangs, kill it");
}

std::optional<WriterLock::Hold> WriterLock::try_enter(milliseconds timeout) {
    signals_.emplace();
    try {
        for (int tries = 0;; ++tries) {
            if (tries == kMaxTries) refuse_replaced(path_);
            if (!fd_) open();
            if (!lock(timeout)) break;
            if (is_named(fd_.get(), path_)) return Hold{*this};
            // The file was removed or replaced: this lock excludes nobody.
            fd_.reset();
            // If the ledger is gone, too, do not create a lock file in its place.
            if (!file_identity(ledger_)) throw ledger_moved(ledger_);
        }
    } catch (...) {
        signals_.reset();
        throw;
    }
    signals_.reset();
    return {};
}

void WriterLock::open() {
    fd_ = open_sibling(ledger_, path_);
}

bool WriterLock::lock(milliseconds timeout) {
    if (::flock(fd_.get(), LOCK_EX | LOCK_NB) == 0) return true;
    if (errno == EWOULDBLOCK && timeout == milliseconds{0}) return false;
    if (errno == EWOULDBLOCK || errno == EINTR) return wait_for_lock(timeout);
    throw Error(
        ErrorCode::unavailable, fmt::format("cannot lock {}: {}", path_, errno_text(errno)));
}

bool WriterLock::wait_for_lock(milliseconds timeout) {
    const auto deadline = steady_clock::now() + timeout;
    const ThreadTicker ticker;
    while (::flock(fd_.get(), LOCK_EX) != 0) {
        if (errno != EINTR) {
            throw Error(
                ErrorCode::unavailable,
                fmt::format("cannot lock {}: {}", path_, errno_text(errno)));
        }
        signals_->deliver_pending();
        if (steady_clock::now() >= deadline) return false;
    }
    return true;
}

void WriterLock::unlock() noexcept {
    // Explicitly: closing does not unlock while a child between fork and exec has the descriptor.
    ::flock(fd_.get(), LOCK_UN);
    signals_.reset();
}

std::string WriterLock::holder() const {
    struct stat status {};
    const auto locks = read_file("/proc/locks");
    if (!fd_ || ::fstat(fd_.get(), &status) != 0 || !locks) return "another process";
    for (const std::string_view line : split(*locks, '\n')) {
        const auto pid = flock_holder(line, status.st_ino);
        if (!pid) continue;
        const auto name = read_file(fmt::format("/proc/{}/comm", *pid));
        return fmt::format("process {} ({})", *pid, name ? trim(*name) : "of another user");
    }
    return "another process";
}

namespace {

constexpr std::array kBlocked = {SIGINT, SIGTERM, SIGHUP, SIGTSTP};

sigset_t blocked_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : kBlocked)
        sigaddset(&set, signal);
    return set;
}

bool one_is_pending() {
    sigset_t pending;
    sigpending(&pending);
    return std::ranges::any_of(
        kBlocked, [&](int signal) { return sigismember(&pending, signal) == 1; });
}

}  // namespace

SignalHold::SignalHold() {
    const sigset_t blocked = blocked_signals();
    pthread_sigmask(SIG_BLOCK, &blocked, &before_);
}

SignalHold::~SignalHold() {
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void SignalHold::deliver_pending() {
    if (!one_is_pending()) return;
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    const sigset_t blocked = blocked_signals();
    pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
}

}  // namespace atlasjob::sqlite

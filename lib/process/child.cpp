#include "process/child.h"

#include "base/sanitized.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>

namespace atlasjob {

namespace {

/// Of a child that could not call exec. Nobody sees it.
constexpr int kNotStarted = 127;
constexpr std::size_t kKernelSignalSet = 8;

/// Not the functions of the C library, which record the handlers of this process (as sanitizers'
/// replacements of them do).
void default_signals() noexcept {
    const std::array<std::uint64_t, 4> by_default{};  // the kernel's struct sigaction, all zero
    for (int signo = 1; signo < NSIG; ++signo)
        syscall(SYS_rt_sigaction, signo, by_default.data(), nullptr, kKernelSignalSet);
}

void unblock_signals() noexcept {
    const std::uint64_t none = 0;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, kKernelSignalSet);
}

bool duplicate(int source, int target) noexcept {
    return syscall(SYS_dup3, source, target, 0) >= 0;
}

/// The first terminal that a new session's leader opens becomes its controlling terminal.
bool open_terminal(const char* path) noexcept {
    const auto fd = static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, O_RDWR));
    if (fd < 0) return false;
    return std::ranges::all_of(
        std::array{STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO},
        [fd](int standard) { return fd == standard || duplicate(fd, standard); });
}

/// The number in the name of a directory entry; -1 if it is none.
int number_of(const char* name) noexcept {
    int number = -1;
    for (; *name >= '0' && *name <= '9'; ++name)
        number = (number < 0 ? 0 : number * 10) + (*name - '0');
    return number;
}

/// Closes what the directory /proc/self/fd lists, which may be beyond the limit of open files, as
/// that may have been lowered since. Its position is the number of a descriptor, so that none is
/// missed for those that are closed meanwhile.
void close_listed(int directory, int first) noexcept {
    alignas(dirent64) std::array<char, 1024> entries;  // NOLINT(*-member-init)
    for (;;) {
        const long size = syscall(SYS_getdents64, directory, entries.data(), entries.size());
        for (long at = 0; at < size;) {
            const auto* const entry = reinterpret_cast<const dirent64*>(entries.data() + at);
            const int fd = number_of(static_cast<const char*>(entry->d_name));
            if (fd >= first && fd != directory) syscall(SYS_close, fd);
            at += entry->d_reclen;
        }
        if (size <= 0) break;
    }
    syscall(SYS_close, directory);
}

/// Linux before 5.9 and some sandboxes lack close_range(), and some of these /proc, too.
void close_from(unsigned first) noexcept {
    if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
    syscall(SYS_close, first);  // so that there is a number free for the directory
    const long directory = syscall(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY);
    if (directory >= 0) return close_listed(static_cast<int>(directory), static_cast<int>(first));
    const long limit = sysconf(_SC_OPEN_MAX);
    for (long fd = first; fd < limit; ++fd)
        syscall(SYS_close, fd);
}

/// Returns false, with errno and `child.step` set, if a step failed.
bool prepare_child(Child& child) noexcept {
    syscall(SYS_setsid);
    syscall(SYS_umask, child.mask);
    child.step = ChildStep::directory;
    if (syscall(SYS_fchdir, child.directory) != 0) return false;
    child.step = ChildStep::terminal;
    if (child.terminal != nullptr && !open_terminal(child.terminal)) return false;
    child.step = ChildStep::descriptors;
    for (std::size_t target = 0; target < child.descriptors.size(); ++target) {
        const int source = child.descriptors[target];
        if (source >= 0 && !duplicate(source, static_cast<int>(target))) return false;
    }
    close_from(static_cast<unsigned>(child.descriptors.size()));
    syscall(SYS_prlimit64, 0, RLIMIT_CORE, &child.core_limit, nullptr);
    if (child.attributes != nullptr) take_attributes(*child.attributes);
    child.step = ChildStep::exec;
    return true;
}

int run_child(void* argument) {
    auto* const child = static_cast<Child*>(argument);
    default_signals();
    if (prepare_child(*child)) {
        unblock_signals();
        syscall(SYS_execve, child->path, child->argv, child->environment);
    }
    *child->failure = {errno, child->step};
    syscall(SYS_exit_group, kNotStarted);
    return 0;
}

// A child that shares the memory would also share the books that sanitizers keep on it: what it
// notes about its stack outlives the stack, and the thread sanitizer stops watching the caller.
constexpr int kSharesMemory = kSanitized ? 0 : CLONE_VM;

/// Memory that parent and child share, whether or not they share all of it: at its start the
/// child's failure, above it the child's stack.
class SharedStack {
  public:
    SharedStack()
        : memory_(mmap(
            nullptr,
            kSize,
            PROT_READ | PROT_WRITE,
            MAP_SHARED | MAP_ANONYMOUS | MAP_STACK,
            -1,
            0)) {}
    SharedStack(const SharedStack&) = delete;
    SharedStack& operator=(const SharedStack&) = delete;
    ~SharedStack() {
        if (valid()) munmap(memory_, kSize);
    }

    bool valid() const { return memory_ != MAP_FAILED; }  // NOLINT(*-int-to-ptr,*-cstyle-cast)
    ChildFailure* failure() const { return static_cast<ChildFailure*>(memory_); }
    void* top() const { return static_cast<char*>(memory_) + kSize; }

  private:
    static constexpr std::size_t kSize = 64 << 10;

    void* memory_;
};

/// Blocks all signals, as a handler must not run in the child.
class BlockedSignals {
  public:
    BlockedSignals() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;
    ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_{};
};

}  // namespace

Spawned start_child(Child& child) {
    const SharedStack stack;
    if (!stack.valid()) return {0, ENOMEM};
    child.failure = stack.failure();
    const BlockedSignals blocked;
    const pid_t pid = clone(run_child, stack.top(), kSharesMemory | CLONE_VFORK | SIGCHLD, &child);
    if (pid < 0) return {0, errno};
    const ChildFailure& failure = *stack.failure();
    if (failure.error == 0) return {pid, 0};
    await_and_reap(pid);
    return {0, failure.error, failure.step};
}

void await_and_reap(pid_t child) {
    siginfo_t ignored{};
    while (waitid(P_PID, static_cast<id_t>(child), &ignored, WEXITED) != 0 && errno == EINTR) {
    }
}

}  // namespace atlasjob

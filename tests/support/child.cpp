#include "support/child.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>

namespace atlasjob::test {

namespace {

constexpr int kExitCodeAfterThrow = 99;

/// Removes the test framework's handlers and unblocks signals that a held writer lock defers.
void restore_default_signals() {
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, nullptr);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGSEGV, SIGFPE, SIGILL, SIGABRT})
        ::signal(number, SIG_DFL);
}

int guarded(const std::function<int()>& body) {
    try {
        return body();
    } catch (const std::exception& thrown) {
        static_cast<void>(write_all(STDERR_FILENO, std::string{"child: "} + thrown.what() + "\n"));
        return kExitCodeAfterThrow;
    }
}

}  // namespace

Child::Child(const std::function<int()>& body) {
    static_cast<void>(std::fflush(nullptr));  // or the child would write buffered output again
    pid_ = ::fork();  // NOLINT(cppcoreguidelines-prefer-member-initializer): after the flush
    if (pid_ < 0) throw std::runtime_error("fork: " + std::to_string(errno));
    if (pid_ != 0) return;
    restore_default_signals();
    ::_exit(guarded(body));  // not exit: only the parent runs the test framework's exit handlers
}

Child::~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    wait();
}

void Child::signal(int number) const {
    ::kill(pid_, number);
}

ChildEnd Child::wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0) {
        if (errno != EINTR) throw std::runtime_error("waitpid: " + std::to_string(errno));
    }
    pid_ = -1;
    if (WIFEXITED(status)) return {WEXITSTATUS(status), {}};
    return {{}, WTERMSIG(status)};
}

void Wire::send() const {
    if (!write_all(pipe_.write_end.get(), "!"))
        throw std::runtime_error("Wire: the receiver has closed");
}

bool Wire::receive() const {
    char byte = 0;
    for (;;) {
        const ssize_t count = ::read(pipe_.read_end.get(), &byte, 1);
        if (count >= 0) return count == 1;
        if (errno != EINTR) throw std::runtime_error("Wire: read failed");
    }
}

}  // namespace atlasjob::test

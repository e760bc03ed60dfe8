#pragma once

#include <csignal>
#include <optional>
#include <string>

namespace atlasjob {

/// How a process ended: with an exit code or killed by a signal.
class ExitStatus {
  public:
    [[nodiscard]] static ExitStatus exited(int code) { return {false, code, false}; }
    static ExitStatus signalled(int signo, bool core) { return {true, signo, core}; }
    /// From the result of waitid(…, WEXITED).
    [[nodiscard]] static ExitStatus of(const siginfo_t& info);

    bool success() const { return !by_signal_ && number_ == 0; }
    /// The exit code; nullopt if a signal killed it.
    std::optional<int> code() const { return by_signal_ ? std::nullopt : std::optional{number_}; }
    /// The signal that killed it; nullopt if it exited.
    std::optional<int> signo() const { return by_signal_ ? std::optional{number_} : std::nullopt; }
    /// Whether it dumped core.
    bool dumped_core() const { return core_; }
    /// As a shell's $?: the code, or 128 + the signal.
    int shell_status() const { return by_signal_ ? 128 + number_ : number_; }
    /// "exited with 3", "was killed by SIGKILL", "was killed by SIGSEGV (core dumped)".
    [[nodiscard]] std::string to_string() const;

    friend bool operator==(const ExitStatus&, const ExitStatus&) = default;

  private:
    ExitStatus(bool by_signal, int number, bool core)
        : by_signal_(by_signal), number_(number), core_(core) {}

    bool by_signal_;
    int number_;
    bool core_;
};

}  // namespace atlasjob

#pragma once

#include <csignal>
#include <optional>
#include <string>

namespace atlasjob {

/// The name of a signal: "SIGKILL", "SIGRTMIN+2"; "signal 99" for a number without one.
std::string signal_name(int signo);

/// How a process ended: it left with a code, or a signal ended it.
class ExitStatus {
  public:
    static ExitStatus exited(int code) { return {false, code, false}; }
    static ExitStatus signalled(int signo, bool core) { return {true, signo, core}; }
    /// Reads what waitid(…, WEXITED) filled in.
    static ExitStatus of(const siginfo_t& info);

    bool success() const { return !by_signal_ && number_ == 0; }
    /// The exit code; nothing when a signal ended it.
    std::optional<int> code() const { return by_signal_ ? std::nullopt : std::optional{number_}; }
    /// The signal that ended it; nothing when it left by itself.
    std::optional<int> signo() const { return by_signal_ ? std::optional{number_} : std::nullopt; }
    /// Whether a core image was written.
    bool dumped_core() const { return core_; }
    /// What a shell's $? would say: the code, or 128 + the signal.
    int shell_status() const { return by_signal_ ? 128 + number_ : number_; }
    /// "exited with 3", "was ended by SIGKILL", "was ended by SIGSEGV (core dumped)".
    std::string to_string() const;

    friend bool operator==(const ExitStatus&, const ExitStatus&) = default;

  private:
    ExitStatus(bool by_signal, int number, bool core)
        : by_signal_(by_signal), number_(number), core_(core) {}

    bool by_signal_;
    int number_;
    bool core_;
};

}  // namespace atlasjob

#pragma once

#include <csignal>

namespace atlasjob::sqlite {

/// Holds back the signals that would stop or end this process in the middle of a write: INT, TERM,
/// HUP and TSTP. What arrives meanwhile is delivered when the hold ends. Affects the calling
/// thread; a program with more threads handles these signals itself.
class SignalHold {
  public:
    SignalHold();
    SignalHold(const SignalHold&) = delete;
    SignalHold& operator=(const SignalHold&) = delete;
    ~SignalHold();

    /// Delivers what is waiting now, by ending the hold for a moment.
    void deliver_pending();

  private:
    sigset_t before_{};
};

}  // namespace atlasjob::sqlite

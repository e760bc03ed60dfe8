#pragma once

#include "rpc/output.h"

#include <string_view>

namespace atlasjob::rpc {

/// Writes each message to a descriptor (not owned) with one write(2), as a rule. Blocks until the
/// other side has taken it, also when the descriptor is non-blocking.
class LineOutput final : public Output {
  public:
    explicit LineOutput(int fd) : fd_(fd) {}

    void send(const std::string& line) noexcept override;

    /// False once a write has failed: the client is gone, or `failure()` says what is wrong.
    bool open() const noexcept { return open_; }
    /// The errno that ended it; 0 when it is open or the client just left (EPIPE).
    int failure() const noexcept { return failure_; }

  private:
    bool write_some(std::string_view& bytes) noexcept;

    int fd_;
    bool open_ = true;
    int failure_ = 0;
};

/// Makes a write to a closed pipe an error instead of the end of the process. For the whole
/// process; programs it starts must be given the default back.
void ignore_broken_pipes() noexcept;

}  // namespace atlasjob::rpc

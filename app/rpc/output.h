#pragma once

#include <string>

namespace atlasjob::rpc {

/// Sends messages to the client. Used from the loop's thread only.
class Output {
  public:
    Output() = default;
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    virtual ~Output() = default;

    /// Sends one message: a line of JSON including its newline (see wire.h). Never throws; messages
    /// are dropped once the client is gone.
    virtual void send(const std::string& line) noexcept = 0;
};

}  // namespace atlasjob::rpc

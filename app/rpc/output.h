#pragma once

#include <string>

namespace atlasjob::rpc {

/// Where messages go. Used from the loop's thread only.
class Output {
  public:
    Output() = default;
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    virtual ~Output() = default;

    /// Sends one message: a line of JSON with its newline (wire.h makes them). Never throws; once
    /// the other side is gone, messages vanish.
    virtual void send(const std::string& line) noexcept = 0;
};

}  // namespace atlasjob::rpc

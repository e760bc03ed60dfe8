#pragma once

#include "rpc/output.h"

#include <string>
#include <vector>

namespace atlasjob::test {

/// Collects the sent lines.
class CapturedOutput final : public rpc::Output {
  public:
    void send(const std::string& line) noexcept override { lines_.push_back(line); }

    const std::vector<std::string>& lines() const { return lines_; }
    /// All lines concatenated.
    std::string text() const {
        std::string all;
        for (const auto& line : lines_)
            all += line;
        return all;
    }

  private:
    std::vector<std::string> lines_;
};

}  // namespace atlasjob::test

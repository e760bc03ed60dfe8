#pragma once

#include "mcp/contracts/contract.h"

#include <memory>
#include <vector>

namespace atlasjob::mcp {

/// The actions of a file: commands that the server's owner wrote down, each served as a tool. Owns
/// all that its tools show.
class Actions {
  public:
    /// None.
    Actions();
    /// Reads and checks the file. Throws Error(invalid_argument) that names the file and the place
    /// for whatever is wrong, for a name that a tool of the contract has, and for a contract that
    /// serves no actions.
    Actions(const std::string& path, const Contract& contract);
    Actions(Actions&&) noexcept;
    Actions& operator=(Actions&&) noexcept;
    Actions(const Actions&) = delete;
    Actions& operator=(const Actions&) = delete;
    ~Actions();

    /// In the order of the file.
    std::span<const Tool> tools() const { return tools_; }

  private:
    void add(Action action);

    std::vector<std::unique_ptr<const Action>> actions_;
    std::vector<Tool> tools_;
};

}  // namespace atlasjob::mcp

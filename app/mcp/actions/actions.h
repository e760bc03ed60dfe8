#pragma once

#include "mcp/contracts/contract.h"

#include <memory>
#include <vector>

namespace atlasjob::mcp {

/// The actions of an actions file, each served as a tool. Owns the texts of its tools.
class Actions {
  public:
    /// No actions.
    Actions();
    /// Reads and checks the file. Throws Error(invalid_argument), with the file and the path in it,
    /// for anything invalid, for a name that a tool of the contract has, and for a contract that
    /// does not support actions.
    Actions(const std::string& path, const Contract& contract);
    Actions(Actions&&) noexcept;
    Actions& operator=(Actions&&) noexcept;
    Actions(const Actions&) = delete;
    Actions& operator=(const Actions&) = delete;
    ~Actions();

    /// In the file's order.
    std::span<const Tool> tools() const { return tools_; }

  private:
    void add(Action action);

    std::vector<std::unique_ptr<const Action>> actions_;
    std::vector<Tool> tools_;
};

}  // namespace atlasjob::mcp

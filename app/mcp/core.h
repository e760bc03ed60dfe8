#pragma once

#include "mcp/argument_check.h"
#include "mcp/contract.h"

#include <map>
#include <vector>

namespace atlasjob::mcp {

/// One entry of the resource list: a job of the principal's own.
struct JobResource {
    std::string uri;
    std::string name;
    std::string title;
    std::string description;
};

/// What the server does, whatever the protocol era: the eras (legacy.h) read requests and write
/// results, and everything between the two is here. One thread.
class Core {
  public:
    /// Everything given must outlive it.
    Core(const Contract& contract, LedgerAccess& ledger, std::optional<Principal> principal);

    const Contract& contract() const { return contract_; }

    /// Throws Error(invalid_argument) that names the tools there are.
    const Tool& require_tool(std::string_view name) const;
    /// Calls the tool once its arguments are found to fit. Arguments that do not and a ledger that
    /// cannot be used are results too; throws Error(internal) only.
    ToolResult call(const Tool& tool, const nlohmann::json& arguments);

    /// The principal's newest jobs; none when there is no principal or no ledger yet. Throws Error
    /// when there is a ledger that cannot be read.
    std::vector<JobResource> list_jobs();
    /// The same bytes as the status tool's text for a job the principal may read; nothing for any
    /// other URI. Throws Error when the ledger cannot be read.
    std::optional<std::string> read_resource(std::string_view uri);

  private:
    ToolContext context() { return {contract_, ledger_, principal_}; }
    const ArgumentCheck& check_for(const Tool& tool);

    const Contract& contract_;
    LedgerAccess& ledger_;
    std::optional<Principal> principal_;
    std::map<const Tool*, ArgumentCheck> checks_;  ///< Made at a tool's first call.
};

}  // namespace atlasjob::mcp

#pragma once

#include "mcp/argument_check.h"
#include "mcp/contract.h"
#include "mcp/server.h"

#include <map>
#include <vector>

namespace atlasjob::mcp {

/// One entry of the resource list.
struct ListedResource {
    std::string uri;
    std::string name;
    std::string title;
    std::string description;
    std::string_view mime_type;
};

/// What a resource holds.
struct Contents {
    std::string text;
    std::string_view mime_type;
};

/// What the server does, whatever the protocol era: the eras (legacy.h, modern.h) read requests and
/// write results, and everything between the two is here. One thread.
class Core {
  public:
    /// Everything given must outlive it.
    Core(const ServerOptions& options, LedgerAccess& ledger, const Clock& clock);

    const Contract& contract() const { return contract_; }
    /// What tools and resources work with.
    const ToolContext& context() const { return context_; }

    /// Those that are served: the contract's that the user has opened.
    std::span<const Tool* const> tools() const { return tools_; }
    /// Throws Error(invalid_argument) that names the tools there are.
    const Tool& require_tool(std::string_view name) const;
    /// Calls the tool once its arguments are found to fit. Arguments that do not and a ledger that
    /// cannot be used are results too; throws Error(internal) only.
    ToolAnswer call(const Tool& tool, const nlohmann::json& arguments);

    /// The resources that are no templates, and the principal's newest jobs; no jobs when there is
    /// no principal or no ledger yet. Throws Error when there is a ledger that cannot be read.
    std::vector<ListedResource> list_resources();
    /// Nothing for a URI that is none of ours, and for what the principal may not see. Throws Error
    /// when the ledger cannot be read.
    std::optional<Contents> read_resource(std::string_view uri);
    /// A text that differs whenever the resource's contents do; nothing and throws as above.
    std::optional<std::string> resource_version(std::string_view uri);

  private:
    const ArgumentCheck& check_for(const Tool& tool);

    const Contract& contract_;
    LedgerAccess& ledger_;
    const std::optional<Principal>& principal_;
    ToolContext context_;
    std::vector<const Tool*> tools_;
    std::map<const Tool*, ArgumentCheck> checks_;  ///< Made at a tool's first call.
};

}  // namespace atlasjob::mcp

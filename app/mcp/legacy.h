#pragma once

#include "mcp/core.h"
#include "mcp/revision.h"
#include "mcp/wire.h"
#include "rpc/method_table.h"

namespace atlasjob::mcp {

/// The era of `initialize`: 2024-11-05 to 2025-11-25. The revision agreed on holds for the process;
/// requests that come before are served as the newest one. One thread.
class LegacyEra {
  public:
    /// `core` must outlive it.
    LegacyEra(Core& core, std::string version);

    /// Answers a request at once. Throws Error, which the dispatcher turns into the answer.
    void answer(const rpc::Request& request, rpc::Reply& reply) const {
        methods_.answer(request, reply);
    }

  private:
    void add_resource_methods();
    std::string initialize(const nlohmann::json& params);
    std::string capabilities() const;
    std::string list_tools(const nlohmann::json& params) const;
    std::string call_tool(const nlohmann::json& params);
    std::string list_resources(const nlohmann::json& params);
    std::string list_templates(const nlohmann::json& params) const;
    void read_resource(const rpc::Request& request, rpc::Reply& reply);
    Dialect dialect() const;

    Core& core_;
    std::string version_;
    Revision revision_ = kNewestLegacy;
    rpc::MethodTable methods_;
};

}  // namespace atlasjob::mcp

#pragma once

#include "ledger/log_store.h"
#include "mcp/server/tool_registry.h"
#include "support/fake_clock.h"
#include "support/job_factory.h"
#include "support/temp_dir.h"

#include <nlohmann/json.hpp>

#include <array>
#include <map>
#include <memory>
#include <string>

namespace atlasjob::test {

/// All statuses, in an order in which jobs can be created one after the other: a queued job would
/// be claimed instead of the next one.
inline constexpr std::array kUnqueuedFirst = {
    Status::running, Status::done, Status::error, Status::cancelled, Status::queued};

/// Options of a server for alice with every permission; it starts no worker.
mcp::ServerOptions open_options();

/// Calls the tools of the contract in `options` directly, without a protocol, on a ledger of alice.
/// Every result is checked against the tool's published output schema.
class ToolBench {
  public:
    explicit ToolBench(mcp::ServerOptions options = open_options());

    FakeClock& clock() { return clock_; }
    Store& store() { return *store_; }
    JobFactory& jobs() { return jobs_; }
    mcp::ToolRegistry& core() { return *core_; }
    const TempDir& dir() const { return dir_; }

    /// The answer of a call; arguments that do not fit the schema are refused as by the server.
    mcp::ToolAnswer answer(std::string_view tool, const nlohmann::json& arguments);
    /// The structured result of a call, which must succeed at once.
    nlohmann::json call(std::string_view tool, const nlohmann::json& arguments);
    /// The error text of a call, which must fail.
    std::string failure(std::string_view tool, const nlohmann::json& arguments);

    /// Fails the test if the result does not match the tool's output schema.
    void check_output(const mcp::Tool& tool, const mcp::ToolResult& result);

    /// The output log of a job's attempt, for writing.
    LogWriter& log(const JobId& id, int attempt = 1, std::int64_t limit_bytes = 1 << 20);

  private:
    TempDir dir_;
    FakeClock clock_;
    std::unique_ptr<Store> store_;
    JobFactory jobs_;
    mcp::ServerOptions options_;
    mcp::StoreHandle ledger_;
    std::unique_ptr<mcp::ToolRegistry> core_;
    std::unique_ptr<LogStore> log_store_;
    std::map<std::string, std::unique_ptr<LogWriter>> logs_;
};

}  // namespace atlasjob::test

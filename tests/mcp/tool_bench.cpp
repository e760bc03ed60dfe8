#include "tool_bench.h"

#include "logs/open.h"
#include "store/open.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>

namespace atlasjob::test {

using nlohmann::json;

mcp::ServerOptions open_options() {
    mcp::ServerOptions options;
    options.principal = kAlice;
    options.allowed = {true, true, true};
    return options;
}

ToolBench::ToolBench(mcp::ServerOptions options)
    : store_(open_store(parse_address(dir_ / "ledger.db"), OpenMode::create, clock_)),
      jobs_(*store_, clock_),
      options_(std::move(options)),
      ledger_(dir_ / "ledger.db"),
      log_store_(open_logs(ledger_.address(), clock_)) {
    options_.ledger = dir_ / "ledger.db";
    core_ = std::make_unique<mcp::ToolRegistry>(options_, ledger_, clock_);
}

mcp::ToolAnswer ToolBench::answer(std::string_view tool, const json& sent) {
    const mcp::Tool& called = core_->require_tool(tool);
    const json arguments = core_->given_arguments(called, sent);
    if (auto refusal = core_->refuse_arguments(called, arguments)) return std::move(*refusal);
    return core_->call(core_->context(), called, arguments);
}

json ToolBench::call(std::string_view tool, const json& arguments) {
    CAPTURE(tool, arguments.dump());
    const auto tool_answer = answer(tool, arguments);
    REQUIRE(std::holds_alternative<mcp::ToolResult>(tool_answer));
    const auto& result = std::get<mcp::ToolResult>(tool_answer);
    CAPTURE(result.text);
    REQUIRE_FALSE(result.is_error);
    REQUIRE(result.structured);
    check_output(core_->require_tool(tool), result);
    return json::parse(result.text);
}

std::string ToolBench::failure(std::string_view tool, const json& arguments) {
    CAPTURE(tool, arguments.dump());
    const auto tool_answer = answer(tool, arguments);
    REQUIRE(std::holds_alternative<mcp::ToolResult>(tool_answer));
    const auto& result = std::get<mcp::ToolResult>(tool_answer);
    CAPTURE(result.text);
    REQUIRE(result.is_error);
    REQUIRE_FALSE(result.structured);
    return result.text;
}

void ToolBench::check_output(const mcp::Tool& tool, const mcp::ToolResult& result) {
    const std::string problem =
        mcp::ArgumentCheck{tool.output_schema}.problem(json::parse(result.text));
    CAPTURE(tool.name, result.text, problem);
    REQUIRE(problem.empty());
}

LogWriter& ToolBench::log(const JobId& id, int attempt, std::int64_t limit_bytes) {
    auto& log = logs_[fmt::format("{}.{}", id.view(), attempt)];
    if (!log) log = log_store_->open_writer({id, attempt, limit_bytes});
    return *log;
}

}  // namespace atlasjob::test

#include "mcp/contracts/contract.h"

#include "base/error.h"
#include "base/json_text.h"
#include "mcp/ledger_fixture.h"
#include "mcp/schema/argument_check.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace atlasjob;
using nlohmann::json;

TEST_CASE("an unknown contract is refused, and the known ones are listed") {
    for (const mcp::Contract* contract : mcp::contracts())
        CHECK(&mcp::require_contract(contract->name) == contract);
    try {
        mcp::require_contract("atlantis");
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::invalid_argument);
        CHECK_THAT(error.what(), Catch::Matchers::Contains("\"atlantis\""));
        CHECK_THAT(error.what(), Catch::Matchers::Contains("atlas"));
    }
}

TEST_CASE("descriptions of tools fit the limit of hosts, and their schemas are valid") {
    for (const mcp::Contract* contract : mcp::contracts()) {
        CAPTURE(contract->name);
        CHECK(contract->instructions.size() < mcp::kMaxGuidance);
        for (const mcp::Tool* tool : contract->tools) {
            CAPTURE(tool->name);
            CHECK(tool->description.size() < mcp::kMaxGuidance);
            CHECK(json::parse(tool->input_schema).at("type") == "object");
            CHECK_NOTHROW(mcp::ArgumentCheck{tool->input_schema});
            if (!tool->output_schema.empty())
                CHECK_NOTHROW(mcp::ArgumentCheck{tool->output_schema});
        }
    }
}

TEST_CASE("a tool reads exactly the arguments that its input schema publishes") {
    for (const mcp::Contract* contract : mcp::contracts()) {
        for (const mcp::Tool* tool : contract->tools) {
            CAPTURE(contract->name, tool->name);
            const json schema = json::parse(tool->input_schema);
            std::vector<std::string> published;
            for (const auto& [name, property] : schema.at("properties").items())
                published.push_back(name);
            REQUIRE(tool->function.argument_names != nullptr);
            const auto names = tool->function.argument_names();
            std::vector<std::string> read(names.begin(), names.end());
            std::ranges::sort(read);
            CHECK(read == published);
        }
    }
}

TEST_CASE("the output schema of atlas accepts every answer of the contract and no other") {
    const mcp::Tool& tool = *mcp::require_contract("atlas").tools[0];
    const mcp::ArgumentCheck schema{tool.output_schema};
    for (const auto& [state, job] : test::golden_jobs()) {
        CAPTURE(state);
        CHECK(schema.problem(json::parse(job.answer)).empty());
    }
    for (const auto* refusal :
         {R"({"error":"authentication_missing"})",
          R"({"error":"invalid_parameter","parameter":"job_id"})",
          R"({"error":"job_not_found","job_id":"x"})",
          R"({"error":"rate_limited","retry_after_seconds":45})"}) {
        CHECK(schema.problem(json::parse(refusal)).empty());
    }
    json odd = json::parse(test::golden_jobs().at("done").answer);
    odd["status"] = "completed";
    CHECK_FALSE(schema.problem(odd).empty());
    CHECK_FALSE(schema.problem(json::parse(R"({"error":"gone"})")).empty());
    CHECK_FALSE(schema.problem(json::object()).empty());
}

#include "mcp/contracts/contract_states.h"
#include "mcp/schema/argument_check.h"
#include "mcp/tool_bench.h"
#include "support/places.h"
#include "support/random_ledger.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <fstream>

using namespace atlasjob;
using namespace std::chrono_literals;
using nlohmann::json;
using test::JobState;
using test::ToolBench;

namespace {

json golden(const std::string& name) {
    std::ifstream file{test::source_path("tests/mcp/golden/" + name)};
    return json::parse(file);
}

mcp::ServerOptions serving(std::string_view contract) {
    auto options = test::open_options();
    options.contract = contract;
    return options;
}

/// A ToolBench for a contract over a ledger with every state.
class StatesBench {
  public:
    explicit StatesBench(std::string_view contract)
        : contract_(contract), bench_(serving(contract)) {
        bench_.clock().advance(2min);
        auto states = test::job_states();
        auto next = states.begin();
        static_cast<void>(bench_.store().import_jobs({[&]() -> std::optional<JobRecord> {
            if (next == states.end()) return {};
            return completed((next++)->record);
        }}));
        bench_.store().pause(test::kPausedQueue, "alice");
    }

    /// The result of the contract's first tool for a job.
    mcp::ToolResult call(const JobId& id) { return call_with(format_id(id)); }

    /// The same with any value as the id.
    mcp::ToolResult call_with(const json& id) {
        const mcp::Contract& contract = bench_.core().contract();
        json arguments = {{"job_id", id}};
        if (contract.name == "arcgis") arguments = {{"jobId", id}, {"taskUrl", test::kTaskUrl}};
        auto answer = bench_.answer(contract.tools[0]->name, arguments);
        return std::get<mcp::ToolResult>(std::move(answer));
    }

    ToolBench& bench() { return bench_; }

    /// The id in the contract's format.
    std::string format_id(const JobId& id) const {
        std::string text = id.str();
        if (contract_ != "arcgis") return text;
        std::erase(text, '-');
        return "j" + text;
    }

  private:
    std::string contract_;
    ToolBench bench_;
};

/// The status word of an answer.
std::string status_in(std::string_view contract, const json& answer) {
    if (contract == "cidx") return answer.at("job").at("status");
    if (contract == "arcgis") return answer.at("jobStatus");
    if (contract == "reftrix") return answer.at("data").at("status");
    return answer.at("status");
}

std::string expected_status(std::string_view contract, const JobState& state) {
    if (contract == "cidx") return state.cidx;
    if (contract == "bgjob") return state.bgjob;
    if (contract == "arcgis") return state.arcgis;
    if (contract == "reftrix") return state.reftrix;
    return std::string{to_string(state.record.job.status)};
}

/// The answer with its request id, which is new in every call, replaced.
json without_request_id(json answer) {
    if (answer.contains("metadata")) answer["metadata"]["request_id"] = "-";
    return answer;
}

}  // namespace

TEST_CASE("each contract answers every state in its published words and shape") {
    const json published = golden("published.json");
    const json answers = golden("states.json");
    for (const mcp::Contract* contract : mcp::contracts()) {
        const std::string name{contract->name};
        const mcp::ArgumentCheck schema{published.at(name).dump()};
        StatesBench states{name};
        for (const JobState& state : test::job_states()) {
            CAPTURE(name, state.name);
            const auto result = states.call(state.record.job.job_id);
            CAPTURE(result.text);
            CHECK_FALSE(result.is_error);
            CHECK(result.structured == contract->structured);
            CHECK(result.indented == contract->indented);
            const json answer = json::parse(result.text);
            CHECK(schema.problem(answer).empty());
            CHECK(status_in(name, answer) == expected_status(name, state));
            CHECK(without_request_id(answer) == answers.at(state.name).at(name));
        }
    }
}

TEST_CASE("each contract's answer for any job matches its published schema") {
    const json published = golden("published.json");
    const unsigned seed = GENERATE(1U, 2U, 3U);
    for (const mcp::Contract* contract : mcp::contracts()) {
        CAPTURE(contract->name, seed);
        ToolBench bench{serving(contract->name)};
        test::RandomLedger{bench.store(), bench.clock(), seed}.add(60);
        const mcp::ArgumentCheck schema{published.at(std::string{contract->name}).dump()};
        ListQuery query;
        query.limit = 100;
        const JobPage page = bench.store().list(query, test::kAdmin);
        REQUIRE(page.jobs.size() > 50);
        for (const Job& job : page.jobs) {
            for (const mcp::DisplayStatus standing : mcp::kDisplayStatuses) {
                std::string text;
                contract->append_job(
                    text, bench.core().context(), job, contract->status_names.of(standing));
                CAPTURE(text.substr(0, 500));
                CHECK(schema.problem(json::parse(text)).empty());
            }
        }
    }
}

TEST_CASE("a foreign job and an unknown one get the same answer in every contract") {
    for (const mcp::Contract* contract : mcp::contracts()) {
        CAPTURE(contract->name);
        StatesBench states{contract->name};
        NewJob spec = states.bench().jobs().created_spec();
        spec.owner = "bob";
        spec.target = json{{"task_url", test::kTaskUrl}}.dump();
        const JobId foreign = states.bench().jobs().queued(spec);
        const JobId unknown = JobId::make(states.bench().clock().now());
        const auto without_id = [&](const JobId& id) {
            const auto result = states.call(id);
            std::string text = result.text + (result.is_error ? " error" : " answer");
            const std::string formatted = states.format_id(id);
            for (std::size_t at; (at = text.find(formatted)) != std::string::npos;)
                text.replace(at, formatted.size(), "ID");
            const std::size_t request = text.find("request_id");
            return request == std::string::npos ? text : text.erase(request);
        };
        CHECK(without_id(foreign) == without_id(unknown));
    }
}

TEST_CASE("every contract refuses an invalid job id") {
    for (const mcp::Contract* contract : mcp::contracts()) {
        StatesBench states{contract->name};
        for (const json& id :
             {json(std::string(129, 'a')), json("../../etc"), json("a\nb"), json(""), json("1"),
              json("last"), json(42), json(nullptr), json(1.5), json(true), json::array(),
              json(std::string("a\0b", 3)), json("\xff")}) {
            const auto result = states.call_with(id);
            CAPTURE(contract->name, result.text);
            const json answer = json::parse(result.text, nullptr, false);
            const bool refused = result.is_error || answer.contains("error");
            CHECK(refused);
            CHECK_FALSE((answer.is_object() && answer.value("success", false)));
        }
    }
}

TEST_CASE("a result too large to send does not hide the status in any contract") {
    const auto row = GENERATE(table<std::string, std::string>(
        {{"cidx", "completed"},
         {"bgjob", "completed"},
         {"arcgis", "esriJobSucceeded"},
         {"reftrix", "completed"}}));
    const std::string& contract = std::get<0>(row);
    CAPTURE(contract);
    ToolBench bench{serving(contract)};
    const auto answer_for = [&](std::size_t elements) {
        NewJob job = bench.jobs().command_spec();
        job.target = fmt::format(R"({{"task_url":"{}"}})", test::kTaskUrl);
        const JobId id = bench.jobs().queued(job);
        const AttemptKey attempt = bench.jobs().open_attempt(id);
        Outcome outcome = test::ended_done();
        outcome.result = "[1";
        for (std::size_t i = 1; i < elements; ++i)
            *outcome.result += ",1";
        *outcome.result += ']';
        REQUIRE(bench.store().finish(attempt, outcome, "worker"));
        json arguments = {{"job_id", id.view()}};
        if (contract == "arcgis") {
            std::string digits = id.str();
            std::erase(digits, '-');
            arguments = {{"jobId", "j" + digits}, {"taskUrl", test::kTaskUrl}};
        }
        auto answer = bench.answer(bench.core().contract().tools[0]->name, arguments);
        const auto result = std::get<mcp::ToolResult>(std::move(answer));
        CHECK_FALSE(result.is_error);
        CHECK_THAT(result.text, Catch::Matchers::Contains(fmt::format("\"{}\"", std::get<1>(row))));
        return result.text;
    };
    const bool shows_result = contract != "bgjob";
    CHECK((answer_for(40'000).size() > 80'000) == shows_result);
    const std::string large = answer_for(3'000'000);
    CHECK(large.size() < 4096);
    CHECK((large.find(R"({"omitted_bytes":6000001})") != std::string::npos) == shows_result);
}

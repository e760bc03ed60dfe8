#include "mcp/client.h"
#include "mcp/ledger_fixture.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

using namespace atlasjob;
using namespace std::chrono_literals;
using nlohmann::json;
using test::Client;
using test::LedgerFixture;

namespace {

constexpr const char* kUnknown = "01a20320-ffff-7fff-bfff-ffffffffffff";
constexpr const char* kTask = "https://gis.example.com/GPServer/Merge%20it";

mcp::ServerOptions serving(const LedgerFixture& ledger, std::string_view contract) {
    auto options = test::options_for(ledger.path());
    options.contract = contract;
    options.allowed = {true, true, true};
    return options;
}

/// The result of a tool call.
struct CallResult {
    std::string text;
    bool is_error = false;
    json value;  ///< The text as JSON; discarded if it is not JSON.
};

CallResult call(Client& client, const std::string& tool, const json& arguments) {
    const json result = client.result("tools/call", {{"name", tool}, {"arguments", arguments}});
    REQUIRE(result.at("content").size() == 1);
    CallResult called{result.at("content")[0].at("text"), result.at("isError"), {}};
    called.value = json::parse(called.text, nullptr, false);
    if (result.contains("structuredContent")) CHECK(result.at("structuredContent") == called.value);
    return called;
}

std::string gp_id(std::string id) {
    std::erase(id, '-');
    return "j" + id;
}

json gp(const std::string& id, const std::string& task = kTask) {
    return {{"taskUrl", task}, {"jobId", id}};
}

json gp_error(int code, const std::string& message, const std::string& detail) {
    return {{"error", {{"code", code}, {"message", message}, {"details", {detail}}}}};
}

JobId add_gp_job(LedgerFixture& ledger, const std::string& owner) {
    NewJob job{JobId::make(from_ms(1'795'348'800'000))};
    job.owner = owner;
    job.target = json{{"task_url", kTask}}.dump();
    ledger.clock().set(from_ms(test::FakeClock::kStartMs));
    ledger.store().submit(job);
    return job.job_id;
}

/// Adds a job of alice that ended at the time used in the golden files and was pruned `later`.
JobId add_pruned(LedgerFixture& ledger, milliseconds later) {
    const JobId id = ledger.add_done({}, "1");
    const Retention at_once{0ms, 0ms, 0ms};
    ledger.clock().advance(later);
    REQUIRE(ledger.store().prune(at_once, 10).size() == 1);
    return id;
}

/// Overwrites the ledger, so that it cannot be read.
void damage(LedgerFixture& ledger) {
    ledger.close();
    for (const char* suffix : {"-wal", "-shm"})
        std::filesystem::remove(ledger.path() + suffix);
    std::ofstream{ledger.path(), std::ios::trunc} << std::string(8192, 'x');
}

}  // namespace

TEST_CASE("cidx: unknown, foreign and malformed ids get the same sentence without isError") {
    LedgerFixture ledger;
    const std::string foreign = ledger.add_queued("bob").str();
    Client client{serving(ledger, "cidx")};
    for (const std::string& id :
         {foreign, std::string{kUnknown}, std::string{"nope"}, std::string{"42"}}) {
        const CallResult result = call(client, "get_job_details", {{"job_id", id}});
        CHECK_FALSE(result.is_error);
        CHECK(
            result.text
            == fmt::format(
                "{{\n  \"success\": false,\n  \"error\": \"Job '{}' not found or access "
                "denied\"\n}}",
                id));
    }
    const CallResult number = call(client, "get_job_details", {{"job_id", 42}});
    CHECK(number.value.at("error") == "Job '42' not found or access denied");
    CHECK_FALSE(number.is_error);
}

TEST_CASE("cidx: a missing job_id is reported in the words of the original system") {
    LedgerFixture ledger;
    Client client{serving(ledger, "cidx")};
    const json arguments = GENERATE(
        json::object(), json{{"job_id", nullptr}}, json{{"job_id", ""}}, json{{"jobid", "x"}});
    const CallResult details = call(client, "get_job_details", arguments);
    CHECK(
        details.value == json{{"success", false}, {"error", "Missing required parameter: job_id"}});
    CHECK_FALSE(details.is_error);
    const CallResult cancel = call(client, "cancel_job", arguments);
    CHECK(cancel.value == json{{"success", false}, {"message", "job_id is required"}});
    CHECK_FALSE(cancel.is_error);
}

TEST_CASE("cidx: unknown arguments are ignored, as in the original system") {
    LedgerFixture ledger;
    const std::string id = ledger.add_queued("alice").str();
    Client client{serving(ledger, "cidx")};
    const CallResult result = call(client, "get_job_details", {{"job_id", id}, {"verbose", true}});
    CHECK(result.value.at("job").at("job_id") == id);
}

TEST_CASE("cidx: additional members are returned only with --extended") {
    LedgerFixture ledger;
    const std::string id = ledger.add_queued("alice").str();
    auto options = serving(ledger, "cidx");
    Client plain{options};
    CHECK(call(plain, "get_job_details", {{"job_id", id}}).value.at("job").size() == 10);
    options.extended = true;
    Client extended{options};
    const json job = call(extended, "get_job_details", {{"job_id", id}}).value.at("job");
    CHECK(job.at("continue_polling") == true);
    CHECK(job.at("next_poll_seconds").get<int>() >= 1);
    CHECK(job.contains("current_phase"));
}

TEST_CASE("cidx: get_job_statistics counts the caller's jobs") {
    LedgerFixture ledger;
    for (const auto& [state, job] : test::golden_jobs())
        ledger.add(job.record);
    ledger.add_queued("alice");
    ledger.add_queued("bob");
    Client client{serving(ledger, "cidx")};
    const CallResult result = call(client, "get_job_statistics", json::object());
    CHECK(result.value.at("success") == true);
    CHECK(
        result.value.at("statistics")
        == json{{"active", 1}, {"pending", 2}, {"failed", 1}, {"total", 4}});
}

TEST_CASE("cidx: cancel_job cancels a queued job and refuses others with the reason") {
    LedgerFixture ledger;
    const std::string mine = ledger.add_queued("alice").str();
    const std::string foreign = ledger.add_queued("bob").str();
    const std::string ended = ledger.add_done({}, "1").str();
    Client client{serving(ledger, "cidx")};
    const auto cancel = [&](const std::string& id) {
        const CallResult result = call(client, "cancel_job", {{"job_id", id}});
        CHECK_FALSE(result.is_error);
        return result.value;
    };
    const json not_yours{{"success", false}, {"message", "Job not found or not authorized"}};
    CHECK(cancel(mine) == json{{"success", true}, {"message", "Job cancelled successfully"}});
    CHECK(cancel(mine).at("message") == "Cannot cancel job in cancelled status");
    CHECK(cancel(ended).at("message") == "Cannot cancel job in completed status");
    CHECK(cancel(foreign) == not_yours);
    CHECK(cancel(kUnknown) == not_yours);
    CHECK(cancel("nope") == not_yours);
    const Job untouched =
        ledger.store().get(*JobRef::parse(foreign), {"bob", false}, Detail::summary).value();
    CHECK(untouched.status == Status::queued);
}

TEST_CASE("arcgis: jobs of another task, foreign jobs and unknown jobs do not exist") {
    LedgerFixture ledger;
    const std::string mine = add_gp_job(ledger, "alice").str();
    const std::string foreign = add_gp_job(ledger, "bob").str();
    const std::string taskless = ledger.add_queued("alice").str();
    Client client{serving(ledger, "arcgis")};
    const auto refused = [&](const json& arguments) {
        const CallResult result = call(client, "get_gp_task_job_status", arguments);
        CHECK(result.is_error);
        return result.value;
    };
    const auto unknown = [](const std::string& id) {
        return gp_error(
            400, "Invalid or missing input parameters.",
            fmt::format("Job {} does not exist for this task.", id));
    };
    CHECK(
        refused(gp(gp_id(mine), "https://gis.example.com/GPServer/Other")) == unknown(gp_id(mine)));
    for (const std::string& id :
         {gp_id(foreign), gp_id(taskless), gp_id(kUnknown), mine, std::string{"jdeadbeef"},
          std::string{}, "j" + std::string(32, 'z')})
        CHECK(refused(gp(id)) == unknown(id));
}

TEST_CASE("arcgis: any spelling of a task's URL is accepted") {
    LedgerFixture ledger;
    const std::string id = gp_id(add_gp_job(ledger, "alice").str());
    Client client{serving(ledger, "arcgis")};
    const std::string url = GENERATE(
        as<std::string>{}, "https://gis.example.com/GPServer/Merge%20it",
        "HTTPS://GIS.Example.COM/GPServer/Merge it/",
        "https://gis.example.com:443/GPServer/%4derge%20it//");
    const CallResult result = call(client, "get_gp_task_job_status", gp(id, url));
    CHECK_FALSE(result.is_error);
    CHECK(result.value == json{{"jobStatus", "esriJobSubmitted"}, {"result", nullptr}});
}

TEST_CASE("arcgis: a pruned job is esriJobDeleted for any task") {
    LedgerFixture ledger;
    const std::string id = gp_id(add_pruned(ledger, 1h).str());
    Client client{serving(ledger, "arcgis")};
    const CallResult result = call(client, "get_gp_task_job_status", gp(id));
    CHECK_FALSE(result.is_error);
    CHECK(result.value == json{{"jobStatus", "esriJobDeleted"}, {"result", nullptr}});
}

TEST_CASE("arcgis: invalid arguments are error 400") {
    LedgerFixture ledger;
    Client client{serving(ledger, "arcgis")};
    const json arguments = GENERATE(
        json::object(), json{{"jobId", "j"}}, json{{"taskUrl", kTask}},
        json{{"jobId", 1}, {"taskUrl", kTask}});
    const CallResult result = call(client, "get_gp_task_job_status", arguments);
    CHECK(result.is_error);
    CHECK(result.value.at("error").at("code") == 400);
    CHECK(result.value.at("error").at("message") == "Invalid or missing input parameters.");
    CHECK(result.value.at("error").at("details").size() == 1);
}

TEST_CASE("reftrix: both tool names give the same answer with a new request id") {
    LedgerFixture ledger;
    const std::string id = ledger.add_queued("alice").str();
    Client client{serving(ledger, "reftrix")};
    json dotted = call(client, "page.getJobStatus", {{"job_id", id}}).value;
    json plain = call(client, "page_getJobStatus", {{"job_id", id}}).value;
    CHECK(dotted.at("metadata") != plain.at("metadata"));
    CHECK(dotted.at("data") == plain.at("data"));
    const json listed = client.result("tools/list").at("tools");
    CHECK(listed.size() == 2);
    CHECK_FALSE(listed[0].contains("outputSchema"));
}

TEST_CASE("reftrix: the not-found error states how long jobs are kept") {
    LedgerFixture ledger;
    const std::string foreign = ledger.add_queued("bob").str();
    const std::string pruned = add_pruned(ledger, 50h).str();
    Client client{serving(ledger, "reftrix")};
    const auto refused = [&](const std::string& id) {
        const CallResult result = call(client, "page.getJobStatus", {{"job_id", id}});
        CHECK(result.is_error);
        CHECK(result.text.starts_with("{\n  \"success\": false,\n  \"error\": {\n    \"code\""));
        CHECK(result.value.at("success") == false);
        CHECK(result.value.at("metadata").at("request_id").get<std::string>().size() == 36);
        return result.value.at("error");
    };
    const auto not_found = [](const std::string& id, const std::string& kept) {
        return json{
            {"code", "JOB_NOT_FOUND"},
            {"message", fmt::format(
                            "Job with ID {} not found. It may have expired (jobs are retained for "
                            "{}) or never existed.",
                            id, kept)}};
    };
    CHECK(refused(kUnknown) == not_found(kUnknown, "7 days"));
    CHECK(refused(foreign) == not_found(foreign, "7 days"));
    CHECK(refused(pruned) == not_found(pruned, "2 days"));
}

TEST_CASE("reftrix: invalid arguments are reported in the format of zod") {
    LedgerFixture ledger;
    Client client{serving(ledger, "reftrix")};
    const auto issues = [&](const json& arguments) {
        const CallResult result = call(client, "page.getJobStatus", arguments);
        CHECK(result.is_error);
        CHECK(result.value.at("error").at("code") == "VALIDATION_ERROR");
        return json::parse(result.value.at("error").at("message").get<std::string>());
    };
    CHECK(issues({{"job_id", "nope"}})[0].at("message") == "Invalid uuid");
    CHECK(issues({{"job_id", "nope"}})[0].at("validation") == "uuid");
    CHECK(issues(json::object())[0].at("message") == "Required");
    CHECK(issues({{"job_id", 42}})[0].at("message") == "Expected string, received number");
    CHECK(issues({{"job_id", nullptr}})[0].at("received") == "null");
    CHECK(issues({{"job_id", kUnknown}, {"x", 1}})[0].at("keys") == json{"x"});
}

TEST_CASE("no contract reports an outage as a missing job") {
    LedgerFixture ledger;
    ledger.add_queued("alice");
    damage(ledger);
    const auto outage = [&](std::string_view contract, const std::string& tool,
                            const json& arguments) {
        Client client{serving(ledger, contract)};
        const CallResult result = call(client, tool, arguments);
        CHECK(result.text.find("not found") == std::string::npos);
        CHECK(result.text.find("does not exist") == std::string::npos);
        return result;
    };
    const CallResult cidx = outage("cidx", "get_job_details", {{"job_id", kUnknown}});
    CHECK_FALSE(cidx.is_error);
    CHECK(cidx.value.at("success") == false);
    CHECK(outage("cidx", "cancel_job", {{"job_id", kUnknown}}).value.contains("message"));
    const CallResult arcgis = outage("arcgis", "get_gp_task_job_status", gp(gp_id(kUnknown)));
    CHECK(arcgis.is_error);
    CHECK(arcgis.value.at("error").at("code") == 500);
    const CallResult reftrix = outage("reftrix", "page.getJobStatus", {{"job_id", kUnknown}});
    CHECK(reftrix.is_error);
    CHECK(reftrix.value.at("error").at("code") == "REDIS_UNAVAILABLE");
}

TEST_CASE("each contract has its own errors for a missing principal and too many calls") {
    LedgerFixture ledger;
    const bool nobody = GENERATE(true, false);
    const auto refused = [&](std::string_view contract, const std::string& tool,
                             const json& arguments) {
        auto options = serving(ledger, contract);
        if (nobody) options.principal.reset();
        options.calls_per_minute = 1;
        Client client{options};
        call(client, tool, arguments);
        return call(client, tool, arguments);
    };
    const CallResult cidx = refused("cidx", "get_job_details", {{"job_id", kUnknown}});
    CHECK_FALSE(cidx.is_error);
    CHECK_THAT(
        cidx.value.at("error").get<std::string>(),
        Catch::Matchers::StartsWith(nobody ? "Authentication required" : "Rate limit exceeded"));
    const CallResult arcgis = refused("arcgis", "get_gp_task_job_status", gp(gp_id(kUnknown)));
    CHECK(arcgis.is_error);
    CHECK(arcgis.value.at("error").at("code") == (nobody ? 499 : 429));
    const CallResult reftrix = refused("reftrix", "page.getJobStatus", {{"job_id", kUnknown}});
    CHECK(reftrix.is_error);
    CHECK(
        reftrix.value.at("error").at("code") == (nobody ? "UNAUTHORIZED" : "RATE_LIMIT_EXCEEDED"));
}

TEST_CASE("a contract serves only its own tools, and those that change jobs only when allowed") {
    LedgerFixture ledger;
    const auto names = [&](std::string_view contract, bool open) {
        auto options = serving(ledger, contract);
        options.allowed = {open, open, open};
        Client client{options};
        client.initialize("2025-11-25");
        std::vector<std::string> listed;
        const json tools = client.result("tools/list").at("tools");
        for (const json& tool : tools)
            listed.push_back(tool.at("name"));
        CHECK(client.error("resources/list").at("code") == -32601);
        CHECK(client.error("prompts/list").at("code") == -32601);
        return listed;
    };
    using Names = std::vector<std::string>;
    CHECK(names("cidx", false) == Names{"get_job_details", "get_job_statistics"});
    CHECK(names("cidx", true) == Names{"get_job_details", "get_job_statistics", "cancel_job"});
    CHECK(names("arcgis", true) == Names{"get_gp_task_job_status"});
    CHECK(names("reftrix", true) == Names{"page.getJobStatus", "page_getJobStatus"});
}

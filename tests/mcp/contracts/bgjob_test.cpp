#include "mcp/contracts/bgjob_scene.h"

using namespace atlasjob;
using namespace std::chrono_literals;
using nlohmann::json;
using test::bgjob_options;
using test::BgjobScene;
using test::Client;
using test::LedgerFixture;
using test::named;

namespace {

constexpr const char* kUnknown = "01a20320-ffff-7fff-bfff-ffffffffffff";
constexpr Stream kOut = Stream::standard_output;
constexpr Stream kErr = Stream::standard_error;

std::vector<std::string> tools_of(const mcp::ServerOptions& options) {
    Client client{options};
    std::vector<std::string> names;
    const json listed = client.result("tools/list").at("tools");
    for (const json& tool : listed)
        names.push_back(tool.at("name"));
    return names;
}

}  // namespace

TEST_CASE("bgjob: tools that change jobs are listed only when they are allowed") {
    const LedgerFixture ledger;
    auto options = bgjob_options(ledger.path());
    options.allowed = {};
    const std::vector<std::string> reading = {
        "get_job_status", "list_jobs", "get_job_output", "tail_job_output"};
    CHECK(tools_of(options) == reading);
    options.allowed.submit = true;
    auto submitting = reading;
    submitting.insert(submitting.end(), {"execute_command", "interact_with_job"});
    CHECK(tools_of(options) == submitting);
    options.allowed = {false, true, false};
    auto cancelling = reading;
    cancelling.emplace_back("kill_job");
    CHECK(tools_of(options) == cancelling);
}

TEST_CASE("bgjob: unknown, foreign and malformed ids get the same error from every tool") {
    BgjobScene scene;
    const std::string foreign = scene.ledger.add_queued("bob").str();
    for (const std::string& id :
         {foreign, std::string{kUnknown}, std::string{"nope"}, std::string{}, std::string{"42"}}) {
        const std::string sentence = "Job " + id + " not found";
        for (const char* tool : {"get_job_status", "get_job_output", "tail_job_output"})
            CHECK(scene.failure(tool, {{"job_id", id}}) == sentence);
        CHECK(scene.failure("interact_with_job", {{"job_id", id}, {"input", "x"}}) == sentence);
        CHECK(scene.call("kill_job", {{"job_id", id}}) == json{{"status", "not_found"}});
    }
    CHECK(scene.call("list_jobs", json::object()) == json{{"jobs", json::array()}});
}

TEST_CASE("bgjob: invalid arguments are reported in the format of pydantic") {
    BgjobScene scene;
    const std::string visit =
        "]\n    For further information visit https://errors.pydantic.dev/2.11/v/";
    CHECK(
        scene.failure("get_job_status", json::object())
        == "1 validation error for call[get_job_status]\njob_id\n  Missing required argument "
           "[type=missing_argument, input_value={}, input_type=dict"
               + visit + "missing_argument");
    CHECK(
        scene.failure("get_job_status", {{"job_id", 42}})
        == "1 validation error for call[get_job_status]\njob_id\n  Input should be a valid string "
           "[type=string_type, input_value=42, input_type=int"
               + visit + "string_type");
    CHECK(
        scene.failure("tail_job_output", {{"job_id", nullptr}, {"lines", 1001}})
        == "2 validation errors for call[tail_job_output]\njob_id\n  Input should be a valid "
           "string [type=string_type, input_value=None, input_type=NoneType"
               + visit
               + "string_type\nlines\n  Input should be less than or equal to 1000 "
                 "[type=less_than_equal, input_value=1001, input_type=int"
               + visit + "less_than_equal");
    CHECK_THAT(
        scene.failure("tail_job_output", {{"job_id", "x"}, {"lines", 0}}),
        Catch::Contains("greater than or equal to 1 [type=greater_than_equal, input_value=0"));
    CHECK_THAT(
        scene.failure("tail_job_output", {{"job_id", "x"}, {"lines", 1.5}}),
        Catch::Contains("valid integer [type=int_type, input_value=1.5, input_type=float"));
    CHECK_THAT(
        scene.failure("execute_command", {{"command", {"a", true, {{"k", "it's"}}}}}),
        Catch::Contains("input_value=['a', True, {'k': \"it's\"}], input_type=list"));
    CHECK_THAT(
        scene.failure("get_job_status", {{"job_id", {std::string(200, 'x')}}}),
        Catch::Contains("input_value=['xxxxxxxxxxxxxxxxxxxxxxx...xxxxxxxxxxxxxxxxxxxxxx'],"));
}

TEST_CASE("bgjob: list_jobs is newest first and shows the command as it was given") {
    BgjobScene scene;
    NewJob spec = scene.jobs.command_spec();
    const auto add = [&](const std::vector<std::string>& argv) {
        spec.job_id = JobId::make(scene.clock.now());
        spec.command->argv = argv;
        scene.ledger.store().submit(spec);
        scene.clock.advance(250ms);
    };
    const std::string first = format_time(scene.clock.now());
    add({"/bin/sh", "-c", "make -j8 && echo 'done'"});
    add({"grep", "a b", "it's", "", "x=1"});
    NewJob created = scene.jobs.created_spec();
    created.kind = "sync";
    scene.ledger.store().submit(created);
    created.job_id = JobId::make(scene.clock.now());
    created.name = "the other one";
    created.owner = "bob";
    scene.ledger.store().submit(created);
    const json jobs = scene.call("list_jobs", json::object()).at("jobs");
    REQUIRE(jobs.size() == 3);
    CHECK(jobs[0].at("command") == "sync");
    CHECK(jobs[1].at("command") == R"(grep 'a b' 'it'"'"'s' '' x=1)");
    CHECK(jobs[2].at("command") == "make -j8 && echo 'done'");
    CHECK(jobs[2].at("status") == "running");
    // Its creation time while it is queued; whole seconds have no fraction.
    REQUIRE(first.ends_with(".000Z"));
    CHECK(jobs[2].at("started") == first.substr(0, 19) + "Z");
    CHECK(jobs[1].at("started") == first.substr(0, 19) + ".250000Z");
}

TEST_CASE("bgjob: list_jobs returns at most a thousand jobs or a mebibyte") {
    BgjobScene scene;
    std::vector<NewJob> specs;
    for (int i = 0; i < 1005; ++i)
        specs.push_back(scene.jobs.command_spec());
    const auto submitted = scene.ledger.store().submit_all(specs);
    const json jobs = scene.call("list_jobs", json::object()).at("jobs");
    REQUIRE(jobs.size() == 1000);
    CHECK(jobs.front().at("job_id") == submitted.back().job_id.str());
    CHECK(jobs.back().at("job_id") == submitted[5].job_id.str());
    for (int i = 0; i < 20; ++i) {
        NewJob spec = scene.jobs.command_spec();
        spec.command->argv = {"sh", "-c", std::string(100'000, 'x')};
        scene.ledger.store().submit(spec);
    }
    const json large = scene.call("list_jobs", json::object()).at("jobs");
    CHECK(large.size() == 10);
}

TEST_CASE("bgjob: output is returned per stream, whole or the last lines, as valid UTF-8") {
    BgjobScene scene;
    const AttemptKey attempt = scene.running();
    {
        const auto log = scene.log(attempt.job_id);
        for (int line = 1; line <= 60; ++line)
            log->write(kOut, fmt::format("out {}\n", line));
        log->write(kErr, "bad \xff byte\n");
    }
    const auto check = [&] {
        const json all = scene.call("get_job_output", named(attempt.job_id));
        CHECK(all.at("stdout").get<std::string>().starts_with("out 1\nout 2\n"));
        CHECK(all.at("stderr") == "bad \uFFFD byte\n");
        const json tail = scene.call("tail_job_output", named(attempt.job_id));
        CHECK(tail.at("stdout").get<std::string>().starts_with("out 11\n"));
        json two = named(attempt.job_id);
        two["lines"] = 2;
        CHECK(scene.call("tail_job_output", two).at("stdout") == "out 59\nout 60\n");
    };
    check();
    scene.end(attempt, test::ended_error());
    check();
    CHECK(scene.call("get_job_status", named(attempt.job_id)).at("status") == "failed");
}

TEST_CASE("bgjob: long output keeps its end, and one stream does not displace the other") {
    BgjobScene scene;
    const AttemptKey attempt = scene.running();
    {
        const auto log = scene.log(attempt.job_id);
        log->write(kErr, "the reason\n");
        const std::string line = std::string(999, 'x') + '\n';
        for (int i = 0; i < 5'000; ++i)
            log->write(kOut, line);
        log->write(kOut, "the end\n");
    }
    const json all = scene.call("get_job_output", named(attempt.job_id));
    CHECK(all.at("stderr") == "the reason\n");
    const auto& out = all.at("stdout").get_ref<const std::string&>();
    CHECK(out.size() <= 524'288);
    CHECK(out.size() > 523'000);
    CHECK(out.ends_with("x\nthe end\n"));
    CHECK(scene.call("tail_job_output", named(attempt.job_id)).at("stderr") == "the reason\n");
}

TEST_CASE("bgjob: a missing principal and an outage have their own error messages") {
    const LedgerFixture ledger;
    auto options = bgjob_options(ledger.path());
    options.principal.reset();
    Client client{options};
    const auto error = [](Client& server, const std::string& tool, const json& arguments) {
        const json result = server.result("tools/call", BgjobScene::call_of(tool, arguments));
        CHECK(result.at("isError") == true);
        return result.at("content")[0].at("text").get<std::string>();
    };
    const json id = {{"job_id", kUnknown}};
    for (const char* tool : {"get_job_status", "get_job_output", "kill_job"})
        CHECK(error(client, tool, id) == "Authentication required");
    CHECK(error(client, "list_jobs", json::object()) == "Authentication required");
    CHECK(error(client, "execute_command", {{"command", "true"}}) == "Authentication required");

    Client nowhere{bgjob_options("/dev/null/ledger.db")};
    CHECK_THAT(
        error(nowhere, "get_job_status", id), Catch::StartsWith("Failed to get job status: "));
    CHECK_THAT(
        error(nowhere, "list_jobs", json::object()), Catch::StartsWith("Failed to list jobs: "));
    CHECK_THAT(
        error(nowhere, "get_job_output", id), Catch::StartsWith("Failed to get job output: "));
    CHECK_THAT(
        error(nowhere, "tail_job_output", id), Catch::StartsWith("Failed to tail job output: "));
    CHECK_THAT(error(nowhere, "kill_job", id), Catch::StartsWith("Failed to kill job: "));
}

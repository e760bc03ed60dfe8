#include "logs/log_files.h"
#include "logs/output_log.h"
#include "mcp/scene.h"
#include "process/identity.h"
#include "runner/attempt/command_input.h"

#include <unistd.h>

using namespace atlasjob;
using namespace std::chrono_literals;
using nlohmann::json;
using test::Client;
using test::LedgerFixture;

namespace {

constexpr const char* kUnknown = "01a20320-ffff-7fff-bfff-ffffffffffff";
constexpr Stream kOut = Stream::standard_output;
constexpr Stream kErr = Stream::standard_error;

mcp::ServerOptions serving(const std::string& ledger) {
    auto options = test::options_for(ledger);
    options.contract = "bgjob";
    options.allowed = {true, true, true};
    return options;
}

/// A client session over a ledger, in which the test plays the supervisors.
struct Scene : test::SharedScene {
    Scene() : SharedScene(serving) {}

    SystemClock now;

    std::string logs_root() const { return ledger.dir() / "ledger.db.logs"; }

    /// Starts a job whose supervisor is this process.
    AttemptKey running(const std::vector<Label>& labels = {}) {
        NewJob job = jobs.command_spec();
        job.labels = labels;
        job.start_as = AttemptOwner{current_process(), kLease, true};
        const Submitted submitted = ledger.store().submit(job, now.now());
        return {submitted.job_id, 1, submitted.fence};
    }
    void end(const AttemptKey& attempt, const Outcome& outcome) {
        REQUIRE(ledger.store().finish(attempt, outcome, "alice", now.now()));
    }
    OutputLog log(const JobId& id) const { return {{logs_root(), id, 1, 64 << 20}, now}; }

    static json call_of(const std::string& tool, const json& arguments) {
        return {{"name", tool}, {"arguments", arguments}};
    }
    json result(const std::string& tool, const json& arguments) {
        return client.result("tools/call", call_of(tool, arguments));
    }
    /// The structured result of a call, which must succeed.
    json call(const std::string& tool, const json& arguments) {
        return value_of(result(tool, arguments));
    }
    static json value_of(const json& result) {
        CAPTURE(result.dump().substr(0, 500));
        REQUIRE(result.at("isError") == false);
        json value = result.at("structuredContent");
        REQUIRE(json::parse(result.at("content")[0].at("text").get<std::string>()) == value);
        return value;
    }
    /// The error text of a call, which must fail.
    std::string failure(const std::string& tool, const json& arguments) {
        const json answer = result(tool, arguments);
        CAPTURE(answer.dump().substr(0, 500));
        REQUIRE(answer.at("isError") == true);
        REQUIRE_FALSE(answer.contains("structuredContent"));
        return answer.at("content")[0].at("text");
    }
};

json named(const JobId& id) {
    return {{"job_id", id.str()}};
}

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
    auto options = serving(ledger.path());
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
    Scene scene;
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
    Scene scene;
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
    Scene scene;
    NewJob spec = scene.jobs.command_spec();
    const auto add = [&](const std::vector<std::string>& argv) {
        spec.job_id = JobId::make(scene.clock.now());
        spec.command->argv = argv;
        scene.ledger.store().submit(spec, scene.clock.now());
        scene.clock.advance(250ms);
    };
    const std::string first = format_time(scene.clock.now());
    add({"/bin/sh", "-c", "make -j8 && echo 'done'"});
    add({"grep", "a b", "it's", "", "x=1"});
    NewJob created = scene.jobs.created_spec();
    created.kind = "sync";
    scene.ledger.store().submit(created, scene.clock.now());
    created.job_id = JobId::make(scene.clock.now());
    created.name = "the other one";
    created.owner = "bob";
    scene.ledger.store().submit(created, scene.clock.now());
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
    Scene scene;
    std::vector<NewJob> specs;
    for (int i = 0; i < 1005; ++i)
        specs.push_back(scene.jobs.command_spec());
    const auto submitted = scene.ledger.store().submit_all(specs, scene.clock.now());
    const json jobs = scene.call("list_jobs", json::object()).at("jobs");
    REQUIRE(jobs.size() == 1000);
    CHECK(jobs.front().at("job_id") == submitted.back().job_id.str());
    CHECK(jobs.back().at("job_id") == submitted[5].job_id.str());
    for (int i = 0; i < 20; ++i) {
        NewJob spec = scene.jobs.command_spec();
        spec.command->argv = {"sh", "-c", std::string(100'000, 'x')};
        scene.ledger.store().submit(spec, scene.clock.now());
    }
    const json large = scene.call("list_jobs", json::object()).at("jobs");
    CHECK(large.size() == 10);
}

TEST_CASE("bgjob: output is returned per stream, whole or the last lines, as valid UTF-8") {
    Scene scene;
    const AttemptKey attempt = scene.running();
    {
        OutputLog log = scene.log(attempt.job_id);
        for (int line = 1; line <= 60; ++line)
            log.write(kOut, fmt::format("out {}\n", line));
        log.write(kErr, "bad \xff byte\n");
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
    Scene scene;
    const AttemptKey attempt = scene.running();
    {
        OutputLog log = scene.log(attempt.job_id);
        log.write(kErr, "the reason\n");
        const std::string line = std::string(999, 'x') + '\n';
        for (int i = 0; i < 5'000; ++i)
            log.write(kOut, line);
        log.write(kOut, "the end\n");
    }
    const json all = scene.call("get_job_output", named(attempt.job_id));
    CHECK(all.at("stderr") == "the reason\n");
    const auto& out = all.at("stdout").get_ref<const std::string&>();
    CHECK(out.size() <= 524'288);
    CHECK(out.size() > 523'000);
    CHECK(out.ends_with("x\nthe end\n"));
    CHECK(scene.call("tail_job_output", named(attempt.job_id)).at("stderr") == "the reason\n");
}

TEST_CASE("bgjob: interact_with_job writes to a job's input and returns the new output") {
    Scene scene;
    const AttemptKey attempt = scene.running();
    InputPipe pipe{scene.logs_root(), attempt.job_id, 1};
    OutputLog log = scene.log(attempt.job_id);
    log.write(kOut, "before\n");
    json arguments = named(attempt.job_id);
    for (const char* input : {"print(6 * 7)", ""}) {
        arguments["input"] = input;
        scene.client.post(R"("i")", "tools/call", Scene::call_of("interact_with_job", arguments));
        // When the input has arrived, the server has recorded the end of the output.
        std::string received(100, '\0');
        const ssize_t count = read(pipe.command_end(), received.data(), received.size());
        REQUIRE(count > 0);
        received.resize(static_cast<std::size_t>(count));
        CHECK(received == std::string{input} + '\n');
        log.write(kOut, fmt::format("answer to [{}]\n", input));
        log.write(kErr, ">>> ");
        log.flush_partial();
        const json answer = Scene::value_of(scene.client.take().at("result"));
        CHECK(answer.at("stdout") == fmt::format("answer to [{}]\n", input));
        CHECK(answer.at("stderr") == ">>> ");
    }
    CHECK_FALSE(scene.client.is_busy());
}

TEST_CASE("bgjob: other requests are answered while interact_with_job waits for output") {
    Scene scene;
    const AttemptKey attempt = scene.running();
    const InputPipe pipe{scene.logs_root(), attempt.job_id, 1};
    json arguments = named(attempt.job_id);
    arguments["input"] = "x";
    scene.client.post(R"("i")", "tools/call", Scene::call_of("interact_with_job", arguments));
    CHECK(scene.client.is_quiet());
    CHECK(scene.client.result("ping") == json::object());
    CHECK(
        Scene::value_of(scene.client.take().at("result")) == json{{"stdout", ""}, {"stderr", ""}});
}

TEST_CASE("bgjob: interact_with_job refuses a job that does not read its input") {
    Scene scene;
    const auto check = [&](const JobId& id) {
        json arguments = named(id);
        arguments["input"] = "x";
        CHECK(
            scene.failure("interact_with_job", arguments)
            == fmt::format("Job {} is not running and cannot accept input", id.view()));
    };
    check(scene.jobs.queued());
    const AttemptKey no_input = scene.running();
    check(no_input.job_id);
    scene.end(no_input, test::ended_done());
    check(no_input.job_id);
    const AttemptKey closed = scene.running();
    InputPipe pipe{scene.logs_root(), closed.job_id, 1};
    pipe.close_command_end();
    check(closed.job_id);
}

TEST_CASE("bgjob: kill_job answers once the job has ended, with its outcome") {
    const bool in_time = GENERATE(true, false);
    Scene scene;
    const AttemptKey attempt = scene.running();
    scene.client.post(R"("k")", "tools/call", Scene::call_of("kill_job", named(attempt.job_id)));
    Job job = scene.jobs.get(attempt.job_id);
    while (!job.cancel_requested_at)
        job = scene.jobs.get(attempt.job_id);
    CHECK(scene.client.is_quiet());
    // A command that had exited before the cancel keeps its own outcome.
    scene.end(attempt, in_time ? test::ended_cancelled() : test::ended_done());
    const json answer = Scene::value_of(scene.client.take().at("result"));
    CHECK(answer == json{{"status", in_time ? "killed" : "already_terminated"}});
    CHECK(
        scene.call("get_job_status", named(attempt.job_id))
        == json{{"status", in_time ? "killed" : "completed"}});
    CHECK(scene.call("kill_job", named(attempt.job_id)) == json{{"status", "already_terminated"}});
}

TEST_CASE("bgjob: kill_job cancels a queued job and reaps a lost one") {
    Scene scene;
    // Claimed by a process that does not exist.
    const JobId lost = scene.jobs.running().job_id;
    const JobId queued = scene.jobs.queued();
    CHECK(scene.call("kill_job", named(queued)) == json{{"status", "killed"}});
    CHECK(scene.jobs.get(queued).status == Status::cancelled);
    scene.client.post(R"("k")", "tools/call", Scene::call_of("kill_job", named(lost)));
    CHECK(Scene::value_of(scene.client.take().at("result")) == json{{"status", "killed"}});
    CHECK(scene.call("get_job_status", named(lost)) == json{{"status", "killed"}});
}

TEST_CASE("bgjob: an invalid command is refused, and no job is created") {
    Scene scene;
    for (const char* blank : {"", "  ", "\n\t"}) {
        CHECK(
            scene.failure("execute_command", {{"command", blank}})
            == "Invalid command: Command cannot be empty");
    }
    CHECK_THAT(
        scene.failure("execute_command", {{"command", std::string("a\0b", 3)}}),
        Catch::StartsWith("Invalid command: "));
    CHECK_THAT(
        scene.failure("execute_command", {{"command", std::string(131'072, 'x')}}),
        Catch::StartsWith("Invalid command: "));
    CHECK(scene.call("list_jobs", json::object()).at("jobs").empty());
}

TEST_CASE(
    "bgjob: the job limit counts only live jobs that execute_command started for the caller") {
    Scene scene;
    auto options = serving(scene.ledger.path());
    options.launching.job_limit = 2;
    // Below the limit it fails to start the job, because this test process is not atlasjob.
    Client client{options};
    const auto error = [&] {
        const json result =
            client.result("tools/call", Scene::call_of("execute_command", {{"command", "true"}}));
        REQUIRE(result.at("isError") == true);
        return result.at("content")[0].at("text").get<std::string>();
    };
    const std::string reached = "Job limit reached: Maximum concurrent jobs limit (2) reached";
    const std::vector<Label> own = {{"contract", "bgjob"}};
    const AttemptKey first = scene.running(own);
    scene.running();  // Not started by execute_command.
    NewJob bobs = scene.jobs.command_spec();
    bobs.owner = "bob";
    bobs.labels = own;
    scene.jobs.queued(bobs);
    CHECK_THAT(error(), Catch::StartsWith("Failed to start job: "));
    NewJob waiting = scene.jobs.command_spec();
    waiting.labels = own;
    const JobId second = scene.jobs.queued(waiting);
    CHECK(error() == reached);
    // A job that has ended frees its slot even if no client asks about it.
    scene.end(first, test::ended_done());
    CHECK_THAT(error(), Catch::StartsWith("Failed to start job: "));
    scene.running(own);
    CHECK(error() == reached);
    scene.ledger.store().request_cancel(second, {"alice", {}, {}}, scene.now.now());
    // A job whose supervisor is dead is not live, although its row says running.
    NewJob lost = scene.jobs.command_spec();
    lost.labels = own;
    lost.start_as = AttemptOwner{test::some_process(), kLease, true};
    const JobId gone = scene.ledger.store().submit(lost, scene.now.now()).job_id;
    CHECK_THAT(error(), Catch::StartsWith("Failed to start job: "));
    CHECK(scene.jobs.get(gone).reason == Reason::worker_lost);
}

TEST_CASE("bgjob: a missing principal and an outage have their own error messages") {
    const LedgerFixture ledger;
    auto options = serving(ledger.path());
    options.principal.reset();
    Client client{options};
    const auto error = [](Client& server, const std::string& tool, const json& arguments) {
        const json result = server.result("tools/call", Scene::call_of(tool, arguments));
        CHECK(result.at("isError") == true);
        return result.at("content")[0].at("text").get<std::string>();
    };
    const json id = {{"job_id", kUnknown}};
    for (const char* tool : {"get_job_status", "get_job_output", "kill_job"})
        CHECK(error(client, tool, id) == "Authentication required");
    CHECK(error(client, "list_jobs", json::object()) == "Authentication required");
    CHECK(error(client, "execute_command", {{"command", "true"}}) == "Authentication required");

    Client nowhere{serving("/proc/no/ledger.db")};
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

#include "mcp/contracts/bgjob_scene.h"

#include <unistd.h>

using namespace atlasjob;
using nlohmann::json;
using test::bgjob_options;
using test::BgjobScene;
using test::Client;
using test::named;

namespace {

constexpr Stream kOut = Stream::standard_output;
constexpr Stream kErr = Stream::standard_error;

}  // namespace

TEST_CASE("bgjob: interact_with_job writes to a job's input and returns the new output") {
    BgjobScene scene;
    const AttemptKey attempt = scene.running();
    const auto pipe = scene.logs->input().open(attempt.job_id, 1);
    const auto log = scene.log(attempt.job_id);
    log->write(kOut, "before\n");
    json arguments = named(attempt.job_id);
    for (const char* input : {"print(6 * 7)", ""}) {
        arguments["input"] = input;
        scene.client.post(
            R"("i")", "tools/call", BgjobScene::call_of("interact_with_job", arguments));
        // When the input has arrived, the server has recorded the end of the output.
        std::string received(100, '\0');
        const ssize_t count = read(pipe->command_end(), received.data(), received.size());
        REQUIRE(count > 0);
        received.resize(static_cast<std::size_t>(count));
        CHECK(received == std::string{input} + '\n');
        log->write(kOut, fmt::format("answer to [{}]\n", input));
        log->write(kErr, ">>> ");
        log->flush_partial();
        const json answer = BgjobScene::value_of(scene.client.take().at("result"));
        CHECK(answer.at("stdout") == fmt::format("answer to [{}]\n", input));
        CHECK(answer.at("stderr") == ">>> ");
    }
    CHECK_FALSE(scene.client.is_busy());
}

TEST_CASE("bgjob: other requests are answered while interact_with_job waits for output") {
    BgjobScene scene;
    const AttemptKey attempt = scene.running();
    const auto pipe = scene.logs->input().open(attempt.job_id, 1);
    json arguments = named(attempt.job_id);
    arguments["input"] = "x";
    scene.client.post(R"("i")", "tools/call", BgjobScene::call_of("interact_with_job", arguments));
    CHECK(scene.client.is_quiet());
    CHECK(scene.client.result("ping") == json::object());
    CHECK(
        BgjobScene::value_of(scene.client.take().at("result"))
        == json{{"stdout", ""}, {"stderr", ""}});
}

TEST_CASE("bgjob: interact_with_job refuses a job that does not read its input") {
    BgjobScene scene;
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
    const auto pipe = scene.logs->input().open(closed.job_id, 1);
    pipe->close_command_end();
    check(closed.job_id);
}

TEST_CASE("bgjob: kill_job answers once the job has ended, with its outcome") {
    const bool in_time = GENERATE(true, false);
    BgjobScene scene;
    const AttemptKey attempt = scene.running();
    scene.client.post(
        R"("k")", "tools/call", BgjobScene::call_of("kill_job", named(attempt.job_id)));
    Job job = scene.jobs.get(attempt.job_id);
    while (!job.cancel_requested_at)
        job = scene.jobs.get(attempt.job_id);
    CHECK(scene.client.is_quiet());
    // A command that had exited before the cancel keeps its own outcome.
    scene.end(attempt, in_time ? test::ended_cancelled() : test::ended_done());
    const json answer = BgjobScene::value_of(scene.client.take().at("result"));
    CHECK(answer == json{{"status", in_time ? "killed" : "already_terminated"}});
    CHECK(
        scene.call("get_job_status", named(attempt.job_id))
        == json{{"status", in_time ? "killed" : "completed"}});
    CHECK(scene.call("kill_job", named(attempt.job_id)) == json{{"status", "already_terminated"}});
}

TEST_CASE("bgjob: kill_job cancels a queued job and reaps a lost one") {
    BgjobScene scene;
    // Claimed by a process that does not exist.
    const JobId lost = scene.jobs.running().job_id;
    const JobId queued = scene.jobs.queued();
    CHECK(scene.call("kill_job", named(queued)) == json{{"status", "killed"}});
    CHECK(scene.jobs.get(queued).status == Status::cancelled);
    scene.client.post(R"("k")", "tools/call", BgjobScene::call_of("kill_job", named(lost)));
    CHECK(BgjobScene::value_of(scene.client.take().at("result")) == json{{"status", "killed"}});
    CHECK(scene.call("get_job_status", named(lost)) == json{{"status", "killed"}});
}

TEST_CASE("bgjob: an invalid command is refused, and no job is created") {
    BgjobScene scene;
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
    BgjobScene scene;
    auto options = bgjob_options(scene.ledger.path());
    options.launching.job_limit = 2;
    // Below the limit it fails to start the job, because this test process is not atlasjob.
    Client client{options};
    const auto error = [&] {
        const json result = client.result(
            "tools/call", BgjobScene::call_of("execute_command", {{"command", "true"}}));
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
    scene.ledger.store().request_cancel(second, {"alice", {}, {}});
    // A job whose supervisor is dead is not live, although its row says running.
    NewJob lost = scene.jobs.command_spec();
    lost.labels = own;
    lost.start_as = AttemptOwner{test::some_process(), kLease, true};
    const JobId gone = scene.ledger.store().submit(lost).job_id;
    CHECK_THAT(error(), Catch::StartsWith("Failed to start job: "));
    CHECK(scene.jobs.get(gone).reason == Reason::worker_lost);
}

#include "mcp/tool_bench.h"
#include "runner/attempt/environment.h"

#include <catch2/catch.hpp>

using namespace atlasjob;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using nlohmann::json;
using test::ToolBench;

namespace {

JobId started(ToolBench& bench, const json& arguments) {
    const json envelope = bench.call("submit_job", arguments);
    const std::string id = envelope.at("job_id");
    CHECK(envelope.at("status_uri") == "atlas://job/" + id);
    CHECK(envelope.at("status") == "queued");
    CHECK(envelope.at("next_poll_seconds").get<int>() >= 1);
    return JobId::parse(id).value();
}

}  // namespace

TEST_CASE("submit_job creates a job with every argument and returns its id") {
    ToolBench bench;
    const json arguments = {
        {"command", {"make", "-j4", "a b"}},
        {"cwd", "/srv/app"},
        {"env", {{"MODE", "x=y"}}},
        {"clean_env", true},
        {"kind", "build"},
        {"name", "the build"},
        {"target", {{"branch", "main"}}},
        {"labels", {{"team", "blue"}}},
        {"queue", "slow"},
        {"priority", 5},
        {"timeout_seconds", 1.5},
        {"grace_seconds", 2.5},
        {"kill_signal", "int"},
        {"retries", 2},
        {"backoff_seconds", 30},
        {"backoff_factor", 1},
        {"delay_seconds", 60},
        {"retain_seconds", 3600},
        {"key", "k"},
        {"result", "stdout"}};
    const auto answer = bench.answer("submit_job", arguments);
    const auto& result = std::get<mcp::ToolResult>(answer);
    REQUIRE(result.run.has_value());
    const Job job = bench.jobs().get(result.run->job_id);
    CHECK(job.owner == "alice");
    CHECK(job.command == std::vector<std::string>{"make", "-j4", "a b"});
    CHECK(job.cwd == "/srv/app");
    CHECK(job.kind == "build");
    CHECK(job.name == "the build");
    CHECK(job.target == R"({"branch":"main"})");
    CHECK(job.labels == std::vector<Label>{{"team", "blue"}});
    CHECK(job.queue == "slow");
    CHECK(job.priority == 5);
    CHECK(job.timeout == 1500ms);
    CHECK(job.max_attempts == 3);
    CHECK(job.run_after == bench.clock().now() + 60s);
    CHECK(job.retention == 1h);
    CHECK(job.key == "k");
    const CommandSpec spec = bench.store().command_of(result.run->job_id).value();
    CHECK(find_variable(spec.environment, "MODE") == "x=y");
    CHECK(spec.result_from == ResultFrom::standard_output);
    CHECK(spec.grace == 2500ms);
    CHECK(spec.kill_signal == "SIGINT");
    CHECK(spec.backoff == 30s);
    CHECK(spec.backoff_factor == 1.0);
}

TEST_CASE("submit_job runs a script with /bin/sh and a command without a shell") {
    ToolBench bench;
    const std::string script = "echo \"$HOME\"; exit 3";
    CHECK(
        bench.jobs().get(started(bench, {{"script", script}})).command
        == std::vector<std::string>{"/bin/sh", "-c", script});
    CHECK(
        bench.jobs().get(started(bench, {{"command", {"echo", "$(id)"}}})).command
        == std::vector<std::string>{"echo", "$(id)"});
}

TEST_CASE("submit_job returns the active job with the same key") {
    ToolBench bench;
    const json arguments = {{"command", {"true"}}, {"key", "nightly"}};
    const JobId first = started(bench, arguments);
    CHECK(started(bench, arguments) == first);
    CHECK(bench.call("submit_job", arguments).at("created") == false);
    CHECK(bench.call("submit_job", {{"command", {"true"}}}).at("created") == true);
    const AttemptKey attempt = bench.jobs().open_attempt(first);
    const json running = bench.call("submit_job", arguments);
    CHECK(running.at("job_id") == first.view());
    CHECK(running.at("status") == "running");
    REQUIRE(bench.store().finish(attempt, test::ended_done(), "worker"));
    CHECK(started(bench, arguments) != first);
}

TEST_CASE("submit_job with a failed dependency returns a cancelled job") {
    ToolBench bench;
    const JobId failed = bench.jobs().in(Status::error).job_id;
    const json envelope =
        bench.call("submit_job", {{"command", {"true"}}, {"after", {failed.view()}}});
    CHECK(envelope.at("status") == "cancelled");
    CHECK_THAT(
        bench.failure("submit_job", {{"command", {"true"}}, {"after", {"42"}}}),
        Contains("after has \"42\"; it must be a job_id"));
    const std::string unknown = "01a20320-ffff-7fff-bfff-ffffffffffff";
    CHECK_THAT(
        bench.failure("submit_job", {{"command", {"true"}}, {"after", {unknown}}}),
        Contains(unknown));
    CHECK(bench.call("list_jobs", json::object()).at("total") == 2);
}

TEST_CASE(
    "submit_job takes jobs that must only have ended, and refuses a signal that ends nothing") {
    ToolBench bench;
    const JobId failed = bench.jobs().in(Status::error).job_id;
    const JobId cleanup = started(bench, {{"command", {"true"}}, {"after_ended", {failed.view()}}});
    CHECK(bench.jobs().get(cleanup).after_ended == std::vector{failed});
    CHECK(bench.jobs().open_attempt(cleanup).attempt == 1);
    CHECK_THAT(
        bench.failure("submit_job", {{"command", {"true"}}, {"kill_signal", "CONT"}}),
        Contains("kill_signal is \"CONT\""));
}

TEST_CASE("retry_job names the jobs that were cancelled because of the job, or retries them") {
    ToolBench bench;
    const JobId failed = bench.jobs().in(Status::error).job_id;
    NewJob dependent = bench.jobs().command_spec();
    dependent.after = {failed};
    bench.jobs().queued(dependent);
    REQUIRE(bench.jobs().get(dependent.job_id).status == Status::cancelled);
    json answer = bench.call("retry_job", {{"job_id", failed.view()}});
    CHECK(answer.at("dependents").at("cancelled") == json{dependent.job_id.view()});
    CHECK(answer.at("dependents").at("cancelled_total") == 1);
    CHECK(answer.at("dependents").at("retried").empty());
    REQUIRE(bench.store().finish(bench.jobs().open_attempt(failed), test::ended_error(), "worker"));
    answer = bench.call("retry_job", {{"job_id", failed.view()}, {"dependents", true}});
    CHECK(answer.at("dependents").at("retried") == json{dependent.job_id.view()});
    CHECK(bench.jobs().get(dependent.job_id).status == Status::queued);
}

TEST_CASE("retry_job names at most 20 dependents and counts all of them") {
    ToolBench bench;
    const JobId failed = bench.jobs().in(Status::error).job_id;
    for (int n = 0; n < 21; ++n) {
        NewJob dependent = bench.jobs().command_spec();
        dependent.after = {failed};
        bench.jobs().queued(dependent);
    }
    const json dependents = bench.call("retry_job", {{"job_id", failed.view()}}).at("dependents");
    CHECK(dependents.at("cancelled").size() == 20);
    CHECK(dependents.at("cancelled_total") == 21);
    CHECK(dependents.at("retried_total") == 0);
}

TEST_CASE("retry_job of an active job says what to do instead by the names of tools") {
    ToolBench bench;
    CHECK_THAT(
        bench.failure("retry_job", {{"job_id", bench.jobs().running().job_id.view()}}),
        Contains("is running") && Contains("cancel_job"));
    CHECK_THAT(
        bench.failure("retry_job", {{"job_id", bench.jobs().queued().view()}}),
        Contains("is queued") && Contains("wait_for_job"));
}

TEST_CASE("provenance labels come from the server and cannot be overridden by the call") {
    auto options = test::open_options();
    options.launching.provenance = {{"project", "/srv/app"}};
    options.launching.session = "s1";
    ToolBench bench{options};
    const json arguments = {
        {"command", {"true"}}, {"labels", {{"session", "forged"}, {"team", "blue"}}}};
    const Job job = bench.jobs().get(started(bench, arguments));
    CHECK(
        job.labels
        == std::vector<Label>{{"project", "/srv/app"}, {"session", "s1"}, {"team", "blue"}});
    CHECK(job.session == "s1");
    CHECK(bench.call("list_jobs", {{"label", "session=s1"}}).at("total") == 1);
    CHECK(bench.call("list_jobs", {{"session", "s1"}}).at("total") == 1);
    CHECK(bench.call("list_jobs", {{"session", "s2"}}).at("total") == 0);
}

TEST_CASE("submit_job refuses an invalid argument by name and creates no job") {
    ToolBench bench;
    const auto error = [&](const json& arguments) {
        return bench.failure("submit_job", arguments);
    };
    CHECK_THAT(error(json::object()), Contains("command and script"));
    CHECK_THAT(error({{"command", {"a"}}, {"script", "b"}}), Contains("exactly one"));
    CHECK_THAT(error({{"command", "ls"}}), Contains("command is \"ls\"; it must be array"));
    CHECK_THAT(
        error({{"command", json::array()}}), Contains("command is []") && Contains("at least 1"));
    CHECK_THAT(error({{"command", {""}}}), Contains("command"));
    CHECK_THAT(error({{"command", {"a", 5}}}), Contains("command[1] is 5; it must be string"));
    CHECK_THAT(
        error({{"script", "x"}, {"env", {{"A", 5}}}}), Contains("env.A is 5; it must be string"));
    CHECK_THAT(error({{"script", "x"}, {"env", {{"A=B", "c"}}}}), Contains("env has \"A=B\""));
    CHECK_THAT(
        error({{"script", "x"}, {"timeout_seconds", 0}}),
        Contains("timeout_seconds is 0; it must be from 0.001 to"));
    CHECK_THAT(
        error({{"script", "x"}, {"priority", 1'000'001}}), Contains("from -1000000 to 1000000"));
    CHECK_THAT(error({{"script", "x"}, {"kind", "a b"}}), Contains("kind \"a b\": not allowed"));
    CHECK_THAT(
        error({{"script", "x"}, {"result", "file"}}), Contains("it must be one of report, stdout"));
    CHECK_THAT(error({{"script", std::string("a\0b", 3)}}), Contains("NUL"));
    CHECK(bench.call("list_jobs", json::object()).at("total") == 0);
}

TEST_CASE("cancel_job cancels a queued job and requests the stop of a running one once") {
    ToolBench bench;
    const JobId waiting = bench.jobs().queued();
    const json gone =
        bench.call("cancel_job", {{"job_id", waiting.view()}, {"reason", "not wanted"}});
    CHECK(gone.at("outcome") == "cancelled");
    CHECK(gone.at("status") == "cancelled");
    CHECK(gone.at("continue_polling") == false);
    CHECK_THAT(bench.jobs().get(waiting).error.value(), Contains("not wanted"));
    const JobId running = bench.jobs().running().job_id;
    const json requested = bench.call("cancel_job", {{"job_id", running.view()}});
    CHECK(requested.at("outcome") == "requested");
    CHECK(requested.at("status") == "running");
    CHECK(requested.at("continue_polling") == true);
    CHECK(
        bench.call("cancel_job", {{"job_id", running.view()}}).at("outcome")
        == "already_requested");
    CHECK_THAT(
        bench.failure("cancel_job", {{"job_id", waiting.view()}}), Contains("already ended"));
}

TEST_CASE("retry_job queues a finished job again and leaves others alone") {
    ToolBench bench;
    const JobId failed = bench.jobs().in(Status::error).job_id;
    const JobId running = bench.jobs().running().job_id;
    const json envelope = bench.call("retry_job", {{"job_id", failed.view()}});
    CHECK(envelope.at("job_id") == failed.view());
    CHECK(envelope.at("status") == "queued");
    CHECK(bench.jobs().get(failed).status == Status::queued);
    for (const JobId& id : {failed, running}) {
        const Job before = bench.jobs().get(id);
        CHECK_FALSE(bench.failure("retry_job", {{"job_id", id.view()}}).empty());
        CHECK(bench.jobs().get(id) == before);
    }
}

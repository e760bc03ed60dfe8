#include "mcp/protocol/task_id.h"
#include "mcp/scene.h"

#include <regex>

using namespace atlasjob;
using namespace std::chrono_literals;
using nlohmann::json;
using test::Client;
using test::options_for;

/// Tasks for the runs of a job, and for waits.
namespace {

mcp::ServerOptions open_options(const std::string& ledger) {
    auto options = options_for(ledger);
    options.allowed = {.submit = true, .cancel = true, .retry = true};
    return options;
}

struct Scene : test::SharedScene {
    Scene() : SharedScene(open_options) { client.initialize("2025-11-25"); }

    /// A running job of an external executor, whose life this process cannot check.
    AttemptKey running() { return jobs.running(jobs.created_spec()); }
    void end(const AttemptKey& attempt, const Outcome& outcome = test::ended_done()) {
        REQUIRE(ledger.store().finish(attempt, outcome, "alice"));
    }
    json get(const std::string& id) {
        return client.modern_result("tasks/get", {{"taskId", id}}, true);
    }
    /// As another server on the same ledger has it.
    json elsewhere(const std::string& id) {
        Client other{options_for(ledger.path())};
        return other.modern_result("tasks/get", {{"taskId", id}}, true);
    }
    static json wait_call(const JobId& id, const std::optional<double>& seconds = {}) {
        json arguments = {{"job_id", id.str()}};
        if (seconds) arguments["timeout_seconds"] = *seconds;
        return {{"name", "wait_for_job"}, {"arguments", arguments}};
    }
    /// The id of the wait that a client of the extension gets as a task.
    std::string modern_wait(const JobId& id, const std::optional<double>& seconds = {}) {
        const json task = client.modern_result("tools/call", wait_call(id, seconds), true);
        CHECK(task.at("resultType") == "task");
        return task.at("taskId");
    }
    json legacy_wait(const JobId& id, const std::optional<double>& seconds = {}) {
        json call = wait_call(id, seconds);
        call["task"] = json::object();
        return client.result("tools/call", call).at("task");
    }
    std::string retry(const JobId& id) {
        const json call = {{"name", "retry_job"}, {"arguments", {{"job_id", id.str()}}}};
        const json task = client.modern_result("tools/call", call, true);
        CHECK(task.at("resultType") == "task");
        return task.at("taskId");
    }
};

Outcome reported(const std::string& result) {
    Outcome outcome = test::ended_done();
    outcome.result = result;
    return outcome;
}

json structured(const json& task) {
    return task.at("result").at("structuredContent");
}

}  // namespace

TEST_CASE("task ids name a job, one of its retries, or a wait, and nothing else") {
    const std::string job = "01a20320-a2fb-7a02-b2c2-1d3e4f506071";
    for (const char* suffix : {"", ".r1", ".r12", ".w00000000", ".w0a1b2c3d", ".wffffffff"}) {
        CAPTURE(suffix);
        const auto id = mcp::TaskId::parse(job + suffix);
        REQUIRE(id);
        CHECK(id->str() == job + suffix);
    }
    for (const char* suffix :
         {".", ".r", ".r0", ".r01", ".r-1", ".r1 ", ".r1234567890", ".w", ".w1234567",
          ".w123456789", ".wABCDEF00", ".w0a1b2c3g", ".x1", ".r1.r1", "r1", " "}) {
        CAPTURE(suffix);
        CHECK_FALSE(mcp::TaskId::parse(job + suffix));
    }
}

TEST_CASE("the digits of a wait say when it began, for which run and for how long") {
    Job job{JobId::make(Time{1h})};
    job.created_at = Time{24h};
    const auto limit_of = [&](milliseconds limit) {
        return mcp::WaitCode::make(job, 0, job.created_at, limit).limit();
    };
    for (const milliseconds usual : {1s, 5s, 10s, 30s, 45s, 60s, 120s, 300s, 600s, 1800s, 3600s})
        CHECK(limit_of(usual) == usual);
    CHECK(limit_of(100ms) == 1s);
    CHECK(limit_of(59s) == 45s);
    CHECK(limit_of(720h) == 48h);
    const auto wait = mcp::WaitCode::make(job, 10, job.created_at + 90500ms, {});
    CHECK_FALSE(wait.limit());
    CHECK(wait.began_at(job) == job.created_at + 90s);
    CHECK(wait.may_be_for(10));
    CHECK(wait.may_be_for(2));
    CHECK_FALSE(wait.may_be_for(9));
    CHECK(mcp::WaitCode::parse(wait.str()) == wait);
    const auto late = mcp::WaitCode::make(job, 0, job.created_at + 24h * 365, 10s);
    CHECK(late.began_at(job) > job.created_at + 24h * 194);
    CHECK_FALSE(late.limit());
    CHECK(mcp::WaitCode::make(job, 0, job.created_at - 1h, 10s).began_at(job) == job.created_at);
}

TEST_CASE("a retry is a task of its own, and an earlier run keeps its own result") {
    Scene scene;
    const AttemptKey first = scene.running();
    const std::string job = first.job_id.str();
    scene.end(first, reported(R"({"rows":1})"));
    const std::string retried = scene.retry(first.job_id);
    CHECK(retried == job + ".r1");
    CHECK(scene.get(retried).at("status") == "working");
    CHECK(structured(scene.get(job)).at("result") == json{{"rows", 1}});
    scene.end(scene.jobs.open_attempt(first.job_id), test::ended_error());
    const std::string again = scene.retry(first.job_id);
    CHECK(again == job + ".r2");
    scene.end(scene.jobs.open_attempt(first.job_id), reported(R"({"rows":3})"));

    for (const bool here : {true, false}) {
        const auto task = [&](const std::string& id) {
            return here ? scene.get(id) : scene.elsewhere(id);
        };
        CHECK(structured(task(job)).at("result") == json{{"rows", 1}});
        CHECK(structured(task(job)).at("status") == "done");
        CHECK(structured(task(job)).at("attempt") == 1);
        CHECK(task(job).at("result").at("isError") == false);
        CHECK(structured(task(retried)).at("status") == "error");
        CHECK(structured(task(retried)).at("result").is_null());
        CHECK(structured(task(retried)).at("attempt") == 2);
        CHECK(task(retried).at("result").at("isError") == true);
        CHECK(structured(task(again)).at("result") == json{{"rows", 3}});
    }
    CHECK(
        scene.client.modern_error("tasks/get", {{"taskId", job + ".r3"}}, true).at("code")
        == -32602);
}

TEST_CASE("an earlier run keeps the error that it ended with, whoever gave it") {
    Scene scene;
    const AttemptKey first = scene.running();
    const JobId id = first.job_id;
    const auto same = [&](const std::string& task, const Outcome& outcome) {
        const AttemptKey attempt = task == id.str() ? first : scene.jobs.open_attempt(id);
        scene.end(attempt, outcome);
        const json now = scene.get(task);
        scene.ledger.store().retry(id, "alice");
        const json later = scene.get(task);
        CHECK(later.at("status") == now.at("status"));
        CHECK(later.at("statusMessage") == now.at("statusMessage"));
        if (!now.contains("result")) return;
        for (const char* key : {"status", "reason", "error", "error_code", "exit_code"})
            CHECK(structured(later).at(key) == structured(now).at(key));
    };
    Outcome given = test::ended_error();
    given.error = "disk full";
    given.error_code = "disk";
    same(id.str(), given);
    Outcome plain = test::ended_error();
    plain.error.reset();
    same(id.str() + ".r1", plain);
    same(id.str() + ".r2", test::ended_cancelled());
}

TEST_CASE("an earlier run has an error that follows from its reason and its attempt") {
    Scene scene;
    const AttemptKey attempt = scene.running();
    const JobId id = attempt.job_id;
    Outcome invalid = test::ended_error();
    invalid.reason = Reason::invalid_result;
    invalid.error = "command's output is not JSON";
    invalid.error_code = "invalid_result";
    scene.end(attempt, invalid);
    const json now = structured(scene.get(id.str()));
    scene.ledger.store().retry(id, "alice");
    scene.ledger.store().request_cancel(id, {"alice", {}, {}});
    const json cancelled = scene.get(id.str() + ".r1");
    scene.ledger.store().retry(id, "alice");
    const json later = structured(scene.get(id.str()));
    for (const char* key : {"status", "reason", "error", "error_code", "exit_code"})
        CHECK(later.at(key) == now.at(key));
    CHECK(scene.get(id.str() + ".r1").at("statusMessage") == cancelled.at("statusMessage"));
}

TEST_CASE("an earlier run ended as its attempt and the history have it") {
    Scene scene;
    NewJob spec = scene.jobs.command_spec();
    spec.max_attempts = 2;
    Outcome failed = test::ended_error();
    failed.exit_code = 7;
    failed.error = "command exited with 7";
    failed.reason = Reason::exit_code;
    scene.end(scene.jobs.running(spec), failed);
    scene.clock.advance(1h);
    scene.end(scene.jobs.open_attempt(spec.job_id), failed);
    scene.ledger.store().retry(spec.job_id, "alice");
    // Handed back before it began: that was no attempt.
    REQUIRE(scene.ledger.store().release(scene.jobs.open_attempt(spec.job_id), "slot"));
    scene.ledger.store().request_cancel(spec.job_id, {"alice", {}, {}});
    scene.ledger.store().retry(spec.job_id, "alice");
    const std::string id = spec.job_id.str();
    const json first = structured(scene.get(id));
    CHECK(first.at("attempt") == 2);
    CHECK(first.at("exit_code") == 7);
    CHECK(first.at("error") == "command exited with 7");
    CHECK(first.at("error_code") == "exit_code");
    const json second = scene.get(id + ".r1");
    CHECK(second.at("status") == "cancelled");
    CHECK(scene.get(id + ".r2").at("status") == "working");
}

TEST_CASE("submitting with the key of an active job names the run that is active") {
    Scene scene;
    const json call = {
        {"name", "submit_job"}, {"arguments", {{"command", {"true"}}, {"key", "nightly"}}}};
    const auto submit = [&]() -> std::string {
        return scene.client.modern_result("tools/call", call, true).at("taskId");
    };
    const std::string first = submit();
    CHECK(submit() == first);
    const JobId id = JobId::parse(first).value();
    scene.end(scene.jobs.open_attempt(id));
    scene.ledger.store().retry(id, "alice");
    CHECK(submit() == first + ".r1");
}

TEST_CASE("a wait is a task that any process answers for") {
    Scene scene;
    const AttemptKey attempt = scene.running();
    const std::string wait = scene.modern_wait(attempt.job_id);
    CHECK(std::regex_match(wait, std::regex{attempt.job_id.str() + R"(\.w[0-9a-f]{8})"}));
    CHECK(scene.get(wait).at("status") == "working");
    CHECK(scene.elsewhere(wait).at("createdAt") == scene.get(wait).at("createdAt"));
    scene.end(attempt, test::ended_error());
    for (const json& task : {scene.get(wait), scene.elsewhere(wait)}) {
        // The wait was a success, though the job was not.
        CHECK(task.at("status") == "completed");
        CHECK(task.at("result").at("isError") == false);
        CHECK(structured(task).at("status") == "error");
        CHECK(structured(task).at("timed_out") == false);
        CHECK(structured(task).at("continue_polling") == false);
    }
    scene.ledger.store().retry(attempt.job_id, "alice");
    CHECK(structured(scene.get(wait)).at("status") == "error");
    const std::string next = scene.modern_wait(attempt.job_id);
    CHECK(next != wait);
    CHECK(scene.get(next).at("status") == "working");
}

TEST_CASE("a wait for an ended job is answered at once, and is a task only for who insists") {
    Scene scene;
    const JobId id = scene.jobs.in(Status::done).job_id;
    const json plain = scene.client.modern_result("tools/call", Scene::wait_call(id), true);
    CHECK(plain.at("resultType") == "complete");
    CHECK(plain.at("structuredContent").at("status") == "done");
    const json task = scene.legacy_wait(id);
    CHECK(task.at("status") == "working");
    const json params = {{"taskId", task.at("taskId")}};
    CHECK(scene.client.result("tasks/get", params).at("status") == "completed");
    const json result = scene.client.result("tasks/result", params);
    CHECK(result.at("structuredContent") == plain.at("structuredContent"));
    CHECK(
        result.at("_meta").at("io.modelcontextprotocol/related-task").at("taskId")
        == task.at("taskId"));
}

TEST_CASE("a client without tasks waits as before") {
    Scene scene;
    const AttemptKey attempt = scene.running();
    const bool modern = GENERATE(false, true);
    json call = Scene::wait_call(attempt.job_id, 600);
    if (modern) call = Client::with_meta(call);
    scene.client.post("7", "tools/call", call);
    CHECK(scene.client.is_quiet());
    scene.end(attempt);
    const json answer = scene.client.take();
    CHECK(answer.at("id") == 7);
    CHECK(answer.at("result").at("structuredContent").at("status") == "done");
}

TEST_CASE("cancelling a wait ends the wait alone, for every process, and needs no permission") {
    Scene scene;
    const AttemptKey attempt = scene.running();
    Client reader{options_for(scene.ledger.path())};
    SECTION("2025-11-25") {
        const json params = {{"taskId", scene.legacy_wait(attempt.job_id).at("taskId")}};
        CHECK(reader.result("tasks/cancel", params).at("status") == "cancelled");
        CHECK(scene.client.result("tasks/get", params).at("status") == "cancelled");
        CHECK(reader.error("tasks/cancel", params).at("code") == -32602);
        CHECK(scene.client.error("tasks/result", params).contains("message"));
    }
    SECTION("the extension") {
        const std::string wait = scene.modern_wait(attempt.job_id);
        for (int n = 0; n < 2; ++n)
            CHECK(reader.modern_result("tasks/cancel", {{"taskId", wait}}, true).size() == 2);
        const std::string other = scene.modern_wait(attempt.job_id, 600);
        CHECK(scene.get(wait).at("status") == "cancelled");
        CHECK(scene.get(other).at("status") == "working");
        scene.end(attempt);
        CHECK(scene.get(wait).at("status") == "cancelled");
        CHECK_FALSE(scene.get(wait).contains("result"));
        CHECK(scene.elsewhere(other).at("status") == "completed");
        return;
    }
    CHECK(scene.jobs.get(attempt.job_id).status == Status::running);
    CHECK_FALSE(scene.jobs.get(attempt.job_id).cancel_requested_at);
}

TEST_CASE("a wait ends when the time that the call gave is up, unless the job ended before") {
    Scene scene;
    // An hour behind the servers' clocks: every limit has passed.
    scene.clock.step(SystemClock{}.now() - 1h - scene.clock.now());
    const AttemptKey attempt = scene.running();
    const Job job = scene.jobs.get(attempt.job_id);
    const auto wait = [&](milliseconds limit) {
        return job.job_id.str() + ".w" + mcp::WaitCode::make(job, 0, job.created_at, limit).str();
    };
    const json late = scene.get(wait(1min));
    CHECK(late.at("status") == "completed");
    CHECK(structured(late).at("timed_out") == true);
    CHECK(structured(late).at("status") == "running");
    CHECK(structured(late).at("continue_polling") == true);
    CHECK(
        scene.client.result("tasks/result", {{"taskId", wait(1min)}})
            .at("structuredContent")
            .at("timed_out")
        == true);
    CHECK(scene.get(wait(2h)).at("status") == "working");
    scene.clock.advance(10min);
    scene.end(attempt);
    CHECK(structured(scene.get(wait(1min))).at("timed_out") == true);
    CHECK(structured(scene.get(wait(30min))).at("timed_out") == false);
}

TEST_CASE("a wait that begins in the second of a cancelled one is another") {
    Scene scene;
    const AttemptKey attempt = scene.running();
    std::set<std::string> ids;
    for (int n = 0; n < 3; ++n) {
        const std::string id = scene.modern_wait(attempt.job_id, 600);
        CHECK(scene.get(id).at("status") == "working");
        CHECK(scene.elsewhere(id).at("status") == "working");
        scene.client.modern_result("tasks/cancel", {{"taskId", id}}, true);
        CHECK(scene.get(id).at("status") == "cancelled");
        ids.insert(id);
    }
    CHECK(ids.size() == 3);
}

TEST_CASE("a wait lasts at least as long as its limit") {
    Scene scene;
    const AttemptKey attempt = scene.running();
    const Job job = scene.jobs.get(attempt.job_id);
    // It began anywhere in the second that its digits name; here 990 ms later.
    const auto ago = [&](milliseconds age) {
        scene.clock.set(SystemClock{}.now());
        return job.job_id.str() + ".w"
               + mcp::WaitCode::make(job, 0, scene.clock.now() - age, 20s).str();
    };
    CHECK(scene.get(ago(19s)).at("status") == "working");
    CHECK(scene.get(ago(22s)).at("status") == "completed");
    const auto began = mcp::WaitCode::make(job, 0, job.created_at + 990ms, 20s);
    CHECK(began.began_at(job) == job.created_at);
    scene.clock.set(job.created_at + 20s + 500ms);
    scene.end(attempt);
    const json task = scene.get(job.job_id.str() + ".w" + began.str());
    CHECK(structured(task).at("timed_out") == false);
}

TEST_CASE("a wait that would begin in the future is unknown and cannot be cancelled") {
    Scene scene;
    const AttemptKey attempt = scene.running();
    const Job job = scene.jobs.get(attempt.job_id);
    for (const milliseconds ahead :
         {milliseconds{2min}, milliseconds{24h}, milliseconds{24h * 180}}) {
        const std::string id = job.job_id.str() + ".w"
                               + mcp::WaitCode::make(job, 0, SystemClock{}.now() + ahead, {}).str();
        CAPTURE(id);
        for (const char* method : {"tasks/get", "tasks/cancel"})
            CHECK(scene.client.modern_error(method, {{"taskId", id}}, true).at("code") == -32602);
    }
    // Nothing was noted in its history.
    EventQuery history;
    history.job_id = job.job_id;
    for (const Event& event : scene.ledger.store().events_since(history, {"alice", false}))
        CHECK(event.type != "wait_cancelled");
}

TEST_CASE("the result of a wait whose time was up stays, whatever becomes of the job") {
    Scene scene;
    // An hour behind the servers' clocks: every limit has passed.
    scene.clock.step(SystemClock{}.now() - 1h - scene.clock.now());
    NewJob spec = scene.jobs.created_spec();
    spec.max_attempts = 2;
    const AttemptKey attempt = scene.jobs.running(spec);
    const Job job = scene.jobs.get(attempt.job_id);
    const std::string wait =
        job.job_id.str() + ".w" + mcp::WaitCode::make(job, 0, job.created_at, 1min).str();
    const auto check = [&](const json& task) {
        CHECK(task.at("status") == "completed");
        const json result = structured(task);
        CHECK(result.at("timed_out") == true);
        CHECK(result.at("status") == "running");
        CHECK(result.at("continue_polling") == true);
        CHECK(result.at("attempt") == 1);
        CHECK(result.at("started_at") == format_time(job.started_at.value()));
        CHECK(result.at("ended_at").is_null());
        CHECK(result.at("error").is_null());
    };
    check(scene.get(wait));
    scene.clock.advance(10min);
    scene.end(attempt, test::ended_error());
    REQUIRE(scene.jobs.get(job.job_id).status == Status::queued);
    check(scene.get(wait));
    scene.clock.advance(10min);
    scene.end(scene.jobs.open_attempt(job.job_id), test::ended_error());
    check(scene.get(wait));
    scene.ledger.store().retry(job.job_id, "alice");
    check(scene.get(wait));
    check(scene.elsewhere(wait));
}

TEST_CASE("2025-11-25 announces that tasks can be cancelled, with and without --allow cancel") {
    Scene scene;
    const AttemptKey attempt = scene.running();
    auto options = options_for(scene.ledger.path());
    for (const bool allowed : {false, true}) {
        options.allowed.cancel = allowed;
        Client client{options};
        const json capabilities =
            client
                .result(
                    "initialize", {{"protocolVersion", "2025-11-25"},
                                   {"capabilities", json::object()},
                                   {"clientInfo", {{"name", "test"}, {"version", "1"}}}})
                .at("capabilities");
        CHECK(capabilities.at("tasks").contains("cancel"));
    }
    options.allowed.cancel = false;
    Client reader{options};
    CHECK(reader.error("tasks/cancel", {{"taskId", attempt.job_id.str()}}).at("code") == -32601);
}

TEST_CASE("tasks/result of a wait ends with the wait") {
    Scene scene;
    const AttemptKey attempt = scene.running();
    const json params = {{"taskId", scene.legacy_wait(attempt.job_id).at("taskId")}};
    scene.client.post("5", "tasks/result", params);
    CHECK(scene.client.is_quiet());
    SECTION("with the job") {
        scene.end(attempt);
        std::set<std::string> seen;
        for (int n = 0; n < 2; ++n) {
            const json message = scene.client.take();
            if (message.contains("method")) {
                CHECK(message.at("method") == "notifications/tasks/status");
                CHECK(message.at("params").at("taskId") == params.at("taskId"));
                CHECK(message.at("params").at("status") == "completed");
                seen.insert("notice");
            } else {
                CHECK(message.at("id") == 5);
                CHECK(message.at("result").at("structuredContent").at("status") == "done");
                seen.insert("result");
            }
        }
        CHECK(seen.size() == 2);
        CHECK_FALSE(scene.client.is_busy());
    }
    SECTION("with a cancel from elsewhere") {
        Client other{open_options(scene.ledger.path())};
        REQUIRE(other.result("tasks/cancel", params).at("status") == "cancelled");
        for (int n = 0; n < 2; ++n) {
            const json message = scene.client.take();
            if (message.contains("id")) CHECK(message.contains("error"));
        }
        CHECK(scene.jobs.get(attempt.job_id).status == Status::running);
    }
}

TEST_CASE("tasks/result of an earlier run does not wait for the later one") {
    Scene scene;
    const AttemptKey first = scene.running();
    scene.client.post("5", "tasks/result", {{"taskId", first.job_id.str()}});
    scene.end(first, reported(R"({"rows":1})"));
    scene.ledger.store().retry(first.job_id, "alice");
    const json answer = scene.client.take();
    CHECK(answer.at("result").at("structuredContent").at("result") == json{{"rows", 1}});
}

TEST_CASE("a client of 2025-11-25 is notified of each change of a task's status, once") {
    Scene scene;
    json call = {{"name", "submit_job"}, {"arguments", {{"command", {"true"}}}}};
    call["task"] = json::object();
    const json task = scene.client.result("tools/call", call).at("task");
    const JobId id = JobId::parse(task.at("taskId").get<std::string>()).value();
    const AttemptKey attempt = scene.jobs.open_attempt(id);
    Report report;
    report.progress = 0.5;
    REQUIRE(scene.ledger.store().report(attempt, report));
    scene.end(attempt, test::ended_error());
    const json notice = scene.client.take();
    CHECK(notice.at("method") == "notifications/tasks/status");
    CHECK(notice.at("params") == scene.client.result("tasks/get", {{"taskId", id.str()}}));
    CHECK(notice.at("params").at("status") == "failed");
    CHECK_FALSE(scene.client.is_busy());
}

TEST_CASE("subscribed tasks of any kind are notified of, with their results") {
    Scene scene;
    const AttemptKey attempt = scene.running();
    const std::string wait = scene.modern_wait(attempt.job_id);
    const json filter = {{"taskIds", {wait, attempt.job_id.str() + ".r1"}}};
    scene.client.post(
        R"("t")", "subscriptions/listen", Client::with_meta({{"notifications", filter}}, true));
    CHECK(
        scene.client.take().at("params").at("notifications").at("taskIds") == json::array({wait}));
    scene.end(attempt);
    const json notice = scene.client.take().at("params");
    CHECK(notice.at("taskId") == wait);
    CHECK(notice.at("status") == "completed");
    CHECK(structured(notice).at("status") == "done");
}

TEST_CASE("task ids of other owners and malformed ones are unknown in every form") {
    Scene scene;
    const std::string foreign = scene.ledger.add_queued("bob").str();
    const std::string own = scene.jobs.queued().str();
    for (const std::string& id :
         {foreign + ".r1", foreign + ".w00000000", own + ".r1", own + ".w01000000", own + ".wx"}) {
        CAPTURE(id);
        const json error = scene.client.modern_error("tasks/get", {{"taskId", id}}, true);
        CHECK(error.at("code") == -32602);
        CHECK(error.at("message") == "Failed to retrieve task: Task not found");
        CHECK(scene.client.error("tasks/cancel", {{"taskId", id}}).at("code") == -32602);
    }
}

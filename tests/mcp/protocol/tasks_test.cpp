#include "mcp/scene.h"

using namespace atlasjob;
using nlohmann::json;
using test::Client;
using test::options_for;

namespace {

mcp::ServerOptions open_options(const std::string& ledger) {
    auto options = options_for(ledger);
    options.allowed = {.submit = true, .cancel = true, .retry = true};
    return options;
}

struct Scene : test::SharedScene {
    Scene() : SharedScene(open_options) {}

    json legacy_task(const JobId& id) { return client.result("tasks/get", {{"taskId", id.str()}}); }
    json modern_task(const JobId& id) {
        return client.modern_result("tasks/get", {{"taskId", id.str()}}, true);
    }
};

json submit_call() {
    return {{"name", "submit_job"}, {"arguments", {{"command", {"true"}}}}};
}

const std::string kNotFound = "Failed to retrieve task: Task not found";

}  // namespace

TEST_CASE("every job status has a task status in both protocols, and a status message") {
    const auto [status, legacy, modern] = GENERATE(table<Status, const char*, const char*>(
        {{Status::queued, "working", "working"},
         {Status::running, "working", "working"},
         {Status::done, "completed", "completed"},
         {Status::error, "failed", "completed"},
         {Status::cancelled, "cancelled", "cancelled"}}));
    Scene scene;
    const JobId id = scene.jobs.in(status).job_id;
    const json old_task = scene.legacy_task(id);
    CHECK(old_task.at("taskId") == id.str());
    CHECK(old_task.at("status") == legacy);
    CHECK_FALSE(old_task.at("statusMessage").get<std::string>().empty());
    CHECK(old_task.at("ttl").is_null() == !is_terminal(status));
    CHECK(old_task.at("pollInterval").is_number_unsigned());
    const json task = scene.modern_task(id);
    CHECK(task.at("resultType") == "complete");
    CHECK(task.at("status") == modern);
    CHECK(task.at("statusMessage") == old_task.at("statusMessage"));
    CHECK(task.at("ttlMs") == old_task.at("ttl"));
    CHECK(task.contains("pollIntervalMs"));
    CHECK_FALSE(task.contains("ttl"));
    CHECK_FALSE(task.contains("error"));
    CHECK(task.contains("result") == (task.at("status") == "completed"));
    if (task.contains("result"))
        CHECK(task.at("result").at("isError") == (status == Status::error));
}

TEST_CASE("a task of 2025-11-25 can be read from any session") {
    Scene scene;
    scene.client.initialize("2025-11-25");
    json call = submit_call();
    call["task"] = {{"ttl", 1000}};
    const json created = scene.client.result("tools/call", call);
    const json task = created.at("task");
    CHECK(task.at("status") == "working");
    CHECK(task.at("ttl").is_null());
    CHECK(created.at("_meta").contains("io.modelcontextprotocol/model-immediate-response"));
    CHECK_FALSE(created.contains("content"));
    Client another{options_for(scene.ledger.path())};
    const json params = {{"taskId", task.at("taskId")}};
    CHECK(another.result("tasks/get", params) == task);
    CHECK(another.modern_result("tasks/get", params, true).at("status") == "working");
}

TEST_CASE("revisions before 2025-11-25 ignore task and get a plain result") {
    Scene scene;
    scene.client.initialize("2025-06-18");
    json call = submit_call();
    call["task"] = {{"ttl", 1000}};
    const json result = scene.client.result("tools/call", call);
    CHECK(result.at("structuredContent").at("status") == "queued");
}

TEST_CASE("a task for a tool without tasks or with bad arguments is an error") {
    Scene scene;
    scene.client.initialize("2025-11-25");
    json call = submit_call();
    call["task"] = json::object();
    call["name"] = "get_job_statistics";
    call["arguments"] = json::object();
    CHECK(scene.client.error("tools/call", call).at("code") == -32601);
    call["name"] = "submit_job";
    CHECK(scene.client.error("tools/call", call).at("code") == -32602);
    call["task"] = 5;
    CHECK(scene.client.error("tools/call", call).at("code") == -32602);
    CHECK(scene.ledger.store().list({}, test::kAlice).total == 0);
}

TEST_CASE("taskSupport is listed only for 2025-11-25") {
    Scene scene;
    const auto support = [&](const json& listed) {
        std::map<std::string, json> by_name;
        for (const json& tool : listed.at("tools"))
            by_name[tool.at("name")] = tool.value("execution", json{});
        return by_name;
    };
    scene.client.initialize("2025-11-25");
    const auto newest = support(scene.client.result("tools/list"));
    CHECK(newest.at("submit_job") == json{{"taskSupport", "optional"}});
    CHECK(newest.at("get_job").is_null());
    CHECK(support(scene.client.modern_result("tools/list")).at("submit_job").is_null());
    scene.client.initialize("2025-06-18");
    CHECK(support(scene.client.result("tools/list")).at("submit_job").is_null());
}

TEST_CASE("a modern task is failed only when its worker was lost") {
    Scene scene;
    const AttemptKey attempt = scene.jobs.running();
    Outcome lost = test::ended_error();
    lost.reason = Reason::worker_lost;
    REQUIRE(scene.ledger.store().finish(attempt, lost, "gc"));
    const JobId id = attempt.job_id;
    const json task = scene.modern_task(id);
    CHECK(task.at("status") == "failed");
    CHECK_FALSE(task.contains("result"));
    CHECK(task.at("error").at("code") == -32603);
    CHECK(task.at("error").at("message") == task.at("statusMessage"));
    CHECK(task.at("error").at("data").at("reason") == "worker_lost");
    CHECK(scene.legacy_task(id).at("status") == "failed");
    const json result = scene.client.result("tasks/result", {{"taskId", id.str()}});
    CHECK(result.at("structuredContent") == task.at("error").at("data"));
}

TEST_CASE("tasks/result waits for the end and returns the job with its related task") {
    Scene scene;
    const AttemptKey attempt = scene.jobs.running(scene.jobs.created_spec());
    const json params = {{"taskId", attempt.job_id.str()}};
    scene.client.post("1", "tasks/result", params);
    CHECK(scene.client.is_quiet());
    const bool succeeds = GENERATE(true, false);
    REQUIRE(scene.ledger.store().finish(
        attempt, succeeds ? test::ended_done() : test::ended_error(), "alice"));
    const json result = scene.client.take().at("result");
    CHECK(result.at("isError") == !succeeds);
    CHECK(result.at("structuredContent").at("job_id") == attempt.job_id.str());
    CHECK(
        result.at("_meta")
        == json{{"io.modelcontextprotocol/related-task", {{"taskId", attempt.job_id.str()}}}});
    CHECK(scene.client.result("tasks/result", params) == result);
}

TEST_CASE("tasks/result fails when the session ends and leaves the task running") {
    Scene scene;
    const AttemptKey attempt = scene.jobs.running();
    scene.client.post("1", "tasks/result", {{"taskId", attempt.job_id.str()}});
    scene.client.finish();
    CHECK(scene.client.take().at("error").at("code") == -32603);
    CHECK(scene.jobs.get(attempt.job_id).status == Status::running);
}

TEST_CASE("a call becomes a modern task only if the client declares the extension") {
    Scene scene;
    const json plain = scene.client.modern_result("tools/call", submit_call());
    CHECK(plain.at("resultType") == "complete");
    CHECK(plain.at("structuredContent").at("status") == "queued");
    json call = submit_call();
    call["task"] = {{"ttl", 5}};
    const json task = scene.client.modern_result("tools/call", call, true);
    CHECK(task.at("resultType") == "task");
    CHECK(task.at("status") == "working");
    CHECK(task.at("ttlMs").is_null());
    CHECK_FALSE(task.contains("result"));
    CHECK_FALSE(task.contains("content"));
    const json got = scene.modern_task(JobId::parse(task.at("taskId").get<std::string>()).value());
    CHECK(got.at("createdAt") == task.at("createdAt"));
    const json read =
        scene.client.modern_result("tools/call", {{"name", "get_job_statistics"}}, true);
    CHECK(read.at("resultType") == "complete");
}

TEST_CASE("unknown, foreign and malformed task ids get the same error") {
    Scene scene;
    const std::string foreign = scene.ledger.add_queued("bob").str();
    const std::string unknown = JobId::make(scene.clock.now()).str();
    for (const std::string& id : {foreign, unknown, std::string{"786512e2"}, std::string{}}) {
        const json params = {{"taskId", id}};
        for (const char* method : {"tasks/get", "tasks/result", "tasks/cancel"}) {
            CAPTURE(method, id);
            const json error = scene.client.error(method, params);
            CHECK(error.at("code") == -32602);
            CHECK(error.at("message") == kNotFound);
        }
        for (const char* method : {"tasks/get", "tasks/cancel"}) {
            const json error = scene.client.modern_error(method, params, true);
            CHECK(error.at("code") == -32602);
            CHECK(error.at("message") == kNotFound);
        }
        json update = params;
        update["inputResponses"] = json::object();
        CHECK(scene.client.modern_error("tasks/update", update, true).at("code") == -32602);
    }
    CHECK(scene.client.error("tasks/get").at("code") == -32602);
}

TEST_CASE("task methods are refused for a client without the extension") {
    Scene scene;
    const JobId id = scene.jobs.queued();
    for (const char* method : {"tasks/get", "tasks/update", "tasks/cancel"}) {
        const json error = scene.client.modern_error(method, {{"taskId", id.str()}});
        CHECK(error.at("code") == -32021);
        CHECK(error.at("data").at("requiredCapabilities").contains("extensions"));
    }
    CHECK(scene.jobs.get(id).status == Status::queued);
}

TEST_CASE("tasks/cancel is immediate in 2025-11-25 and cooperative in the extension") {
    Scene scene;
    const JobId done = scene.jobs.in(Status::done).job_id;
    const JobId running = scene.jobs.running().job_id;
    const JobId queued = scene.jobs.queued();
    const auto params = [](const JobId& id) { return json{{"taskId", id.str()}}; };
    SECTION("2025-11-25") {
        CHECK(scene.client.result("tasks/cancel", params(queued)).at("status") == "cancelled");
        CHECK(scene.client.result("tasks/cancel", params(running)).at("status") == "cancelled");
        CHECK(scene.legacy_task(running).at("status") == "cancelled");
        for (const JobId& id : {queued, running, done}) {
            const json error = scene.client.error("tasks/cancel", params(id));
            CHECK(error.at("code") == -32602);
            CHECK_THAT(
                error.at("message").get<std::string>(),
                Catch::Matchers::StartsWith("Cannot cancel task"));
        }
    }
    SECTION("the extension") {
        for (const JobId& id : {queued, running, done, queued})
            CHECK(
                scene.client.modern_result("tasks/cancel", params(id), true).at("resultType")
                == "complete");
        CHECK(scene.modern_task(queued).at("status") == "cancelled");
        CHECK(scene.modern_task(running).at("status") == "working");
        CHECK(scene.modern_task(done).at("status") == "completed");
    }
    CHECK(scene.jobs.get(queued).status == Status::cancelled);
    CHECK(scene.jobs.get(running).cancel_requested_at.has_value());
}

TEST_CASE("a server without the cancel permission has no tasks/cancel") {
    Scene scene;
    Client client{options_for(scene.ledger.path())};
    const JobId id = scene.jobs.queued();
    CHECK(client.error("tasks/cancel", {{"taskId", id.str()}}).at("code") == -32601);
    CHECK(client.modern_error("tasks/cancel", {{"taskId", id.str()}}, true).at("code") == -32601);
    CHECK(scene.jobs.get(id).status == Status::queued);
}

TEST_CASE("tasks/update of a task without open requests is accepted and changes nothing") {
    Scene scene;
    const JobId id = scene.jobs.queued();
    const json params = {{"taskId", id.str()}, {"inputResponses", {{"odd", json::object()}}}};
    const json result = scene.client.modern_result("tasks/update", params, true);
    CHECK(result.at("resultType") == "complete");
    CHECK(result.size() == 2);
    CHECK(
        scene.client.modern_error("tasks/update", {{"taskId", id.str()}}, true).at("code")
        == -32602);
}

TEST_CASE("a task subscription sends the whole task on each change, and at once if it has ended") {
    Scene scene;
    const AttemptKey attempt = scene.jobs.running(scene.jobs.created_spec());
    const JobId ended = scene.jobs.in(Status::error).job_id;
    const json filter = {{"taskIds", {attempt.job_id.str(), ended.str(), "786512e2"}}};
    scene.client.post(
        R"("t")", "subscriptions/listen", Client::with_meta({{"notifications", filter}}, true));
    const json acknowledged = scene.client.take().at("params").at("notifications");
    CHECK(acknowledged.at("taskIds").size() == 2);
    const json first = scene.client.take();
    CHECK(first.at("method") == "notifications/tasks");
    CHECK(first.at("params").at("taskId") == ended.str());
    CHECK(first.at("params").at("result").at("isError") == true);
    REQUIRE(scene.ledger.store().finish(attempt, test::ended_done(), "alice"));
    const json second = scene.client.take();
    CHECK(second.at("params").at("taskId") == attempt.job_id.str());
    CHECK(second.at("params").at("status") == "completed");
    CHECK(second.at("params").at("result").contains("structuredContent"));
    CHECK(second.at("params").at("_meta") == json{{"io.modelcontextprotocol/subscriptionId", "t"}});
}

#include "mcp/scene.h"

#include <fcntl.h>
#include <unistd.h>

using namespace atlasjob;
using namespace std::chrono_literals;
using nlohmann::json;
using test::Client;
using test::options_for;

namespace {

struct Scene : test::SharedScene {
    /// A job that somebody executes of whom nobody here can say whether he lives.
    AttemptKey running() { return jobs.running(jobs.created_spec()); }
    void end(const AttemptKey& attempt) {
        REQUIRE(ledger.store().finish(attempt, test::ended_done(), "alice", clock.now()));
    }
    void say(const AttemptKey& attempt, double progress) {
        Report report;
        report.progress = progress;
        REQUIRE(ledger.store().report(attempt, report, clock.now()));
    }
    static json wait_call(const JobId& id, double seconds) {
        return {
            {"name", "wait_for_job"},
            {"arguments", {{"job_id", id.str()}, {"timeout_seconds", seconds}}}};
    }
    std::string uri(const JobId& id) const { return "atlas://job/" + id.str(); }
};

json structured(const json& response) {
    CAPTURE(response.dump());
    return response.at("result").at("structuredContent");
}

}  // namespace

TEST_CASE("A wait is answered when another process ends the job, in either era") {
    const bool modern = GENERATE(false, true);
    Scene scene;
    const AttemptKey attempt = scene.running();
    json call = Scene::wait_call(attempt.job_id, 600);
    if (modern) call = Client::with_meta(call);
    scene.client.post(R"("w")", "tools/call", call);
    CHECK(scene.client.is_quiet());
    // Others are answered meanwhile.
    CHECK(scene.client.result("ping") == json::object());
    scene.end(attempt);
    const json response = scene.client.take();
    CHECK(response.at("id") == "w");
    CHECK(structured(response).at("status") == "done");
    CHECK(structured(response).at("timed_out") == false);
    CHECK(structured(response).at("continue_polling") == false);
    CHECK_FALSE(scene.client.is_busy());
}

TEST_CASE("A wait whose time is up says so as a normal result") {
    Scene scene;
    const AttemptKey attempt = scene.running();
    scene.client.post("1", "tools/call", Scene::wait_call(attempt.job_id, 0.05));
    const json response = scene.client.take();
    CHECK(response.at("result").at("isError") == false);
    CHECK(structured(response).at("timed_out") == true);
    CHECK(structured(response).at("continue_polling") == true);
    CHECK(structured(response).at("status") == "running");
    CHECK_FALSE(scene.client.is_busy());
}

TEST_CASE("Hundreds wait at once, each for its own job") {
    constexpr int kWaits = 300;
    Scene scene;
    std::vector<AttemptKey> attempts;
    for (int i = 0; i < kWaits; ++i) {
        attempts.push_back(scene.running());
        scene.client.post(
            std::to_string(i), "tools/call", Scene::wait_call(attempts.back().job_id, 600));
    }
    REQUIRE(scene.client.is_quiet());
    for (const AttemptKey& attempt : attempts)
        scene.end(attempt);
    std::vector<bool> answered(kWaits);
    for (int i = 0; i < kWaits; ++i) {
        const json response = scene.client.take();
        const auto id = response.at("id").get<std::size_t>();
        CHECK(structured(response).at("job_id") == attempts.at(id).job_id.str());
        CHECK_FALSE(answered.at(id));
        answered.at(id) = true;
    }
    CHECK_FALSE(scene.client.is_busy());
}

TEST_CASE("A cancelled wait is never answered, and its job goes on") {
    Scene scene;
    const AttemptKey attempt = scene.running();
    const auto* id = GENERATE("7", R"("seven")", "0", "123456789012345678901234567890");
    scene.client.post(id, "tools/call", Scene::wait_call(attempt.job_id, 600));
    scene.client.notify("notifications/cancelled", {{"requestId", "another"}});
    scene.client.notify("notifications/cancelled", {{"requestId", nullptr}});
    scene.client.notify("notifications/cancelled", json::object());
    CHECK(scene.client.is_busy());
    scene.client.notify("notifications/cancelled", {{"requestId", json::parse(id)}});
    CHECK_FALSE(scene.client.is_busy());
    scene.end(attempt);
    CHECK(scene.client.is_quiet());
    CHECK(scene.client.result("ping") == json::object());
}

TEST_CASE("A wait outlives an outage of the ledger and is told one that lasts") {
    Scene scene;
    const AttemptKey attempt = scene.running();
    const std::string hidden = scene.ledger.path() + ".hidden";
    scene.client.post("1", "tools/call", Scene::wait_call(attempt.job_id, 600));
    scene.client.post("2", "tools/call", Scene::wait_call(attempt.job_id, 1.5));
    REQUIRE(::rename(scene.ledger.path().c_str(), hidden.c_str()) == 0);
    const json gone = scene.client.take();
    CHECK(gone.at("id") == 2);
    CHECK(gone.at("result").at("isError") == true);
    CHECK(scene.client.is_quiet());
    REQUIRE(::rename(hidden.c_str(), scene.ledger.path().c_str()) == 0);
    scene.end(attempt);
    const json response = scene.client.take();
    CHECK(response.at("id") == 1);
    CHECK(structured(response).at("status") == "done");
}

TEST_CASE("When the client says no more, those who wait are told how things stand") {
    Scene scene;
    const AttemptKey attempt = scene.running();
    scene.client.post("1", "tools/call", Scene::wait_call(attempt.job_id, 600));
    scene.client.post(
        R"("l")", "subscriptions/listen",
        Client::with_meta({{"notifications", {{"resourcesListChanged", true}}}}));
    CHECK(scene.client.take().at("method") == "notifications/subscriptions/acknowledged");
    scene.client.finish();
    CHECK(structured(scene.client.take()).at("timed_out") == true);
    const json ended = scene.client.take();
    CHECK(ended.at("id") == "l");
    CHECK(
        ended.at("result")
        == json::parse(
            R"({"resultType":"complete","_meta":{"io.modelcontextprotocol/subscriptionId":"l"}})"));
    CHECK_FALSE(scene.client.is_busy());
}

TEST_CASE("A wait with a token is told the job's progress, ever more, and never without one") {
    Scene scene;
    auto options = options_for(scene.ledger.path());
    options.progress_interval = 20ms;
    Client client{options};
    const AttemptKey attempt = scene.running();
    scene.say(attempt, 0.42);
    json call = Scene::wait_call(attempt.job_id, 600);
    client.post("1", "tools/call", call);
    const json token = GENERATE(as<json>{}, json(0), json("t"));
    call["_meta"]["progressToken"] = token;
    client.post("2", "tools/call", call);
    double before = -1;
    for (int i = 0; i < 2; ++i) {
        const json told = client.take();
        CHECK(told.at("method") == "notifications/progress");
        const json& params = told.at("params");
        CHECK(params.at("progressToken") == token);
        CHECK(params.at("progress").get<double>() > before);
        before = params.at("progress").get<double>();
        CHECK(params.at("total") == 600.0);
        CHECK(params.at("message") == "running: (42 %)");
    }
    scene.end(attempt);
    CHECK(client.take().contains("result"));
    CHECK(client.take().contains("result"));
}

TEST_CASE("A subscriber is told of a change by another process, once for several") {
    Scene scene;
    const AttemptKey attempt = scene.running();
    scene.client.initialize("2025-06-18");
    const json params = {{"uri", scene.uri(attempt.job_id)}};
    CHECK(scene.client.result("resources/subscribe", params) == json::object());
    CHECK(scene.client.is_busy());
    for (int i = 1; i <= 5; ++i)
        scene.say(attempt, i / 10.0);
    const json told = scene.client.take();
    CHECK(told.at("method") == "notifications/resources/updated");
    CHECK(told.at("params") == params);
    scene.client.idle(100ms);
    CHECK(scene.client.is_quiet());
    scene.end(attempt);
    CHECK(scene.client.take().at("params") == params);
    CHECK(scene.client.result("resources/unsubscribe", params) == json::object());
    CHECK_FALSE(scene.client.is_busy());
}

TEST_CASE("What is not there or not one's own cannot be subscribed to") {
    Scene scene;
    const JobId foreign = scene.ledger.add_queued("bob");
    for (const std::string& uri : {scene.uri(foreign), std::string{"atlas://job/x"}}) {
        const json error = scene.client.error("resources/subscribe", {{"uri", uri}});
        CHECK(error.at("code") == -32002);
        CHECK(error.at("data").at("uri") == uri);
    }
    CHECK(scene.client.error("resources/subscribe").at("code") == -32602);
    CHECK_FALSE(scene.client.is_busy());
}

TEST_CASE("A listener hears of what was acknowledged, under its own id, until it cancels") {
    Scene scene;
    const AttemptKey attempt = scene.running();
    const JobId foreign = scene.ledger.add_queued("bob");
    const auto* id = GENERATE(R"("listen:0")", "0");
    const json filter = {
        {"resourceSubscriptions", {scene.uri(attempt.job_id), scene.uri(foreign), "none://x"}},
        {"resourcesListChanged", true},
        {"toolsListChanged", true}};
    scene.client.post(id, "subscriptions/listen", Client::with_meta({{"notifications", filter}}));
    const json meta = {{"io.modelcontextprotocol/subscriptionId", json::parse(id)}};
    const json acknowledged = scene.client.take();
    CHECK(acknowledged.at("method") == "notifications/subscriptions/acknowledged");
    CHECK(acknowledged.at("params").at("_meta") == meta);
    CHECK(
        acknowledged.at("params").at("notifications")
        == json{
            {"resourceSubscriptions", {scene.uri(attempt.job_id)}},
            {"resourcesListChanged", true}});
    scene.say(attempt, 0.5);
    const json updated = scene.client.take();
    CHECK(updated.at("method") == "notifications/resources/updated");
    CHECK(updated.at("params").at("uri") == scene.uri(attempt.job_id));
    CHECK(updated.at("params").at("_meta") == meta);
    scene.jobs.queued();
    const json listed = scene.client.take();
    CHECK(listed.at("method") == "notifications/resources/list_changed");
    CHECK(listed.at("params").at("_meta") == meta);
    scene.client.notify("notifications/cancelled", {{"requestId", json::parse(id)}});
    CHECK_FALSE(scene.client.is_busy());
    scene.say(attempt, 0.6);
    CHECK(scene.client.is_quiet());
}

TEST_CASE("A listener's filter of another form is refused") {
    Scene scene;
    for (const json& filter :
         std::vector<json>{5, {{"resourceSubscriptions", "x"}}, {{"resourceSubscriptions", {1}}}})
        CHECK(
            scene.client.modern_error("subscriptions/listen", {{"notifications", filter}})
                .at("code")
            == -32602);
    CHECK(scene.client.modern_error("subscriptions/listen").at("code") == -32602);
    const json undeclared = scene.client.modern_error(
        "subscriptions/listen", {{"notifications", {{"taskIds", {"x"}}}}});
    CHECK(undeclared.at("code") == -32021);
    CHECK(
        undeclared.at("data")
        == json::parse(
            R"({"requiredCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}})"));
    CHECK_FALSE(scene.client.is_busy());
}

TEST_CASE("What one session does itself is told to its own subscribers too") {
    Scene scene;
    auto options = options_for(scene.ledger.path());
    options.allowed.cancel = true;
    Client client{options};
    const JobId id = scene.jobs.queued();
    client.result("resources/subscribe", {{"uri", scene.uri(id)}});
    client.post("1", "tools/call", {{"name", "cancel_job"}, {"arguments", {{"job_id", id.str()}}}});
    // Either may come first.
    const json messages = {client.take(), client.take()};
    const auto has = [&](const char* key) {
        return messages.at(0).contains(key) != messages.at(1).contains(key);
    };
    CHECK(has("result"));
    CHECK(has("method"));
}

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
    /// A running job of an external executor, whose life this process cannot check.
    AttemptKey running() { return jobs.running(jobs.created_spec()); }
    void end(const AttemptKey& attempt) {
        REQUIRE(ledger.store().finish(attempt, test::ended_done(), "alice"));
    }
    void report(const AttemptKey& attempt, double progress) {
        Report report;
        report.progress = progress;
        REQUIRE(ledger.store().report(attempt, report));
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

TEST_CASE("wait_for_job returns when another process ends the job, in either protocol") {
    const bool modern = GENERATE(false, true);
    Scene scene;
    const AttemptKey attempt = scene.running();
    json call = Scene::wait_call(attempt.job_id, 600);
    if (modern) call = Client::with_meta(call);
    scene.client.post(R"("w")", "tools/call", call);
    CHECK(scene.client.is_quiet());
    // Other requests are answered meanwhile.
    CHECK(scene.client.result("ping") == json::object());
    scene.end(attempt);
    const json response = scene.client.take();
    CHECK(response.at("id") == "w");
    CHECK(structured(response).at("status") == "done");
    CHECK(structured(response).at("timed_out") == false);
    CHECK(structured(response).at("continue_polling") == false);
    CHECK_FALSE(scene.client.is_busy());
}

TEST_CASE("wait_for_job that times out returns a normal result") {
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

TEST_CASE("hundreds of concurrent waits each return their own job") {
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

TEST_CASE("a cancelled wait is never answered and leaves the job alone") {
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

TEST_CASE("wait_for_job survives a short outage of the ledger and reports one that lasts") {
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

TEST_CASE("pending waits and subscriptions are answered when the input ends") {
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

TEST_CASE("wait_for_job sends increasing progress notifications only with a progress token") {
    Scene scene;
    auto options = options_for(scene.ledger.path());
    options.progress_interval = 20ms;
    Client client{options};
    const AttemptKey attempt = scene.running();
    scene.report(attempt, 0.42);
    json call = Scene::wait_call(attempt.job_id, 600);
    client.post("1", "tools/call", call);
    const json token = GENERATE(as<json>{}, json(0), json("t"));
    call["_meta"]["progressToken"] = token;
    client.post("2", "tools/call", call);
    double before = -1;
    for (int i = 0; i < 2; ++i) {
        const json notification = client.take();
        CHECK(notification.at("method") == "notifications/progress");
        const json& params = notification.at("params");
        CHECK(params.at("progressToken") == token);
        CHECK(params.at("progress").get<double>() > before);
        before = params.at("progress").get<double>();
        CHECK(params.at("total") == 600.0);
        CHECK(params.at("message") == "running: 42 %");
    }
    scene.end(attempt);
    CHECK(client.take().contains("result"));
    CHECK(client.take().contains("result"));
}

TEST_CASE("a resource subscription coalesces changes by another process into one notification") {
    Scene scene;
    const AttemptKey attempt = scene.running();
    scene.client.initialize("2025-06-18");
    const json params = {{"uri", scene.uri(attempt.job_id)}};
    CHECK(scene.client.result("resources/subscribe", params) == json::object());
    CHECK(scene.client.is_busy());
    for (int i = 1; i <= 5; ++i)
        scene.report(attempt, i / 10.0);
    const json notification = scene.client.take();
    CHECK(notification.at("method") == "notifications/resources/updated");
    CHECK(notification.at("params") == params);
    scene.client.idle(100ms);
    CHECK(scene.client.is_quiet());
    scene.end(attempt);
    CHECK(scene.client.take().at("params") == params);
    CHECK(scene.client.result("resources/unsubscribe", params) == json::object());
    CHECK_FALSE(scene.client.is_busy());
}

TEST_CASE("an unknown or foreign resource cannot be subscribed to") {
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

TEST_CASE(
    "subscriptions/listen notifies about what it acknowledged, under its id, until cancelled") {
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
    scene.report(attempt, 0.5);
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
    scene.report(attempt, 0.6);
    CHECK(scene.client.is_quiet());
}

TEST_CASE("subscriptions/listen refuses an invalid filter") {
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

TEST_CASE("a session is also notified about its own changes") {
    Scene scene;
    auto options = options_for(scene.ledger.path());
    options.allowed.cancel = true;
    Client client{options};
    const JobId id = scene.jobs.queued();
    client.result("resources/subscribe", {{"uri", scene.uri(id)}});
    client.post("1", "tools/call", {{"name", "cancel_job"}, {"arguments", {{"job_id", id.str()}}}});
    // In either order.
    const json messages = {client.take(), client.take()};
    const auto has = [&](const char* key) {
        return messages.at(0).contains(key) != messages.at(1).contains(key);
    };
    CHECK(has("result"));
    CHECK(has("method"));
}

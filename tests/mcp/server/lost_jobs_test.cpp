#include "mcp/scene.h"
#include "process/identity.h"

#include <filesystem>

using namespace atlasjob;
using nlohmann::json;
using test::Client;

namespace {

struct Scene : test::SharedScene {
    /// A job whose command and supervisor have died without a word.
    JobId lost(int max_attempts = 1) {
        NewJob spec = jobs.command_spec();
        spec.max_attempts = max_attempts;
        const AttemptKey attempt = jobs.running(spec);
        REQUIRE(ledger.store().note_process(attempt, test::some_process(4712), clock.now()));
        return attempt.job_id;
    }
    /// A job whose executor lives, though its lease ran out long ago by the server's clock.
    JobId silent() {
        NewJob spec = jobs.command_spec();
        spec.start_as = AttemptOwner{current_process(), kLease};
        ledger.store().submit(spec, SystemClock{}.now() - 2 * kLease);
        return spec.job_id;
    }
    void ask_wait(const JobId& id, double seconds) {
        client.post(
            "1", "tools/call",
            {{"name", "wait_for_job"},
             {"arguments", {{"job_id", id.str()}, {"timeout_seconds", seconds}}}});
    }
    void listen(const json& filter) {
        client.post(
            R"("l")", "subscriptions/listen", Client::with_meta({{"notifications", filter}}, true));
        REQUIRE(client.take().at("method") == "notifications/subscriptions/acknowledged");
    }
};

std::string uri(const JobId& id) {
    return "atlas://job/" + id.str();
}

}  // namespace

TEST_CASE("A wait for a job whose executor has died is answered with its loss") {
    Scene scene;
    const JobId job = scene.lost();
    const JobId unwatched = scene.lost();
    scene.ask_wait(job, 600);
    CHECK(scene.client.is_quiet());
    const json answer = scene.client.take().at("result").at("structuredContent");
    CHECK(answer.at("status") == "error");
    CHECK(answer.at("timed_out") == false);
    CHECK(scene.jobs.get(job).reason == Reason::worker_lost);
    CHECK(scene.jobs.get(unwatched).status == Status::running);
}

TEST_CASE("Of many lost jobs that are waited for each is settled, one after the other") {
    Scene scene;
    std::vector<JobId> jobs;
    for (int i = 0; i < 5; ++i) {
        jobs.push_back(scene.lost());
        scene.ask_wait(jobs.back(), 600);
    }
    for (int i = 0; i < 5; ++i)
        CHECK(scene.client.take().at("result").at("structuredContent").at("status") == "error");
    for (const JobId& job : jobs)
        CHECK(scene.jobs.get(job).reason == Reason::worker_lost);
}

TEST_CASE("Who follows a job hears that it is lost, as a resource and as a task") {
    Scene scene;
    const JobId job = scene.lost();
    SECTION("its resource, in the legacy era") {
        CHECK(scene.client.result("resources/subscribe", {{"uri", uri(job)}}) == json::object());
        CHECK(scene.client.take().at("params").at("uri") == uri(job));
    }
    SECTION("its resource, in the modern era") {
        scene.listen({{"resourceSubscriptions", json::array({uri(job)})}});
        CHECK(scene.client.take().at("params").at("uri") == uri(job));
    }
    SECTION("its task") {
        scene.listen({{"taskIds", json::array({job.str()})}});
        const json task = scene.client.take().at("params");
        CHECK(task.at("status") == "failed");
        CHECK_FALSE(task.contains("result"));
        CHECK(task.at("error").at("code") == -32603);
        CHECK(task.at("error").at("message") == task.at("statusMessage"));
        CHECK(task.at("error").at("data").at("job_id") == job.str());
    }
    SECTION("its task's result") {
        scene.client.post("1", "tasks/result", {{"taskId", job.str()}});
        CHECK(scene.client.take().at("result").at("isError") == true);
    }
    CHECK(scene.jobs.get(job).reason == Reason::worker_lost);
}

TEST_CASE("A lost job with attempts left is queued again, and the wait goes on") {
    Scene scene;
    const JobId job = scene.lost(2);
    scene.client.result("resources/subscribe", {{"uri", uri(job)}});
    scene.ask_wait(job, 600);
    CHECK(scene.client.take().at("method") == "notifications/resources/updated");
    CHECK(scene.jobs.get(job).status == Status::queued);
    REQUIRE(
        scene.ledger.store().request_cancel(job, {"alice", {}, {}}, scene.clock.now())
        == CancelResult::cancelled);
    json answer = scene.client.take();
    if (answer.contains("method")) answer = scene.client.take();
    CHECK(answer.at("result").at("structuredContent").at("status") == "cancelled");
}

TEST_CASE("A job that is silent but lives is suspected, and left alone") {
    Scene scene;
    const JobId job = scene.silent();
    scene.ask_wait(job, 1.5);
    const json answer = scene.client.take().at("result").at("structuredContent");
    CHECK(answer.at("timed_out") == true);
    // What was asked of the writer by then is done.
    scene.client.finish();
    CHECK(scene.jobs.get(job).status == Status::running);
    CHECK(scene.jobs.get(job).suspect_at.has_value());
}

TEST_CASE("Who may not write to the ledger waits until somebody else settles its lost jobs") {
    Scene scene;
    const JobId job = scene.lost();
    const std::filesystem::path gate = scene.ledger.path() + ".gate";
    REQUIRE(std::filesystem::remove(gate));
    REQUIRE(std::filesystem::create_directory(gate));
    scene.ask_wait(job, 1.5);
    const json answer = scene.client.take().at("result");
    CHECK(answer.at("isError") == false);
    CHECK(answer.at("structuredContent").at("timed_out") == true);
    scene.client.finish();
    CHECK(scene.jobs.get(job).status == Status::running);
}

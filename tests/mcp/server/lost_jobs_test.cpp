#include "mcp/scene.h"
#include "process/identity.h"

#include <filesystem>

using namespace atlasjob;
using nlohmann::json;
using test::Client;

namespace {

struct Scene : test::SharedScene {
    /// A running job whose command and supervisor are dead.
    JobId lost(int max_attempts = 1) {
        NewJob spec = jobs.command_spec();
        spec.max_attempts = max_attempts;
        const AttemptKey attempt = jobs.running(spec);
        REQUIRE(ledger.store().note_process(attempt, test::some_process(4712)));
        return attempt.job_id;
    }
    /// A running job with a live executor whose lease ran out long ago by the server's clock.
    JobId silent() {
        NewJob spec = jobs.command_spec();
        spec.start_as = AttemptOwner{current_process(), kLease};
        clock.set(SystemClock{}.now() - 2 * kLease);
        ledger.store().submit(spec);
        return spec.job_id;
    }
    void post_wait(const JobId& id, double seconds) {
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

TEST_CASE("wait_for_job reaps a job whose executor is dead and returns it") {
    Scene scene;
    const JobId job = scene.lost();
    const JobId unwatched = scene.lost();
    scene.post_wait(job, 600);
    CHECK(scene.client.is_quiet());
    const json answer = scene.client.take().at("result").at("structuredContent");
    CHECK(answer.at("status") == "error");
    CHECK(answer.at("timed_out") == false);
    CHECK(scene.jobs.get(job).reason == Reason::worker_lost);
    CHECK(scene.jobs.get(unwatched).status == Status::running);
}

TEST_CASE("every lost job that is waited for is reaped") {
    Scene scene;
    std::vector<JobId> jobs;
    for (int i = 0; i < 5; ++i) {
        jobs.push_back(scene.lost());
        scene.post_wait(jobs.back(), 600);
    }
    for (int i = 0; i < 5; ++i)
        CHECK(scene.client.take().at("result").at("structuredContent").at("status") == "error");
    for (const JobId& job : jobs)
        CHECK(scene.jobs.get(job).reason == Reason::worker_lost);
}

TEST_CASE("subscribers to a lost job are notified when it is reaped") {
    Scene scene;
    const JobId job = scene.lost();
    SECTION("a legacy resource subscription") {
        CHECK(scene.client.result("resources/subscribe", {{"uri", uri(job)}}) == json::object());
        CHECK(scene.client.take().at("params").at("uri") == uri(job));
    }
    SECTION("a modern resource subscription") {
        scene.listen({{"resourceSubscriptions", json::array({uri(job)})}});
        CHECK(scene.client.take().at("params").at("uri") == uri(job));
    }
    SECTION("a task subscription") {
        scene.listen({{"taskIds", json::array({job.str()})}});
        const json task = scene.client.take().at("params");
        CHECK(task.at("status") == "failed");
        CHECK_FALSE(task.contains("result"));
        CHECK(task.at("error").at("code") == -32603);
        CHECK(task.at("error").at("message") == task.at("statusMessage"));
        CHECK(task.at("error").at("data").at("job_id") == job.str());
    }
    SECTION("tasks/result") {
        scene.client.post("1", "tasks/result", {{"taskId", job.str()}});
        CHECK(scene.client.take().at("result").at("isError") == true);
    }
    CHECK(scene.jobs.get(job).reason == Reason::worker_lost);
}

TEST_CASE("a lost job with attempts left is queued again, and wait_for_job continues") {
    Scene scene;
    const JobId job = scene.lost(2);
    scene.client.result("resources/subscribe", {{"uri", uri(job)}});
    scene.post_wait(job, 600);
    CHECK(scene.client.take().at("method") == "notifications/resources/updated");
    CHECK(scene.jobs.get(job).status == Status::queued);
    REQUIRE(scene.ledger.store().request_cancel(job, {"alice", {}, {}}) == CancelResult::cancelled);
    json answer = scene.client.take();
    if (answer.contains("method")) answer = scene.client.take();
    CHECK(answer.at("result").at("structuredContent").at("status") == "cancelled");
}

TEST_CASE("a job with an expired lease and a live executor is only marked suspect") {
    Scene scene;
    const JobId job = scene.silent();
    scene.post_wait(job, 1.5);
    const json answer = scene.client.take().at("result").at("structuredContent");
    CHECK(answer.at("timed_out") == true);
    // finish() waits for pending writes.
    scene.client.finish();
    CHECK(scene.jobs.get(job).status == Status::running);
    CHECK(scene.jobs.get(job).suspect_at.has_value());
}

TEST_CASE("a server that cannot write leaves lost jobs to other processes") {
    Scene scene;
    const JobId job = scene.lost();
    const std::filesystem::path gate = scene.ledger.path() + ".gate";
    REQUIRE(std::filesystem::remove(gate));
    REQUIRE(std::filesystem::create_directory(gate));
    scene.post_wait(job, 1.5);
    const json answer = scene.client.take().at("result");
    CHECK(answer.at("isError") == false);
    CHECK(answer.at("structuredContent").at("timed_out") == true);
    scene.client.finish();
    CHECK(scene.jobs.get(job).status == Status::running);
}

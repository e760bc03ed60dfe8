#include "follow_gp/gp_case.h"

#include <catch2/catch.hpp>

#include <csignal>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

/// A running job; the response to its second poll is held.
Json silent_job() {
    return {executing(10, "on it"), held(executing(10, "on it"))};
}

}  // namespace

TEST_CASE("a cancel during a pending request is passed on to the server") {
    const GpCase gp;
    GpServer server{
        gp.sandbox,
        {{"job", silent_job()},
         {"cancelled", {job_answer("esriJobCancelling"), job_answer("esriJobCancelled")}}}};
    Running follower = gp.start(server);
    server.await("held");
    CHECK(gp.sandbox.run({"cancel", "last", "--reason", "not needed"}).exit_status == 0);
    CHECK(follower.wait().exit_status == 1);
    CHECK(server.count("POST " + std::string{kTaskPath} + "/jobs/j4f2a/cancel") == 1);
    const Json job = gp.job();
    CHECK(job["status"] == "cancelled");
    CHECK(job["reason"] == "user");
    CHECK(job["error"] == "Cancelled by user: not needed");
    CHECK(job["phase"] == "esriJobCancelling");
}

TEST_CASE(
    "a server that refuses a cancel is asked once, and the error says that its job continues") {
    const GpCase gp;
    GpServer server{
        gp.sandbox,
        {{"job", {executing(10, ""), held(executing(10, "")), executing(11, "")}},
         {"cancel", {failure(400, "Invalid or missing input parameters.")}}}};
    Running follower = gp.start(server);
    server.await("held");
    gp.sandbox.run({"cancel", "last"});
    CHECK(follower.wait().exit_status == 1);
    CHECK(server.count("POST") == 1);
    CHECK(gp.job()["status"] == "cancelled");
    CHECK(
        gp.job()["error"]
        == "Cancelled by user; the job continues on the server, which refused to cancel it: error "
           "400: Invalid or missing input parameters");
}

TEST_CASE("a cancel that is refused before the job is waiting is sent again") {
    const GpCase gp;
    GpServer server{
        gp.sandbox,
        {{"job",
          {job_answer("esriJobSubmitted"), held(job_answer("esriJobSubmitted")),
           job_answer("esriJobSubmitted"), job_answer("esriJobWaiting")}},
         {"cancel",
          {failure(400, "Invalid"),
           answer({{"jobId", kGpJob}, {"jobStatus", "esriJobCancelling"}})}},
         {"cancelled", {job_answer("esriJobCancelled")}}}};
    Running follower = gp.start(server);
    server.await("held");
    gp.sandbox.run({"cancel", "last"});
    CHECK(follower.wait().exit_status == 1);
    CHECK(server.count("POST") == 2);
    CHECK(gp.job()["error"] == "Cancelled by user");
}

TEST_CASE("a cancel that failed with HTTP 503 is sent again") {
    const GpCase gp;
    GpServer server{
        gp.sandbox,
        {{"job", {executing(10, ""), held(executing(10, "")), executing(10, "")}},
         {"cancel",
          {{{"status", 503}, {"text", ""}}, answer({{"jobStatus", "esriJobCancelling"}})}},
         {"cancelled", {job_answer("esriJobCancelled")}}}};
    Running follower = gp.start(server);
    server.await("held");
    gp.sandbox.run({"cancel", "last"});
    CHECK(follower.wait().exit_status == 1);
    CHECK(server.count("POST") == 2);
    CHECK(gp.job()["status"] == "cancelled");
}

TEST_CASE("a cancelled job with another final status at its server is cancelled and says so") {
    struct End {
        Json answer;
        const char* error;
    };
    Json failed = job_answer("esriJobFailed");
    failed["json"]["messages"] = Json::array({message("Error", "no licence")});
    const End end = GENERATE_COPY(
        End{job_answer("esriJobSucceeded"),
            "Cancelled by user; on the server the job had succeeded"},
        End{failed, "Cancelled by user; on the server the job had failed: no licence"});
    const GpCase gp;
    GpServer server{gp.sandbox, {{"job", silent_job()}, {"cancelled", {end.answer}}}};
    Running follower = gp.start(server);
    server.await("held");
    gp.sandbox.run({"cancel", "last"});
    CHECK(follower.wait().exit_status == 1);
    CHECK(gp.job()["status"] == "cancelled");
    CHECK(gp.job()["error"] == end.error);
}

TEST_CASE("a cancel while results are read ends the job as cancelled") {
    const GpCase gp;
    Json succeeded = job_answer("esriJobSucceeded");
    succeeded["json"]["results"]["Out"] = {{"paramUrl", "results/Out"}};
    GpServer server{
        gp.sandbox, {{"job", {succeeded}}, {"results", {{"Out", {held(answer({{"value", 1}}))}}}}}};
    Running follower = gp.start(server);
    server.await("held");
    gp.sandbox.run({"cancel", "last"});
    CHECK(follower.wait().exit_status == 1);
    CHECK(server.count("POST") == 0);
    CHECK(gp.job()["status"] == "cancelled");
    CHECK_THAT(gp.job()["error"].get<std::string>(), Contains("the job had succeeded"));
}

TEST_CASE(
    "a follower that gets a signal records the shutdown and leaves the server's job running") {
    const int signo = GENERATE(SIGTERM, SIGINT, SIGHUP);
    const GpCase gp;
    GpServer server{gp.sandbox, {{"job", silent_job()}}};
    Running follower = gp.start(server);
    server.await("held");
    follower.signal(signo);
    CHECK(follower.wait().exit_status == 128 + signo);
    CHECK(server.count("POST") == 0);
    const Json job = gp.job();
    CHECK(job["status"] == "error");
    CHECK(job["reason"] == "shutdown");
    CHECK(job["error_code"] == "shutdown");
    CHECK_THAT(job["error"].get<std::string>(), Contains("the job continues on the server"));
}

TEST_CASE("with --cancel-on-exit a signal cancels the server's job, too") {
    const GpCase gp;
    GpServer server{
        gp.sandbox,
        {{"job", silent_job()},
         {"cancelled", {job_answer("esriJobCancelling"), job_answer("esriJobCancelled")}}}};
    Running follower = gp.start(server, {"--cancel-on-exit"});
    server.await("held");
    follower.signal(SIGTERM);
    CHECK(follower.wait().exit_status == 1);
    CHECK(server.count("POST") == 1);
    CHECK(gp.job()["status"] == "cancelled");
    CHECK(gp.job()["error"] == "Cancelled by user");
}

TEST_CASE("a second signal exits without waiting for the server's cancel") {
    const GpCase gp;
    GpServer server{
        gp.sandbox,
        {{"job", silent_job()}, {"cancelled", {held(job_answer("esriJobCancelling"))}}}};
    Running follower = gp.start(server, {"--cancel-on-exit"});
    server.await("held");
    follower.signal(SIGTERM);
    server.await("POST");
    follower.signal(SIGINT);
    CHECK(follower.wait().exit_status == 128 + SIGINT);
    CHECK(gp.job()["status"] == "cancelled");
    CHECK_THAT(
        gp.job()["error"].get<std::string>(),
        Contains("stopped (SIGINT) before the server confirmed it"));
}

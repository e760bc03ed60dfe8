#include "follow_gp/gp_case.h"
#include "support/places.h"

#include <catch2/catch.hpp>

#include <fcntl.h>

#include <filesystem>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

/// The first `count` messages of a job.
Json messages(std::size_t count) {
    const Json all = {
        message("Informative", "Submitted."), message("Informative", "Executing..."),
        message("Warning", "2 features\nhave no shape"), message("Informative", "Succeeded.")};
    return {all.begin(), all.begin() + static_cast<long>(count)};
}

Json with_messages(Json answer, std::size_t count) {
    answer["json"]["messages"] = messages(count);
    return answer;
}

const Json kSucceeded = job_answer("esriJobSucceeded");

}  // namespace

TEST_CASE("a job is mirrored from its submission to its results") {
    const GpCase gp;
    const Json out = {
        {"paramName", "Out"},
        {"dataType", "GPFeatureRecordSetLayer"},
        {"value", {{"features", {}}}}};
    const Json count = {{"paramName", "Count it"}, {"dataType", "GPLong"}, {"value", 7}};
    Json succeeded = with_messages(kSucceeded, 4);
    succeeded["json"]["results"] = {
        {"Out", {{"paramUrl", "results/Out"}}}, {"Count it", {{"paramUrl", "results/Count it"}}}};
    Json with_extra = out;
    with_extra["extra"] = "not the ledger's";
    GpServer server{
        gp.sandbox,
        {{"job",
          {job_answer("esriJobNew"), with_messages(job_answer("esriJobSubmitted"), 1),
           with_messages(job_answer("esriJobWaiting"), 1),
           with_messages(executing(10, "one of two"), 2),
           with_messages(executing(50, "two of two"), 3), succeeded}},
         {"results", {{"Out", {answer(with_extra)}}, {"Count%20it", {answer(count)}}}}}};

    const Ran ran = gp.follow(server, {"--name", "merge", "--label", "team=gis"});
    CHECK(ran.exit_status == 0);
    const Json job = gp.job();
    CHECK(ran.line() == job["job_id"]);
    CHECK_THAT(ran.err, Contains("job 1 follows j4f2a"));
    CHECK(job["status"] == "done");
    CHECK(job["kind"] == "gp");
    CHECK(job["name"] == "merge");
    CHECK(job["target"] == Json{{"task_url", server.task_url()}});
    CHECK(job["labels"] == Json{{"gp_job_id", kGpJob}, {"team", "gis"}});
    CHECK(job["progress"] == 1.0);
    CHECK(job["phase"] == "esriJobExecuting");
    CHECK(job["message"] == "two of two");
    CHECK(job["error"].is_null());
    CHECK(job["result"] == Json{{"Out", out}, {"Count it", count}});
    CHECK(
        gp.events()
        == std::vector<std::string>{
            "submit", "message_informative", "message_informative", "message_warning",
            "message_informative", "finish"});
    CHECK(gp.logs({"--stdout"}) == "Submitted.\nExecuting...\nSucceeded.\n");
    CHECK(gp.logs({"--stderr"}) == "2 features\nhave no shape\n");
}

TEST_CASE("while the job runs, its status word, progress and message are in the ledger") {
    const GpCase gp;
    GpServer server{
        gp.sandbox,
        {{"job", {job_answer("esriJobWaiting"), held(executing(42, "half")), held(kSucceeded)}}}};
    Running follower = gp.start(server);
    const std::string id = follower.first_line();
    CHECK(gp.job()["job_id"] == id);
    gp.await([](const Job& job) { return job.phase == "esriJobWaiting"; });
    CHECK(gp.job()["status"] == "running");
    CHECK(gp.job()["worker"]["pid"] == follower.pid());
    server.go();
    gp.await([](const Job& job) { return job.phase == "esriJobExecuting"; });
    gp.await([](const Job& job) { return job.progress == 0.42 && job.message == "half"; });
    server.go();
    CHECK(follower.wait().exit_status == 0);
    CHECK(gp.job()["result"] == Json::object());
}

TEST_CASE("the final status word is stored only together with the results") {
    const GpCase gp;
    Json succeeded = kSucceeded;
    succeeded["json"]["results"]["Out"] = {{"paramUrl", "results/Out"}};
    GpServer server{
        gp.sandbox,
        {{"job", {executing(90, "soon"), succeeded}},
         {"results", {{"Out", {held(answer({{"value", 1}}))}}}}}};
    Running follower = gp.start(server);
    server.await("held");
    gp.await([](const Job& job) { return job.phase.has_value(); });
    CHECK(gp.job()["status"] == "running");
    CHECK(gp.job()["phase"] == "esriJobExecuting");
    server.go();
    CHECK(follower.wait().exit_status == 0);
}

TEST_CASE("a job that failed at its server records the last error message") {
    const GpCase gp;
    Json failed = job_answer("esriJobFailed");
    failed["json"]["messages"] = {
        message("Error", "ERROR 000732: the input does not exist\nor is not supported"),
        message("Informative", "Failed at noon")};
    GpServer server{gp.sandbox, {{"job", {executing(10, ""), failed}}}};
    const Ran ran = gp.follow(server);
    CHECK(ran.exit_status == 1);
    const Json job = gp.job();
    CHECK(job["status"] == "error");
    CHECK(job["error_code"] == "gp_failed");
    CHECK(job["error"] == "ERROR 000732: the input does not exist or is not supported");
    CHECK(job["result"].is_null());
    CHECK(job["progress"] == 0.1);
    CHECK_THAT(ran.err, Contains("job 1: error: ERROR 000732"));
}

TEST_CASE("each final status at the server maps to its own status, reason and error") {
    struct End {
        const char* gp_status;
        const char* status;
        Json reason;
        Json code;
        const char* error;
    };
    const End end = GENERATE(
        End{"esriJobFailed", "error", nullptr, "gp_failed",
            "the job failed on the server without an error message"},
        End{"esriJobTimedOut", "error", "timeout", "timeout",
            "the job exceeded the server's time limit"},
        End{"esriJobCancelled", "cancelled", "user", nullptr, "Cancelled on the server"},
        End{"esriJobDeleted", "error", nullptr, "gp_deleted", "the job was deleted on the server"});
    const GpCase gp;
    GpServer server{
        gp.sandbox, {{"job", {job_answer("esriJobDeleting"), job_answer(end.gp_status)}}}};
    CHECK(gp.follow(server).exit_status == 1);
    const Json job = gp.job();
    INFO(job.dump());
    CHECK(job["status"] == end.status);
    CHECK(job["reason"] == end.reason);
    CHECK(job["error_code"] == end.code);
    CHECK(job["error"] == end.error);
}

TEST_CASE("an unknown status word is logged, not stored as the phase, and polling continues") {
    const GpCase gp;
    GpServer server{
        gp.sandbox, {{"job", {executing(1, "a"), job_answer("esriJobPondering"), kSucceeded}}}};
    CHECK(gp.follow(server).exit_status == 0);
    CHECK(gp.job()["phase"] == "esriJobExecuting");
    CHECK_THAT(gp.logs(), Contains("\"esriJobPondering\"") && Contains("unknown job status"));
}

TEST_CASE("a succeeded job whose results cannot be read is an error") {
    const GpCase gp;
    Json succeeded = kSucceeded;
    succeeded["json"]["results"]["Gone"] = {{"paramUrl", "results/Gone"}};
    GpServer server{gp.sandbox, {{"job", {succeeded}}}};
    CHECK(gp.follow(server).exit_status == 1);
    const Json job = gp.job();
    CHECK(job["status"] == "error");
    CHECK(job["reason"] == "invalid_result");
    CHECK_THAT(
        job["error"].get<std::string>(),
        Contains("the job succeeded on the server") && Contains("Gone: error 400: no result Gone"));
}

TEST_CASE("a job is followed only once at a time, however its URL is spelled") {
    const GpCase gp;
    GpServer server{gp.sandbox, {{"job", {executing(1, ""), held(kSucceeded)}}}};
    Running first = gp.start(server);
    server.await("held");
    std::string other = server.task_url();
    other.replace(other.find("Merge%20it"), 10, "%4derge it/");
    const Ran second = gp.start(other).wait();
    CHECK(second.exit_status == 1);
    CHECK(second.out.empty());
    CHECK_THAT(second.err, Contains("j4f2a: already followed by job 1; run `atlasjob status 1`"));
    server.go();
    CHECK(first.wait().exit_status == 0);
    CHECK(gp.sandbox.run({"list", "--ids"}).line() == gp.job()["job_id"]);
}

TEST_CASE("gc reaps the job of a follower that was killed") {
    const GpCase gp;
    GpServer server{gp.sandbox, {{"job", {held(kSucceeded)}}}};
    Running follower = gp.start(server);
    server.await("held");
    follower.kill_now();
    CHECK(gp.sandbox.run({"gc", "--json"}).json()["reaped"] == 1);
    CHECK(gp.job()["status"] == "error");
    CHECK(gp.job()["reason"] == "worker_lost");
}

TEST_CASE("a follower whose attempt was reaped exits with an error and leaves the job alone") {
    const GpCase gp;
    GpServer server{gp.sandbox, {{"job", {held(kSucceeded)}}}};
    Running follower = gp.start(server);
    server.await("held");
    // As gc on another machine with a clock far ahead would do.
    CHECK(gp.sandbox
              .exec(
                  {"sqlite3", gp.sandbox.ledger(),
                   "UPDATE jobs SET fence = fence + 1 WHERE seq = 1; "
                   "UPDATE attempts SET fence = fence + 1 WHERE job_seq = 1"})
              .err.empty());
    gp.sandbox.run({"cancel", "last"});
    const Ran ran = follower.wait();
    CHECK(ran.exit_status == 5);
    CHECK_THAT(ran.err, Contains("was reaped as lost"));
    CHECK(gp.job()["status"] == "running");
}

TEST_CASE("atlasjob-follow-gp --json prints only the finished job") {
    const GpCase gp;
    GpServer server{gp.sandbox, {{"job", {kSucceeded}}}};
    const Ran ran = gp.follow(server, {"--json", "-q"});
    CHECK(ran.exit_status == 0);
    CHECK(ran.json() == gp.job());
    CHECK(ran.err.empty());
}

TEST_CASE("atlasjob-follow-gp takes the ledger from the config file") {
    GpCase gp;
    const std::string ledger = gp.sandbox.dir() / "configured.db";
    const std::string config = gp.sandbox.dir() / ".config/atlasjob";
    std::filesystem::create_directories(config);
    REQUIRE(write_all(
        open_file(config + "/config.toml", O_CREAT | O_WRONLY, 0600).get(),
        "ledger = \"" + ledger + "\"\n"));
    gp.sandbox.environment().erase("ATLASJOB_LEDGER");
    GpServer server{gp.sandbox, {{"job", {kSucceeded}}}};
    CHECK(gp.follow(server).exit_status == 0);
    CHECK(std::filesystem::exists(ledger));
    CHECK(gp.job()["status"] == "done");
}

TEST_CASE("only atlasjob-follow-gp links libcurl") {
    const GpCase gp;
    const Ran atlasjob = gp.sandbox.exec({"readelf", "-d", kProgram});
    CHECK_THAT(atlasjob.out, Contains("libc.so") || Contains("no dynamic section"));
    CHECK_THAT(atlasjob.out, !Contains("libcurl"));
    const Ran follow_gp = gp.sandbox.exec({"readelf", "-d", kFollowGpProgram});
    CHECK_THAT(follow_gp.out, Contains("libcurl"));
}

#include "base/file.h"
#include "follow_gp/gp_case.h"
#include "support/places.h"

#include <catch2/catch.hpp>

#include <filesystem>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

const Json kSucceeded = job_answer("esriJobSucceeded");

/// The concatenated contents of all files below a directory.
std::string all_bytes_of(const std::string& folder) {
    std::string all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
        if (!entry.is_regular_file()) continue;
        const auto bytes = read_file(entry.path());
        REQUIRE(bytes);
        all += *bytes;
    }
    return all;
}

}  // namespace

TEST_CASE("a job that the server does not know is an error with the server's message") {
    const GpCase gp;
    GpServer server{
        gp.sandbox,
        {{"job",
          {answer(
              {{"error",
                {{"code", 400},
                 {"message", "Invalid or missing input parameters."},
                 {"details", {"Job j4f2a does not exist."}}}}})}}}};
    const Ran ran = gp.follow(server);
    CHECK(ran.exit_status == 1);
    CHECK(server.count("GET") == 1);
    const Json job = gp.job();
    CHECK(job["status"] == "error");
    CHECK(job["error_code"] == "gp_refused");
    CHECK(
        job["error"]
        == "the server refused to report the job's status: error 400: Invalid or missing input "
           "parameters (Job j4f2a does not exist)");
}

TEST_CASE("a transient failure of the server never fails the job") {
    const Json failed = GENERATE(
        Json{{"status", 503}, {"text", ""}, {"headers", {{"Retry-After", "1"}}}},
        Json{{"status", 429}, {"text", "{}"}}, Json{{"status", 500}, {"text", "<html>"}},
        failure(500, "Internal error"), Json{{"text", "<html>Down for maintenance</html>"}},
        answer(Json::array()), answer({{"jobId", "j4f2a"}}), Json{{"drop", true}});
    INFO(failed.dump());
    const GpCase gp;
    GpServer server{gp.sandbox, {{"job", {executing(5, ""), failed, failed, kSucceeded}}}};
    const Ran ran = gp.follow(server);
    CHECK(ran.exit_status == 0);
    CHECK(server.count("GET") == 4);
    CHECK(gp.job()["status"] == "done");
    CHECK_THAT(ran.err, Contains("trying again for 10m") && Contains("answers again"));
}

TEST_CASE("a server that does not listen yet is retried") {
    const GpCase gp;
    GpServer server{gp.sandbox, {{"job", {kSucceeded}}, {"listen", false}}};
    Running follower = gp.start(server);
    REQUIRE(follower.wait_for_error("trying again"));
    CHECK(gp.job()["status"] == "running");
    server.listen();
    CHECK(follower.wait().exit_status == 0);
}

TEST_CASE("a server that stays unreachable for --give-up-after fails the job") {
    const GpCase gp;
    GpServer server{gp.sandbox, {{"job", {kSucceeded}}, {"listen", false}}};
    const Ran ran = gp.follow(server, {"--give-up-after", "30ms"});
    CHECK(ran.exit_status == 1);
    const Json job = gp.job();
    CHECK(job["status"] == "error");
    CHECK(job["error_code"] == "gp_unreachable");
    CHECK_THAT(job["error"].get<std::string>(), Contains("no answer from the server for 30ms: "));
}

TEST_CASE("a server with a long Retry-After is asked once more before the follower gives up") {
    const GpCase gp;
    const Json later = {{"status", 503}, {"text", ""}, {"headers", {{"Retry-After", "3600"}}}};
    GpServer server{gp.sandbox, {{"job", {later}}}};
    const Ran ran = gp.follow(server, {"--give-up-after", "30ms"});
    CHECK(ran.exit_status == 1);
    CHECK(server.count("GET") == 2);
    CHECK_THAT(gp.job()["error"].get<std::string>(), Contains("HTTP 503"));
}

TEST_CASE("a cancelled job whose server stays unreachable is cancelled") {
    const GpCase gp;
    GpServer server{
        gp.sandbox,
        {{"job", {executing(1, ""), held(kSucceeded), {{"drop", true}}}},
         {"cancel", {{{"drop", true}}}}}};
    Running follower = gp.start(server, {"--give-up-after", "30ms"});
    server.await("held");
    gp.sandbox.run({"cancel", "last"});
    CHECK(follower.wait().exit_status == 1);
    CHECK(gp.job()["status"] == "cancelled");
    CHECK_THAT(
        gp.job()["error"].get<std::string>(), Contains("the job's state on the server is unknown"));
}

TEST_CASE("HTTP 403 fails the job without a retry") {
    const GpCase gp;
    GpServer server{gp.sandbox, {{"job", {{{"status", 403}, {"text", "no"}}}}}};
    CHECK(gp.follow(server).exit_status == 1);
    CHECK(server.count("GET") == 1);
    CHECK_THAT(gp.job()["error"].get<std::string>(), Contains("HTTP 403"));
}

TEST_CASE("a redirect is not followed, so the token reaches only its own server") {
    GpCase gp;
    gp.sandbox.environment()["ATLASJOB_GP_TOKEN"] = "AAPKsecret0123456789";
    GpServer other{gp.sandbox, {{"job", {kSucceeded}}}};
    GpServer server{
        gp.sandbox,
        {{"job",
          {{{"status", 302},
            {"text", ""},
            {"headers", {{"Location", other.task_url() + "/jobs/j4f2a?token=x"}}}}}}}};
    CHECK(gp.follow(server).exit_status == 1);
    CHECK(other.requests().empty());
    const std::string error = gp.job()["error"];
    CHECK_THAT(error, Contains("HTTP 302") && Contains(other.task_url()) && !Contains("token="));
}

TEST_CASE("the token is sent in a header and stored nowhere") {
    static const std::string kToken = "AAPKsecret/0123+456=789";
    GpCase gp;
    gp.sandbox.environment()["ATLASJOB_GP_TOKEN"] = kToken;
    Json leaking = executing(5, "run as " + kToken);
    leaking["json"]["messages"] = Json::array({message("Informative", "token " + kToken)});
    GpServer server{gp.sandbox, {{"job", {leaking, failure(498, "Invalid token " + kToken)}}}};
    const Ran ran = gp.follow(server);
    CHECK(ran.exit_status == 1);
    CHECK(server.count("token Bearer " + kToken) == 2);
    CHECK(server.count("GET") == 2);
    CHECK_THAT(server.requests(), !Contains("?token") && !Contains("&token"));
    CHECK_THAT(ran.out + ran.err, !Contains(kToken) && Contains("unencrypted"));
    CHECK_THAT(gp.job()["error"].get<std::string>(), Contains("Invalid token [token]"));
    CHECK_THAT(gp.logs(), Contains("token [token]"));
    const std::string bytes = all_bytes_of(gp.sandbox.dir().path());
    CHECK(bytes.find("Invalid token") != std::string::npos);
    CHECK(bytes.find("AAPKsecret") == std::string::npos);
}

TEST_CASE("an untrusted certificate is refused at once, and accepted with --ca-file") {
    const GpCase gp;
    const TempDir dir;
    const Ran made = gp.sandbox.exec(
        {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", dir / "key", "-out", dir / "cert"});
    REQUIRE(made.exit_status == 0);
    GpServer server{
        gp.sandbox, {{"job", {kSucceeded}}, {"cert", dir / "cert"}, {"key", dir / "key"}}};
    CHECK(gp.follow(server).exit_status == 1);
    CHECK(server.requests().empty());
    CHECK(gp.job()["error_code"] == "gp_refused");
    CHECK_THAT(gp.job()["error"].get<std::string>(), Contains("certificate"));
    CHECK(gp.follow(server, {"--ca-file", dir / "cert"}).exit_status == 0);
    CHECK(gp.job()["status"] == "done");
}

TEST_CASE("a usage error of atlasjob-follow-gp is reported before anything is created") {
    struct Usage {
        std::vector<std::string> arguments;
        const char* error;
    };
    const Usage usage = GENERATE(
        Usage{{"--job-id", "j1"}, "--task-url is missing; give the address of the task"},
        Usage{{"--task-url", "https://h/t"}, "--job-id is missing"},
        Usage{{"--task-url", "h/t", "--job-id", "j1"}, "--task-url \"h/t\": not a URL"},
        Usage{{"--task-url", "https://h/t", "--job-id", "../j"}, "--job-id \"../j\": not a job id"},
        Usage{
            {"--task-url", "https://h/t", "--job-id", "j", "--poll-min", "soon"},
            "--poll-min \"soon\": not a duration"},
        Usage{
            {"--task-url", "https://h/t", "--job-id", "j", "--ca-file", "/none"},
            "--ca-file \"/none\": No such file or directory"},
        Usage{{"--task-url", "https://h/t", "--job-id", "j", "more"}, "unexpected argument"});
    const GpCase gp;
    std::vector<std::string> argv = {kFollowGpProgram};
    argv.insert(argv.end(), usage.arguments.begin(), usage.arguments.end());
    const Ran ran = gp.sandbox.exec(argv);
    CHECK(ran.exit_status == 2);
    CHECK_THAT(ran.err, Contains("atlasjob-follow-gp: ") && Contains(usage.error));
    CHECK(gp.sandbox.untouched());
}

TEST_CASE("a token that is not a valid header value is refused without being printed") {
    GpCase gp;
    gp.sandbox.environment()["ATLASJOB_GP_TOKEN"] = "secret\r\nX-More: 1";
    const Ran ran = gp.start("https://h/t").wait();
    CHECK(ran.exit_status == 2);
    CHECK_THAT(ran.err, Contains("ATLASJOB_GP_TOKEN") && !Contains("secret"));
}

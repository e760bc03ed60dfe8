#include "base/error.h"
#include "follow_gp/ending.h"
#include "follow_gp/poll_interval.h"
#include "follow_gp/reply.h"
#include "follow_gp/task_url.h"

#include <catch2/catch.hpp>

using namespace atlasjob;
using namespace atlasjob::follow_gp;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

HttpReply ok(const std::string& body) {
    HttpReply reply;
    reply.status = 200;
    reply.body = body;
    return reply;
}

GpJob job_of(const std::string& body) {
    const auto reading = read_job(ok(body));
    INFO(body);
    REQUIRE(std::holds_alternative<GpJob>(reading));
    return std::get<GpJob>(reading);
}

Failure failure_of(const HttpReply& reply) {
    const auto reading = read_job(reply);
    INFO(reply.body);
    REQUIRE(std::holds_alternative<Failure>(reading));
    return std::get<Failure>(reading);
}

std::string normal(const std::string& url) {
    return TaskUrl::parse(url).normal;
}

std::string url_error(const std::string& url) {
    try {
        TaskUrl::parse(url);
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::invalid_argument);
        CHECK_FALSE(error.hint().empty());
        return error.what();
    }
    FAIL("accepted: " << url);
    return {};
}

}  // namespace

TEST_CASE("every jobStatus of the REST interface is parsed, and any other is unknown") {
    std::vector<std::string_view> words;
    for (const GpStatusRow& row : kGpStatuses) {
        CHECK(row_of(row.status).word == row.word);
        CHECK(parse_gp_status(row.word) == row.status);
        words.push_back(row.word);
    }
    CHECK(words.size() == 12);
    CHECK(parse_gp_status("esriJobPondering") == GpStatus::unknown);
    CHECK(parse_gp_status("esrijobnew") == GpStatus::unknown);
}

TEST_CASE("all members of a job resource are read") {
    const GpJob job = job_of(R"({"jobId":"j1","jobStatus":"esriJobExecuting",
        "progress":{"type":"step","message":"300/711","percent":42},
        "messages":[{"type":"esriJobMessageTypeInformative","description":"Submitted."},
                    {"type":"esriJobMessageTypeWarning","description":"odd"},
                    {"type":"esriJobMessageTypeAbort","description":"over"}],
        "results":{"A":{"paramUrl":"results/A"},"B":{}}})");
    CHECK(job.status == GpStatus::executing);
    CHECK(job.word == "esriJobExecuting");
    CHECK(job.progress == 0.42);
    CHECK(job.progress_text == "300/711");
    CHECK(
        job.messages
        == std::vector<GpMessage>{
            {GpMessage::Kind::informative, "Submitted."},
            {GpMessage::Kind::warning, "odd"},
            {GpMessage::Kind::error, "over"}});
    CHECK(job.results == std::vector<std::string>{"A", "B"});
    REQUIRE(last_error(job) != nullptr);
    CHECK(last_error(job)->text == "over");
}

TEST_CASE("members of a job that are missing or of another type are ignored") {
    for (const char* const body :
         {R"({"jobStatus":"esriJobWaiting"})",
          R"({"jobStatus":"esriJobWaiting","messages":null,"progress":null,"results":null})",
          R"({"jobStatus":"esriJobWaiting","messages":{},"progress":[],"results":[1]})",
          R"({"jobStatus":"esriJobWaiting","progress":{"percent":"42","message":7}})",
          R"({"jobStatus":"esriJobWaiting","error":null,"progress":{"type":"default"}})"}) {
        const GpJob job = job_of(body);
        CHECK(job.status == GpStatus::waiting);
        CHECK_FALSE(job.progress);
        CHECK_FALSE(job.progress_text);
        CHECK(job.messages.empty());
        CHECK(job.results.empty());
    }
    CHECK(job_of(R"({"jobStatus":"x","progress":{"percent":250}})").progress == 1.0);
    CHECK(job_of(R"({"jobStatus":"x","progress":{"percent":-1}})").progress == 0.0);
}

TEST_CASE("every entry of messages becomes a message, whatever its type") {
    const GpJob job = job_of(
        R"({"jobStatus":"x","messages":["bare",{},{"type":7,"description":[]},{"description":"d"}]})");
    REQUIRE(job.messages.size() == 4);
    CHECK(job.messages[0].text == "\"bare\"");
    CHECK(job.messages[1].text.empty());
    CHECK(job.messages[3] == GpMessage{GpMessage::Kind::informative, "d"});
}

TEST_CASE("a response without a job is a transient failure") {
    const std::string deep(500, '[');
    for (const std::string& body :
         {std::string{}, std::string{"<html>"}, std::string{"[]"}, std::string{"{\"jobStatus\":1}"},
          std::string{"{}"}, deep + std::string(500, ']'), std::string{"{\"jobStatus\":\"\xff\"}"}})
        CHECK(failure_of(ok(body)).passing);
}

TEST_CASE("an error body is read whatever the HTTP status") {
    const Failure unknown = failure_of(ok(
        R"({"error":{"code":400,"message":"Invalid.","details":["", "No such job.\nSorry.", 7]}})"));
    CHECK_FALSE(unknown.passing);
    CHECK(unknown.text == "error 400: Invalid (No such job. Sorry)");
    CHECK(failure_of(ok(R"({"error":{"code":503}})")).passing);
    CHECK_FALSE(failure_of(ok(R"({"error":{"code":"503"}})")).passing);
    CHECK(failure_of(ok(R"({"error":{}})")).text == "error");

    HttpReply both = ok(R"({"error":{"code":499,"message":"Token Required"}})");
    both.status = 401;
    CHECK(failure_of(both).text == "HTTP 401, error 499: Token Required");
    CHECK_FALSE(failure_of(both).passing);
}

TEST_CASE("HTTP 408, 429 and 5xx are transient failures, other statuses are permanent") {
    HttpReply reply;
    for (const long status : {408L, 429L, 500L, 502L, 503L, 504L}) {
        reply.status = status;
        reply.retry_after = 7s;
        CHECK(failure_of(reply).passing);
        CHECK(failure_of(reply).retry_after == 7s);
    }
    for (const long status : {301L, 302L, 400L, 401L, 403L, 404L, 410L}) {
        reply.status = status;
        CHECK_FALSE(failure_of(reply).passing);
    }
    HttpReply unsent;
    unsent.failure = "no route";
    CHECK(failure_of(unsent).passing);
    unsent.hopeless = true;
    CHECK_FALSE(failure_of(unsent).passing);
}

TEST_CASE("a result keeps its value byte for byte") {
    const auto result = read_result(
        ok(R"({ "value": {"n": 12345678901234567890, "x": 1.50, "n": 2}, "dataType": "GPLong",
                "paramName": "Out", "more": true })"));
    REQUIRE(std::holds_alternative<std::string>(result));
    CHECK(
        std::get<std::string>(result)
        == R"({"paramName":"Out","dataType":"GPLong","value":{"n":12345678901234567890,"x":1.50,"n":2}})");
    CHECK(
        std::get<std::string>(read_result(ok("{}")))
        == R"({"paramName":null,"dataType":null,"value":null})");
    CHECK(std::holds_alternative<Failure>(read_result(ok(R"({"error":{"code":400}})"))));
}

TEST_CASE("different spellings of a task URL normalize to the same URL") {
    static const std::string kNormal =
        "https://gis.example.com/server/rest/services/Feature_analysis/GPServer/"
        "Merge%20and%20buffer";
    for (const char* const spelling :
         {"https://gis.example.com/server/rest/services/Feature_analysis/GPServer/"
          "Merge%20and%20buffer",
          "HTTPS://GIS.Example.com/server/rest/services/Feature_analysis/GPServer/"
          "Merge%20and%20buffer/",
          "https://gis.example.com:443/server/rest/services/Feature%5fanalysis/GPServer/Merge and "
          "buffer"})
        CHECK(normal(spelling) == kNormal);
    CHECK(normal("http://h:6080/t") == "http://h:6080/t");
    CHECK(TaskUrl::parse("https://H/T").given == "https://H/T");
    CHECK(TaskUrl::parse("http://H:6080/t").host == "h:6080");
    CHECK_FALSE(TaskUrl::parse("http://h/t").encrypted);
    CHECK(TaskUrl::parse("HTTPS://h:443/t").host == "h");
    CHECK(TaskUrl::parse("HTTPS://h/t").encrypted);
}

TEST_CASE("an invalid task URL is refused with a hint and without its secrets") {
    CHECK_THAT(url_error(""), Contains("not a URL"));
    CHECK_THAT(url_error("gis.example.com/task"), Contains("not a URL"));
    CHECK_THAT(url_error("ftp://h/task"), Contains("ftp is not supported"));
    CHECK_THAT(url_error("file:///etc/passwd"), Contains("not supported") || Contains("not a URL"));
    CHECK_THAT(
        url_error("https://h/task?token=secret"), Contains("no query") && !Contains("secret"));
    CHECK_THAT(url_error("x//alice:secret@h/task"), Contains("not a URL") && !Contains("secret"));
    CHECK_THAT(url_error("https://h/task#top"), Contains("no fragment"));
    CHECK_THAT(url_error("https://h/"), Contains("not a task"));
    CHECK_THAT(url_error("https://h/" + std::string(900, 'a')), Contains("longer than"));
    CHECK_THAT(url_error("https://alice:secret@h/task"), Contains("user") && !Contains("secret"));
}

TEST_CASE("a job's id must be a single path segment") {
    CHECK_NOTHROW(check_gp_job_id("j0123456789abcdef0123456789abcdef"));
    for (const std::string& id :
         {std::string{}, std::string{"a/b"}, std::string{".."}, std::string{"a?b"},
          std::string{"a b"}, std::string(129, 'j')})
        CHECK_THROWS_AS(check_gp_job_id(id), Error);
}

TEST_CASE("the poll interval grows up to its maximum until it is reset") {
    PollInterval interval{1s, 10s};
    CHECK(interval.next() == 1s);
    CHECK(interval.next() == 1500ms);
    CHECK(interval.next() == 2250ms);
    for (int i = 0; i < 10; ++i)
        interval.next();
    CHECK(interval.next() == 10s);
    interval.reset();
    CHECK(interval.next() == 1s);
    PollInterval constant{5ms, 1ms};
    CHECK(constant.next() == 5ms);
    CHECK(constant.next() == 5ms);
}

TEST_CASE("a requested cancel ends the job as cancelled whatever the server reports") {
    for (const GpStatusRow& row : kGpStatuses) {
        if (!row.ended) continue;
        GpJob job;
        job.status = row.status;
        const Outcome outcome = outcome_of(job, true);
        CHECK(outcome.status == Status::cancelled);
        CHECK(outcome.reason == Reason::user);
        // For a plain cancel the store adds the text that says who cancelled it, and why.
        CHECK(outcome.error.has_value() == (row.status != GpStatus::cancelled));
    }
    const Failure failure{"gone"};
    CHECK(outcome_of_refusal(failure, true).status == Status::cancelled);
    CHECK(outcome_of_silence(failure, 1s, true).status == Status::cancelled);
    CHECK(outcome_of_leaving(15, true).status == Status::cancelled);
    CHECK(outcome_of_leaving(15, false).reason == Reason::shutdown);
}

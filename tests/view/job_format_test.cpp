#include "view/job_format.h"

#include "base/error.h"
#include "ledger/job_fields.h"
#include "support/full_records.h"
#include "view/job_json.h"
#include "view/sample.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

const Time kNow = at("2026-11-22T12:01:13Z");

std::string line(const char* format, const Job& job) {
    return view::JobFormat{format}.line(job, kNow);
}

Job rich_job() {
    Job job = failed_job();
    job.result = R"({"n":7,"list":[1,{"x":"y"}],"text":"a\tb","none":null,"ok":true})";
    job.labels = {{"app.kubernetes.io/name", "web"}, {"team", "core"}};
    return job;
}

}  // namespace

TEST_CASE("a format is filled in with the fields of the job") {
    CHECK(line("{seq} {status} {result.n}", rich_job()) == "42 error 7\n");
    CHECK(line("[{name}]", rich_job()) == "[]\n");
    CHECK(line("{result.text}|{result.none}|{result.ok}", rich_job()) == "a b||true\n");
    CHECK(
        line("{result.list}|{result.list.1.x}|{result.list.9}", rich_job())
        == "[1,{\"x\":\"y\"}]|y|\n");
    CHECK(line("{result.nothing.at.all}", rich_job()) == "\n");
    CHECK(line("{target.channel_id}{worker.pid}", rich_job()) == "C0ENG4711\n");
    CHECK(line("{labels.team}-{labels.app.kubernetes.io/name}", rich_job()) == "core-web\n");
    CHECK(line("{command}", rich_job()) == "[\"./sync.sh\",\"C0ENG\"]\n");
    CHECK(line("{created_at}", rich_job()) == "2026-11-22T12:00:00.250Z\n");
    CHECK(line("", rich_job()) == "\n");
}

TEST_CASE("braces and tabs can be escaped in a format") {
    CHECK(line(R"({{{seq}}}\t{kind}\n-)", rich_job()) == "{42}\tsync\n-\n");
}

TEST_CASE("a formatted field cannot break the line or send escape sequences") {
    Job job = rich_job();
    job.name = "a\nb\x1b[2Jc";
    CHECK(line("{name}", job) == "a b\\u{1b}[2Jc\n");
}

TEST_CASE("exactly the fields of a job's JSON can be used in a format") {
    for (const JobRecord& record : full_records()) {
        const auto json = nlohmann::ordered_json::parse(view::job_json(record.job, kNow));
        for (const FieldInfo& field : kJobFieldInfos) {
            const std::string name{field.name};
            CAPTURE(name);
            if (!field.is_shown()) {
                CHECK_THROWS_AS(view::JobFormat{"{" + name + "}"}, Error);
                continue;
            }
            const auto& value = json.at(name);
            const std::string expected = value.is_null()     ? ""
                                         : value.is_string() ? value.get<std::string>()
                                                             : value.dump();
            CHECK(line(("{" + name + "}").c_str(), record.job) == expected + "\n");
        }
    }
}

TEST_CASE("a format reaches into what a job used") {
    CHECK(line("{usage.max_rss_bytes}", full_records()[0].job) == "104857600\n");
    CHECK(line("{usage.cpu_ms}", rich_job()) == "\n");
}

TEST_CASE("an unknown field in a format is refused, and the known ones are listed") {
    const auto refusal = [](const char* format) -> std::string {
        try {
            const view::JobFormat accepted{format};
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::invalid_argument);
            return error.what();
        }
        return "accepted";
    };
    CHECK_THAT(refusal("{seq} {stauts}"), Contains("\"stauts\"") && Contains("status reason"));
    const std::string listed = refusal("{no}");
    for (const FieldInfo& field : kJobFieldInfos)
        CHECK((listed.find(" " + std::string{field.name}) != listed.npos) == field.is_shown());
    CHECK_THAT(
        refusal("{status.word}"), Contains("only target, labels, result, worker, usage have"));
    CHECK_THAT(refusal("{}"), Contains("\"\""));
    CHECK_THAT(refusal("{status.word}"), Contains("\"status\" has no nested fields"));
    CHECK_THAT(refusal("{seq"), Contains("unclosed {"));
    CHECK_THAT(refusal("seq}"), Contains("unmatched }"));
}

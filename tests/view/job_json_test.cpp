#include "view/job_json.h"

#include "base/json_text.h"
#include "ledger/job_fields.h"
#include "support/full_records.h"
#include "view/cursor.h"
#include "view/sample.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

const Time kNow = at("2026-11-22T12:01:00Z");

}  // namespace

TEST_CASE("a running job as JSON is exactly what the interface documents") {
    CHECK(
        view::job_json(running_job(), kNow)
        == R"({"job_id":"01a20320-a2fb-7a02-b2c2-1d3e4f506071","seq":42,"kind":"sync","name":null,)"
           R"("target":{"channel_id":"C0ENG"},"owner":"alice","labels":{},)"
           R"("status":"running","reason":null,"progress":0.42,"phase":"embedding",)"
           R"("message":"300/711","current":300,"total":711,)"
           R"("created_at":"2026-11-22T12:00:00.250Z","run_after":null,)"
           R"("started_at":"2026-11-22T12:00:01.000Z","updated_at":"2026-11-22T12:00:42.500Z",)"
           R"("ended_at":null,"expires_at":null,)"
           R"("result":null,"error":null,"error_code":null,"exit_code":null,"signal":null,)"
           R"("queue":"default","priority":0,"attempt":1,"max_attempts":1,"timeout_ms":null,)"
           R"("cancel_requested_at":null,"key":null,"after":[],)"
           R"("command":["./sync.sh","C0ENG"],"cwd":"/srv/app",)"
           R"("worker":{"host":"h1","pid":4711},"stale":false,"log_bytes":10240,"rev":18,)"
           R"("usage":null,"group":null,"schedule":null,"scheduled_for":null,)"
           R"("account":null,"host":null,"frozen":false,"after_ended":[],"session":null})");
}

TEST_CASE("every nullable member of a job is written when it has a value") {
    Job job = failed_job();
    job.name = "nightly";
    job.labels = {{"env", "prod"}, {"team", "data"}};
    job.run_after = at("2026-11-22T12:00:00.500Z");
    job.timeout = milliseconds{1500};
    job.cancel_requested_at = at("2026-11-22T12:00:45Z");
    job.key = "sync-C0ENG";
    job.after = {JobId::parse("01a20320-a2fb-7a02-b2c2-1d3e4f506072").value()};
    job.signal = "SIGKILL";
    const auto json = nlohmann::json::parse(view::job_json(job, kNow));
    CHECK(json["name"] == "nightly");
    CHECK(json["labels"] == nlohmann::json{{"env", "prod"}, {"team", "data"}});
    CHECK(json["reason"] == "exit_code");
    CHECK(json["run_after"] == "2026-11-22T12:00:00.500Z");
    CHECK(json["ended_at"] == "2026-11-22T12:00:50.000Z");
    CHECK(json["expires_at"] == "2026-12-22T12:00:50.000Z");
    CHECK(json["error"] == "command exited with 3");
    CHECK(json["error_code"] == "exit_code");
    CHECK(json["exit_code"] == 3);
    CHECK(json["signal"] == "SIGKILL");
    CHECK(json["timeout_ms"] == 1500);
    CHECK(json["cancel_requested_at"] == "2026-11-22T12:00:45.000Z");
    CHECK(json["key"] == "sync-C0ENG");
    CHECK(json["after"] == nlohmann::json{"01a20320-a2fb-7a02-b2c2-1d3e4f506072"});
    CHECK(json.size() == kShownFields);
}

TEST_CASE("the JSON of a job has every shown field once, in the order of the table") {
    for (const JobRecord& record : full_records()) {
        std::vector<std::string> keys;
        for (const JsonMember& member : members_of(view::job_json(record.job, kNow)))
            keys.push_back(member.key);
        std::vector<std::string> names;
        for (const FieldInfo& field : kJobFieldInfos)
            if (field.is_shown()) names.emplace_back(field.name);
        CHECK(keys == names);
    }
}

TEST_CASE("usage is an object in which numbers that are not known are null") {
    Job job = failed_job();
    job.usage = Usage{milliseconds{5120}, 104857600, 0, {}, {}};
    CHECK(
        nlohmann::ordered_json::parse(view::job_json(job, kNow))["usage"].dump()
        == R"({"cpu_ms":5120,"max_rss_bytes":104857600,"read_bytes":0,)"
           R"("written_bytes":null,"oom_kills":null})");
}

TEST_CASE("group, schedule and origin of a job are written when they are known") {
    const auto json = nlohmann::json::parse(view::job_json(full_records()[1].job, kNow));
    CHECK(json["group"] == "release-7");
    CHECK(json["schedule"] == "every-night");
    CHECK(json["scheduled_for"] == "2026-11-22T12:00:00.250Z");
    CHECK(json["account"] == "alice");
    CHECK(json["host"] == "h1");
    CHECK(json["frozen"] == true);
}

TEST_CASE("a result is written back byte for byte") {
    Job job = failed_job();
    job.status = Status::done;
    job.progress = 1.0;
    job.result = R"({"z":1,"a":12345678901234567890123,"z":1.10})";
    const std::string json = view::job_json(job, kNow);
    CHECK(json.find(R"("result":{"z":1,"a":12345678901234567890123,"z":1.10},)") != json.npos);
    CHECK(json.find(R"("progress":1.0,)") != json.npos);
}

TEST_CASE("a command with arbitrary bytes is written as valid JSON") {
    Job job = running_job();
    job.command = {"printf", "\xff\xfe", "a\nb\"c\\", std::string{"\x01", 1}};
    const auto json = nlohmann::json::parse(view::job_json(job, kNow));
    CHECK(json["command"][1] == "\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK(json["command"][2] == "a\nb\"c\\");
    CHECK(json["command"][3] == std::string{"\x01", 1});
    CHECK(view::job_json(job, kNow).find('\n') == std::string::npos);
}

TEST_CASE("a job is stale from the time its lease runs out") {
    const Job job = running_job();
    CHECK(nlohmann::json::parse(view::job_json(job, kNow))["stale"] == false);
    CHECK(nlohmann::json::parse(view::job_json(job, *job.lease_until))["stale"] == true);
}

TEST_CASE("a page has a cursor that can be parsed again, and null on the last page") {
    JobPage page;
    page.jobs = {running_job(), failed_job()};
    page.next_seq = 41;
    page.total = 7;
    const auto json = nlohmann::json::parse(view::page_json(page, kNow));
    CHECK(json["jobs"].size() == 2);
    CHECK(json["jobs"][1]["status"] == "error");
    CHECK(json["total"] == 7);
    ListQuery query;
    REQUIRE(view::apply_cursor(json["next_cursor"].get<std::string>(), query));
    CHECK(query.before_seq == 41);

    page.jobs.clear();
    page.next_seq.reset();
    page.total = 0;
    CHECK(view::page_json(page, kNow) == R"({"jobs":[],"next_cursor":null,"total":0})");
}

TEST_CASE("an invalid cursor is rejected") {
    for (const char* text :
         {"", "41", "s1-", "s1-0", "s1--3", "s1-4x", "s2-41", "s1-99999999999999999999"}) {
        ListQuery query;
        CHECK_FALSE(view::apply_cursor(text, query));
    }
}

TEST_CASE("a cursor of a sorted list is valid only for the same sort order") {
    JobPage page;
    page.next_seq = 41;
    page.next_key = "na-me \xff\n";
    const ListOrder by_name{ListKey::name, true};
    const std::string cursor = view::format_cursor(page, by_name).value();
    ListQuery query;
    query.order = by_name;
    REQUIRE(view::apply_cursor(cursor, query));
    CHECK(query.before_seq == 41);
    CHECK(query.before_key == page.next_key);
    for (const ListOrder& other :
         {ListOrder{}, ListOrder{ListKey::name, false}, ListOrder{ListKey::kind, true}}) {
        ListQuery differs;
        differs.order = other;
        CHECK_FALSE(view::apply_cursor(cursor, differs));
    }
    for (const char* text :
         {"k1-7-a-41", "k1-7-a-41-6", "k1-7-a-41-zz", "k1-7-a--61", "k1-7-a-0-61"}) {
        ListQuery broken;
        broken.order = by_name;
        CHECK_FALSE(view::apply_cursor(text, broken));
    }
}

TEST_CASE("an event is one JSON object with its members in the documented order") {
    Event event;
    event.seq = 9;
    event.job_id = "01a20320-a2fb-7a02-b2c2-1d3e4f506071";
    event.at = at("2026-11-22T12:00:00Z");
    event.type = "cancel";
    event.from = Status::queued;
    event.to = Status::cancelled;
    event.actor = "alice";
    event.reason = Reason::user;
    CHECK(
        view::event_json(event)
        == R"({"seq":9,"job_id":"01a20320-a2fb-7a02-b2c2-1d3e4f506071",)"
           R"("at":"2026-11-22T12:00:00.000Z","type":"cancel","from":"queued","to":"cancelled",)"
           R"("actor":"alice","reason":"user","detail":null})");
    event.from.reset();
    event.reason.reset();
    const auto json = nlohmann::json::parse(view::event_json(event));
    CHECK(json["from"].is_null());
    CHECK(json["reason"].is_null());
}

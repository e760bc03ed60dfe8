#include "ledger_fixture.h"

#include "store/open.h"
#include "support/places.h"

#include <catch2/catch.hpp>

#include <fstream>

namespace atlasjob::test {

namespace {

using nlohmann::ordered_json;

ordered_json golden_file() {
    std::ifstream file(test::source_path("tests/mcp/golden/atlas.json"));
    return ordered_json::parse(file);
}

Time time_of(const ordered_json& record, const char* key) {
    return parse_time(record.at(key).get<std::string>()).value();
}

std::optional<std::string> text_of(const ordered_json& record, const char* key) {
    const auto found = record.find(key);
    if (found == record.end() || found->is_null()) return {};
    return found->is_string() ? found->get<std::string>() : found->dump();
}

Outcome outcome_of(const ordered_json& record) {
    Outcome outcome;
    outcome.status = parse_status(record.at("status").get<std::string>()).value();
    outcome.result = text_of(record, "result");
    outcome.error = text_of(record, "error");
    outcome.error_code = text_of(record, "error_code");
    if (const auto reason = text_of(record, "reason")) outcome.reason = parse_reason(*reason);
    return outcome;
}

const Time kLater = parse_time("2026-11-22T12:01:35.000Z").value();

}  // namespace

std::map<std::string, GoldenJob> golden_jobs() {
    std::map<std::string, GoldenJob> jobs;
    const ordered_json file = golden_file();
    for (const auto& [state, job] : file.at("jobs").items()) {
        jobs[state] = {job.at("record"), job.at("answer").dump()};
    }
    return jobs;
}

LedgerFixture::LedgerFixture()
    : store_(open_store(parse_address(path()), OpenMode::create, clock_)) {}

void LedgerFixture::add(const ordered_json& record) {
    const ordered_json file = golden_file();
    NewJob job{JobId::parse(record.at("job_id").get<std::string>()).value()};
    job.kind = file.at("kind");
    job.target = file.at("target").dump();
    job.owner = record.at("owner");
    clock_.set(time_of(record, "created_at"));
    store_->submit(job);
    if (record.at("started_at").is_null()) return;
    clock_.set(time_of(record, "started_at"));
    const AttemptKey attempt = store_->start(job.job_id, job.owner);
    const bool ended = !record.at("ended_at").is_null();
    Report report;
    report.progress = record.at("progress").get<double>();
    if (!ended) clock_.set(time_of(record, "updated_at"));
    REQUIRE(store_->report(attempt, report));
    if (!ended) return;
    clock_.set(time_of(record, "ended_at"));
    REQUIRE(store_->finish(attempt, outcome_of(record), job.owner));
}

JobId LedgerFixture::add_done(const std::optional<std::string>& target, const std::string& result) {
    NewJob job{JobId::make(kLater)};
    job.owner = "alice";
    job.target = target;
    clock_.set(kLater);
    store_->submit(job);
    Outcome outcome;
    outcome.result = result;
    REQUIRE(store_->finish(store_->start(job.job_id, "alice"), outcome, "alice"));
    return job.job_id;
}

JobId LedgerFixture::add_queued(const std::string& owner) {
    NewJob job{JobId::make(kLater)};
    job.owner = owner;
    clock_.set(kLater);
    store_->submit(job);
    return job.job_id;
}

}  // namespace atlasjob::test

#include "contract/contract_case.h"

#include <set>

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

NewJob full_spec(const JobFactory& jobs, Time now) {
    NewJob spec = jobs.command_spec();
    spec.kind = "sync";
    spec.name = "nightly \xC3\xA4";
    spec.target = R"({"channel_id":"C0ENG","n":1.10})";
    spec.labels = {{"team", "core"}, {"app", ""}};
    spec.queue = "bulk";
    spec.priority = -7;
    spec.run_after = now + 5min;
    spec.key = "nightly";
    spec.max_attempts = 4;
    spec.timeout = 15min;
    spec.retention = 2h;
    return spec;
}

}  // namespace

TEST_CASE_METHOD(ContractCase, "a submitted job is queued with the submitted fields") {
    const NewJob spec = full_spec(jobs, now());
    const Submitted submitted = store->submit(spec);
    CHECK(submitted.created);
    CHECK(submitted.job_id == spec.job_id);

    const Job job = get(spec.job_id);
    CHECK(job.seq == submitted.seq);
    CHECK(job.status == Status::queued);
    CHECK(job.kind == "sync");
    CHECK(job.owner == "alice");
    CHECK(job.name == spec.name);
    CHECK(job.target == spec.target);
    CHECK(job.labels == std::vector<Label>{{"app", ""}, {"team", "core"}});
    CHECK(job.queue == "bulk");
    CHECK(job.priority == -7);
    CHECK(job.run_after == now() + 5min);
    CHECK(job.key == "nightly");
    CHECK(job.max_attempts == 4);
    CHECK(job.timeout == 15min);
    CHECK(job.retention == 2h);
    CHECK(job.command == spec.command->argv);
    CHECK(job.cwd == "/srv/app");
}

TEST_CASE_METHOD(ContractCase, "a new job has no start or end and nothing reported") {
    const Job job = get(jobs.queued());
    CHECK(job.created_at == now());
    CHECK(job.updated_at == now());
    CHECK(job.attempt == 0);
    CHECK_FALSE(job.run_after);
    CHECK_FALSE(job.started_at);
    CHECK_FALSE(job.ended_at);
    CHECK_FALSE(job.expires_at);
    CHECK_FALSE(job.progress);
    CHECK_FALSE(job.result);
    CHECK_FALSE(job.error);
    CHECK_FALSE(job.reason);
    CHECK_FALSE(job.worker);
    CHECK_FALSE(job.lease_until);
    CHECK_FALSE(job.cancel_requested_at);
    CHECK(job.log_bytes == 0);
}

TEST_CASE_METHOD(ContractCase, "the creation of a job is the first event of its history") {
    const JobId id = jobs.queued();
    const auto events = jobs.events(id);
    REQUIRE(events.size() == 1);
    CHECK(event_line(events[0]) == "submit -> queued");
    CHECK(events[0].job_id == id.view());
    CHECK(events[0].at == now());
}

TEST_CASE_METHOD(ContractCase, "job numbers increase in the order of submission") {
    std::int64_t last = 0;
    for (int n = 0; n < 5; ++n) {
        const std::int64_t seq = store->submit(jobs.command_spec()).seq;
        CHECK(seq > last);
        last = seq;
    }
}

TEST_CASE_METHOD(ContractCase, "a job can be created running with its first attempt open") {
    NewJob spec = jobs.command_spec();
    spec.start_as = AttemptOwner{some_process(99), kLease};
    const Submitted submitted = store->submit(spec);
    const Job job = get(spec.job_id);
    CHECK(job.status == Status::running);
    CHECK(job.attempt == 1);
    CHECK(job.started_at == now());
    CHECK(job.lease_until == now() + kLease);
    REQUIRE(job.worker);
    CHECK(job.worker->pid == 99);
    CHECK(jobs.history(spec.job_id) == "submit -> running");

    const AttemptKey attempt{spec.job_id, 1, submitted.fence};
    REQUIRE(finish(attempt, ended_done()));
    CHECK(get(spec.job_id).status == Status::done);
}

TEST_CASE_METHOD(ContractCase, "a job created running without a supervisor is never stale") {
    NewJob spec = jobs.created_spec();
    spec.start_as = AttemptOwner{};
    store->submit(spec);
    const Job job = get(spec.job_id);
    CHECK(job.status == Status::running);
    CHECK_FALSE(job.lease_until);
    CHECK_FALSE(job.worker);
    clock.advance(24h);
    CHECK_FALSE(store->mark_suspect(AttemptKey{spec.job_id}));
}

TEST_CASE_METHOD(ContractCase, "submitting an active key again returns the existing job") {
    const Status status = GENERATE(Status::queued, Status::running);
    NewJob spec = jobs.command_spec();
    spec.key = "nightly";
    jobs.in(status, spec);
    const std::string before = text(spec.job_id);

    NewJob again = jobs.command_spec();
    again.key = "nightly";
    again.kind = "other";
    const Submitted submitted = store->submit(again);
    CHECK_FALSE(submitted.created);
    CHECK(submitted.job_id == spec.job_id);
    CHECK(submitted.seq == get(spec.job_id).seq);
    CHECK(text(spec.job_id) == before);
    CHECK_FALSE(store->get(JobRef::of(again.job_id), kAdmin, Detail::summary));
    CHECK(store->list({}, kAdmin).total == 1);
}

TEST_CASE_METHOD(ContractCase, "the end of a job frees its key and the job keeps showing it") {
    const Status status = GENERATE(Status::done, Status::error, Status::cancelled);
    NewJob spec = jobs.command_spec();
    spec.key = "nightly";
    jobs.in(status, spec);

    NewJob again = jobs.command_spec();
    again.key = "nightly";
    const Submitted submitted = store->submit(again);
    CHECK(submitted.created);
    CHECK(submitted.job_id == again.job_id);
    CHECK(get(spec.job_id).key == "nightly");
    CHECK(get(again.job_id).key == "nightly");
}

TEST_CASE_METHOD(ContractCase, "each owner has separate keys") {
    NewJob alices = jobs.command_spec();
    alices.key = "nightly";
    NewJob bobs = jobs.command_spec();
    bobs.key = "nightly";
    bobs.owner = "bob";
    CHECK(store->submit(alices).created);
    CHECK(store->submit(bobs).created);
}

TEST_CASE_METHOD(ContractCase, "a batch of jobs is submitted atomically and in order") {
    std::vector<NewJob> specs;
    for (int n = 0; n < 20; ++n)
        specs.push_back(jobs.command_spec());
    const auto submitted = store->submit_all(specs);
    REQUIRE(submitted.size() == specs.size());
    for (std::size_t n = 0; n < specs.size(); ++n) {
        CHECK(submitted[n].job_id == specs[n].job_id);
        CHECK(get(specs[n].job_id).seq == submitted[n].seq);
        if (n > 0) CHECK(submitted[n].seq > submitted[n - 1].seq);
    }
}

TEST_CASE_METHOD(ContractCase, "a batch with one bad job submits nothing") {
    std::vector<NewJob> specs{jobs.command_spec(), jobs.command_spec(), jobs.command_spec()};
    SECTION("found before writing") {
        specs[2].kind = "not a word";
    }
    SECTION("found while writing") {
        specs[2].after = {JobId::make(now())};
    }
    CHECK(error_of([&] { store->submit_all(specs); }));
    CHECK(store->list({}, kAdmin).total == 0);
    CHECK(store->events_since({}, kAdmin).empty());
    CHECK(store->count(kAdmin).empty());
}

TEST_CASE_METHOD(ContractCase, "a key twice in one batch creates one job") {
    std::vector<NewJob> specs{jobs.command_spec(), jobs.command_spec()};
    specs[0].key = specs[1].key = "nightly";
    const auto submitted = store->submit_all(specs);
    REQUIRE(submitted.size() == 2);
    CHECK(submitted[0].created);
    CHECK_FALSE(submitted[1].created);
    CHECK(submitted[1].job_id == specs[0].job_id);
}

TEST_CASE_METHOD(ContractCase, "a job of a batch may depend on an earlier one") {
    std::vector<NewJob> specs{jobs.command_spec(), jobs.command_spec()};
    specs[1].after = {specs[0].job_id};
    store->submit_all(specs);
    CHECK(get(specs[1].job_id).after == std::vector{specs[0].job_id});
}

TEST_CASE_METHOD(ContractCase, "a job outside the limits is rejected and writes nothing") {
    NewJob spec = jobs.command_spec();
    SECTION("kind") {
        spec.kind = "two words";
    }
    SECTION("priority") {
        spec.priority = 2'000'000;
    }
    SECTION("attempts") {
        spec.max_attempts = 0;
    }
    SECTION("command") {
        spec.command->argv.clear();
    }
    SECTION("label") {
        spec.labels = {{"", "v"}};
    }
    CHECK(error_of([&] { store->submit(spec); }) == ErrorCode::invalid_argument);
    CHECK(store->list({}, kAdmin).total == 0);
}

TEST_CASE_METHOD(ContractCase, "a job's JSON is stored byte for byte") {
    NewJob spec = jobs.created_spec();
    spec.target = GENERATE(
        R"({})", R"([])", R"(null)", R"("text")",
        R"({"b":1.10,"a":123456789012345678901234567890,"b":2})", "\"\xF0\x9F\x98\x80\\u0000\"");
    store->submit(spec);
    CHECK(get(spec.job_id).target == spec.target);
}

TEST_CASE_METHOD(ContractCase, "a job_id in use is rejected and its job stays unchanged") {
    const NewJob spec = jobs.command_spec();
    jobs.queued(spec);
    const std::string before = text(spec.job_id);
    NewJob again = jobs.command_spec();
    again.job_id = spec.job_id;
    again.owner = "bob";
    again.key = "k";
    CHECK(error_of([&] { store->submit(again); }) == ErrorCode::refused);
    CHECK_THROWS_WITH(
        store->submit(again), Catch::Contains(spec.job_id.str()) && Catch::Contains("job 1"));
    CHECK(text(spec.job_id) == before);
    CHECK(store->list({}, kAdmin).total == 1);
}

TEST_CASE_METHOD(ContractCase, "submitting an active key with any id returns the existing job") {
    NewJob spec = jobs.command_spec();
    spec.key = "nightly";
    jobs.queued(spec);
    const Submitted again = store->submit(spec);
    CHECK(again.job_id == spec.job_id);
    CHECK_FALSE(again.created);
}

TEST_CASE_METHOD(ContractCase, "a batch with one id twice submits nothing") {
    const NewJob spec = jobs.command_spec();
    const std::vector<NewJob> batch{jobs.command_spec(), spec, spec};
    CHECK(error_of([&] { store->submit_all(batch); }) == ErrorCode::refused);
    CHECK(store->list({}, kAdmin).total == 0);
}

#include "contract/contract_case.h"

using namespace atlasjob;
using namespace atlasjob::test;

TEST_CASE_METHOD(ContractCase, "an ended job can be deleted at once and leaves a tombstone") {
    const Status status = GENERATE(Status::done, Status::error, Status::cancelled);
    NewJob spec = jobs.command_spec();
    spec.retention = 24h * 365;
    jobs.in(status, spec);
    const Job before = get(spec.job_id);
    clock.advance(1min);
    const PrunedJob deleted = store->remove(spec.job_id);
    CHECK(deleted.job_id == spec.job_id);
    CHECK(deleted.seq == before.seq);
    CHECK(deleted.attempts == 1);
    CHECK_FALSE(store->get(JobRef::of(spec.job_id), kAdmin, Detail::full));
    CHECK(jobs.events(spec.job_id).empty());
    CHECK(store->count(kAdmin).empty());

    const auto tombstone = store->tombstone(JobRef::of(spec.job_id), kAlice);
    REQUIRE(tombstone);
    CHECK(tombstone->seq == before.seq);
    CHECK(tombstone->owner == "alice");
    CHECK(tombstone->last_status == status);
    CHECK(tombstone->last_reason == before.reason);
    CHECK(tombstone->ended_at == before.ended_at);
    CHECK(tombstone->pruned_at == now());
}

TEST_CASE_METHOD(ContractCase, "an unended job cannot be deleted") {
    const Status status = GENERATE(Status::queued, Status::running);
    const JobId id = jobs.in(status).job_id;
    const std::string before = text(id);
    CHECK(error_of([&] { store->remove(id); }) == ErrorCode::refused);
    CHECK(text(id) == before);
    CHECK_FALSE(store->tombstone(JobRef::of(id), kAdmin));
}

TEST_CASE_METHOD(ContractCase, "deleting an unknown or deleted job fails") {
    const JobId id = jobs.in(Status::done).job_id;
    store->remove(id);
    CHECK(error_of([&] { store->remove(id); }) == ErrorCode::not_found);
    CHECK(error_of([&] { store->remove(JobId::make(now())); }) == ErrorCode::not_found);
}

TEST_CASE_METHOD(ContractCase, "a deleted dependency still counts by its final status") {
    const JobId first = jobs.in(Status::done).job_id;
    NewJob spec = jobs.command_spec();
    spec.after = {first};
    jobs.in(Status::error, spec);
    store->remove(first);
    store->retry(spec.job_id, "alice");
    CHECK(jobs.open_attempt(spec.job_id).attempt == 2);
}

TEST_CASE_METHOD(ContractCase, "a tombstone left by prune keeps the reason") {
    const JobId id = jobs.in(Status::error).job_id;
    clock.advance(24h * 31);
    REQUIRE(store->prune({}, 10).size() == 1);
    CHECK(store->tombstone(JobRef::of(id), kAlice)->last_reason == Reason::exit_code);
}

TEST_CASE_METHOD(ContractCase, "a reused job_id can be deleted again") {
    NewJob spec = jobs.command_spec();
    jobs.in(Status::error, spec);
    store->remove(spec.job_id);
    jobs.in(Status::done, spec);
    const std::int64_t seq = get(spec.job_id).seq;
    store->remove(spec.job_id);
    const auto tombstone = store->tombstone(JobRef::of(spec.job_id), kAlice);
    REQUIRE(tombstone);
    CHECK(tombstone->seq == seq);
    CHECK(tombstone->last_status == Status::done);
}

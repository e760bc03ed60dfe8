#include "contract/contract_case.h"

#include <algorithm>

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

struct PruneCase : ContractCase {
    std::vector<JobId> prune(const Retention& retention = {}, int limit = 1000) {
        std::vector<JobId> ids;
        for (const PrunedJob& pruned : store->prune(retention, limit))
            ids.push_back(pruned.job_id);
        return ids;
    }
    bool exists(const JobId& id) {
        return store->get(JobRef::of(id), kAdmin, Detail::full).has_value();
    }
};

constexpr Retention kNothing{.done = 0ms, .error = 0ms, .cancelled = 0ms};

}  // namespace

TEST_CASE_METHOD(PruneCase, "a job is kept for the retention of its status and no longer") {
    const Status status = GENERATE(Status::done, Status::error, Status::cancelled);
    const JobId id = jobs.in(status).job_id;
    clock.advance(default_retention(status) - 1ms);
    CHECK(store->count_prunable({}) == 0);
    CHECK(prune().empty());
    CHECK(exists(id));
    clock.advance(2ms);
    CHECK(store->count_prunable({}) == 1);
    CHECK(prune() == std::vector{id});
    CHECK_FALSE(exists(id));
    CHECK(store->count_prunable({}) == 0);
    CHECK(prune().empty());
}

TEST_CASE_METHOD(PruneCase, "a retention given to prune replaces the default of its status only") {
    const JobId done = jobs.in(Status::done).job_id;
    const JobId error = jobs.in(Status::error).job_id;
    const JobId cancelled = jobs.in(Status::cancelled).job_id;
    const Retention retention{.done = 1h, .error = {}, .cancelled = 24h * 365};
    clock.advance(1h + 1ms);
    CHECK(prune(retention) == std::vector{done});
    clock.advance(24h * 30);
    CHECK(prune(retention) == std::vector{error});
    CHECK(exists(cancelled));
}

TEST_CASE_METHOD(PruneCase, "a job's own retention takes precedence over the one given to prune") {
    NewJob brief = jobs.command_spec();
    brief.retention = 1h;
    jobs.in(Status::error, brief);
    NewJob lasting = jobs.command_spec();
    lasting.retention = 24h * 365;
    jobs.in(Status::error, lasting);
    clock.advance(1h + 1ms);
    CHECK(prune({.done = {}, .error = 24h, .cancelled = {}}) == std::vector{brief.job_id});
    clock.advance(24h * 100);
    CHECK(prune(kNothing).empty());
    CHECK(exists(lasting.job_id));
}

TEST_CASE_METHOD(PruneCase, "pruning deletes the oldest jobs first up to the limit") {
    std::vector<JobId> ended;
    for (const Status status : {Status::error, Status::done, Status::cancelled, Status::done}) {
        ended.push_back(jobs.in(status).job_id);
        clock.advance(1min);
    }
    CHECK(store->count_prunable(kNothing) == 4);
    CHECK(prune(kNothing, 3) == std::vector(ended.begin(), ended.begin() + 3));
    CHECK(exists(ended[3]));
    CHECK(prune(kNothing, 3) == std::vector{ended[3]});
    CHECK(prune(kNothing, 3).empty());
}

TEST_CASE_METHOD(PruneCase, "unended jobs are never pruned") {
    const JobId queued = jobs.queued(jobs.created_spec());
    const JobId running = jobs.running().job_id;
    const JobId again = jobs.in(Status::done).job_id;
    store->retry(again, "alice");
    clock.advance(24h * 3650);
    CHECK(store->count_prunable(kNothing) == 0);
    CHECK(prune(kNothing).empty());
    for (const JobId& id : {queued, running, again})
        CHECK(exists(id));
}

TEST_CASE_METHOD(PruneCase, "count_prunable deletes nothing") {
    const JobId id = jobs.in(Status::done).job_id;
    clock.advance(1ms);
    const std::string before = text(id);
    CHECK(store->count_prunable(kNothing) == 1);
    CHECK(text(id) == before);
}

TEST_CASE_METHOD(PruneCase, "pruning returns the log files of the deleted jobs") {
    NewJob spec = jobs.command_spec();
    spec.max_attempts = 3;
    jobs.in(Status::error, spec);
    const std::int64_t seq = get(spec.job_id).seq;
    clock.advance(1ms);
    const auto pruned = store->prune(kNothing, 10);
    REQUIRE(pruned.size() == 1);
    CHECK(pruned[0].job_id == spec.job_id);
    CHECK(pruned[0].seq == seq);
    CHECK(pruned[0].attempts == 3);
}

TEST_CASE_METHOD(PruneCase, "a pruned job leaves a tombstone visible to its owner") {
    const JobId id = jobs.in(Status::error).job_id;
    const Time ended_at = now();
    const std::int64_t seq = get(id).seq;
    CHECK_FALSE(store->tombstone(JobRef::of(id), kAlice));
    clock.advance(1h);
    prune(kNothing);
    for (const JobRef& ref : {JobRef::of(id), JobRef{JobRef::Kind::seq, seq, {}}}) {
        const auto stone = store->tombstone(ref, kAlice);
        REQUIRE(stone);
        CHECK(stone->job_id == id.view());
        CHECK(stone->seq == seq);
        CHECK(stone->owner == "alice");
        CHECK(stone->last_status == Status::error);
        CHECK(stone->ended_at == ended_at);
        CHECK(stone->pruned_at == now());
        CHECK(store->tombstone(ref, kAdmin));
        CHECK_FALSE(store->tombstone(ref, kBob));
    }
}

TEST_CASE_METHOD(PruneCase, "an unknown job has no tombstone") {
    CHECK_FALSE(store->tombstone(JobRef::of(JobId::make(now())), kAdmin));
    CHECK_FALSE(store->tombstone(JobRef{JobRef::Kind::seq, 42, {}}, kAdmin));
    CHECK_FALSE(store->tombstone(JobRef{}, kAdmin));
}

TEST_CASE_METHOD(PruneCase, "pruning a job deletes its events and updates every count") {
    const JobId id = jobs.in(Status::done).job_id;
    clock.advance(1ms);
    prune(kNothing);
    CHECK(jobs.events(id).empty());
    CHECK(store->list({}, kAdmin).total == 0);
    CHECK(store->count(kAdmin).empty());
}

TEST_CASE_METHOD(PruneCase, "the number of a deleted job is never reused") {
    const JobId id = jobs.in(Status::done).job_id;
    const std::int64_t seq = get(id).seq;
    clock.advance(1ms);
    prune(kNothing);
    CHECK(store->submit(jobs.command_spec()).seq > seq);
}

TEST_CASE_METHOD(PruneCase, "tombstones are kept for their retention and no longer") {
    const JobId first = jobs.in(Status::done).job_id;
    const JobId second = jobs.in(Status::done).job_id;
    clock.advance(1ms);
    REQUIRE(prune(kNothing).size() == 2);
    clock.advance(kTombstoneRetention - 1ms);
    CHECK(store->drop_tombstones(100) == 0);
    clock.advance(2ms);
    CHECK(store->drop_tombstones(1) == 1);
    const bool first_left = store->tombstone(JobRef::of(first), kAdmin).has_value();
    const bool second_left = store->tombstone(JobRef::of(second), kAdmin).has_value();
    CHECK(first_left != second_left);
    CHECK(store->drop_tombstones(100) == 1);
    CHECK(store->drop_tombstones(100) == 0);
}

TEST_CASE_METHOD(PruneCase, "optimize changes nothing visible") {
    for (const Status status : kStatuses)
        jobs.in(status, status == Status::queued ? jobs.created_spec() : jobs.command_spec());
    const auto all_text = [&] {
        std::string all;
        for (const Job& job : store->list({}, kAdmin).jobs)
            all += job_text(job);
        return all + events_text(store->events_since({}, kAdmin));
    };
    const std::string before = all_text();
    store->optimize();
    CHECK(all_text() == before);
}

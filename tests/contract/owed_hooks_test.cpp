#include "contract/contract_case.h"

#include <unistd.h>

#include <algorithm>

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

struct HookCase : ContractCase {
    NewJob spec_with_hook() const {
        NewJob spec = jobs.command_spec();
        spec.command->on_end = "echo over";
        return spec;
    }
    std::vector<JobId> owed(const std::optional<AccountId>& account = {}) {
        std::vector<JobId> ids;
        for (const OwedHook& hook : store->owed_hooks(account))
            ids.push_back(hook.job_id);
        return ids;
    }

    const AccountId self = geteuid();
    const AccountId other = self + 1;
};

}  // namespace

TEST_CASE_METHOD(HookCase, "an ended job owes its on-end hook and records which process ran it") {
    const AttemptKey attempt = jobs.running(spec_with_hook());
    CHECK(owed().empty());
    clock.advance(1s);
    finish(attempt, ended_done());
    const auto hooks = store->owed_hooks({});
    REQUIRE(hooks.size() == 1);
    CHECK(hooks[0].job_id == attempt.job_id);
    CHECK(hooks[0].ended_at == now());
    CHECK(hooks[0].ran_by == some_process());
}

TEST_CASE_METHOD(HookCase, "a job without an on-end hook owes nothing however it ends") {
    jobs.in(GENERATE(Status::done, Status::error, Status::cancelled));
    jobs.in(Status::done, jobs.created_spec());
    CHECK(owed().empty());
}

TEST_CASE_METHOD(HookCase, "a hook is taken once and returns the status of the job") {
    const Status status = GENERATE(Status::done, Status::error, Status::cancelled);
    const JobId id = jobs.in(status, spec_with_hook()).job_id;
    const std::string before = text(id);
    const std::string events = events_text(jobs.events(id));
    clock.advance(1min);
    CHECK(store->take_hook(id, {}) == status);
    CHECK_FALSE(store->take_hook(id, {}));
    CHECK(owed().empty());
    CHECK(text(id) == before);
    CHECK(events_text(jobs.events(id)) == events);
}

TEST_CASE_METHOD(HookCase, "taking the hook of an unended or unknown job returns nullopt") {
    CHECK_FALSE(store->take_hook(jobs.running(spec_with_hook()).job_id, {}));
    CHECK_FALSE(store->take_hook(jobs.queued(spec_with_hook()), {}));
    CHECK_FALSE(store->take_hook(JobId::make(now()), {}));
}

TEST_CASE_METHOD(HookCase, "two stores on one ledger do not both take a hook") {
    const JobId id = jobs.in(Status::error, spec_with_hook()).job_id;
    const auto second = ledger->open(clock);
    CHECK(second->owed_hooks({}).size() == 1);
    CHECK(store->take_hook(id, self) == Status::error);
    CHECK_FALSE(second->take_hook(id, self));
}

TEST_CASE_METHOD(HookCase, "a hook can be taken only by the job's own account") {
    const JobId id = jobs.in(Status::done, spec_with_hook()).job_id;
    CHECK(owed(other).empty());
    CHECK_FALSE(store->take_hook(id, other));
    CHECK(owed(self) == std::vector{id});
    CHECK(store->take_hook(id, self) == Status::done);
}

TEST_CASE_METHOD(
    HookCase, "jobs cancelled with their dependency owe their hooks at the same time") {
    NewJob first = spec_with_hook();
    const JobId id = jobs.queued(first);
    NewJob second = spec_with_hook();
    second.after = {id};
    NewJob third = spec_with_hook();
    third.after = {jobs.queued(second)};
    jobs.queued(third);
    REQUIRE(store->request_cancel(id, {"alice", {}, {}}) == CancelResult::cancelled);
    CHECK(owed() == std::vector{first.job_id, second.job_id, third.job_id});
    CHECK_FALSE(store->owed_hooks({})[0].ran_by);
}

TEST_CASE_METHOD(HookCase, "a job created cancelled owes its hook") {
    const JobId failed = jobs.in(Status::error).job_id;
    NewJob spec = spec_with_hook();
    spec.after = {failed};
    const JobId id = jobs.queued(spec);
    REQUIRE(get(id).status == Status::cancelled);
    CHECK(owed() == std::vector{id});
}

TEST_CASE_METHOD(HookCase, "a lost job owes its hook only once it has ended") {
    NewJob spec = spec_with_hook();
    spec.max_attempts = 2;
    const AttemptKey first = jobs.running(spec);
    REQUIRE(store->note_process(first, some_process(815)));
    REQUIRE(store->reap(first, ReapGround::executor_gone, "gc"));
    CHECK(owed().empty());
    clock.advance(2 * kMaxBackoff);
    const AttemptKey second = jobs.open_attempt(spec.job_id);
    REQUIRE(store->note_process(second, some_process(816)));
    REQUIRE(store->reap(second, ReapGround::executor_gone, "gc"));
    CHECK(owed() == std::vector{spec.job_id});
}

TEST_CASE_METHOD(HookCase, "retrying clears an owed hook and the next end owes it again") {
    NewJob spec = spec_with_hook();
    jobs.in(Status::error, spec);
    store->retry(spec.job_id, "alice");
    CHECK(owed().empty());
    CHECK_FALSE(store->take_hook(spec.job_id, {}));
    finish(jobs.open_attempt(spec.job_id), ended_done());
    CHECK(store->take_hook(spec.job_id, {}) == Status::done);
}

TEST_CASE_METHOD(HookCase, "deleting a job deletes its owed hook") {
    NewJob spec = spec_with_hook();
    spec.retention = 1ms;
    const JobId pruned = jobs.in(Status::done, spec).job_id;
    const JobId deleted = jobs.in(Status::done, spec_with_hook()).job_id;
    clock.advance(1s);
    CHECK(store->prune({}, 10).size() == 1);
    CHECK_FALSE(store->take_hook(pruned, {}));
    store->remove(deleted);
    CHECK(owed().empty());
}

TEST_CASE_METHOD(HookCase, "an imported job owes a hook only for its end in this ledger") {
    const JobId ended = jobs.in(Status::done, spec_with_hook()).job_id;
    const JobId queued = jobs.queued(spec_with_hook());
    std::vector<JobRecord> records;
    store->export_jobs({}, kAdmin, [&](const JobRecord& record) {
        records.push_back(record);
        return true;
    });
    REQUIRE(records.size() == 2);
    ContractCase elsewhere;
    std::size_t next = 0;
    const auto imported = elsewhere.store->import_jobs({[&]() -> std::optional<JobRecord> {
        if (next == records.size()) return {};
        return records[next++];
    }});
    REQUIRE(imported.recorded == 2);
    CHECK(elsewhere.store->owed_hooks({}).empty());
    CHECK_FALSE(elsewhere.store->take_hook(ended, {}));
    CHECK_FALSE(elsewhere.get(queued).account);
    elsewhere.store->retry(queued, "alice");
    elsewhere.finish(elsewhere.jobs.open_attempt(queued), ended_done());
    // Its account is unknown, so any account that may run the ledger's jobs may take it.
    CHECK(elsewhere.store->owed_hooks(other).size() == 1);
    CHECK(elsewhere.store->take_hook(queued, other) == Status::done);
}

TEST_CASE_METHOD(ContractCase, "a job without a command owes its hook once it has ended") {
    NewJob spec = jobs.created_spec();
    spec.hook.emplace();
    spec.hook->cwd = "/";
    spec.hook->on_end = "true";
    const AttemptKey attempt = jobs.running(spec);
    CHECK(store->owed_hooks({}).empty());
    REQUIRE(finish(attempt, ended_done()));
    CHECK(store->owed_hooks({}).size() == 1);
    CHECK(store->take_hook(spec.job_id, {}) == Status::done);
}

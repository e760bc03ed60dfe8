#include "contract/contract_case.h"

#include <unistd.h>

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

struct ClaimCase : ContractCase {
    JobId queue_job(std::string queue, int priority = 0) {
        NewJob spec = jobs.command_spec();
        spec.queue = std::move(queue);
        spec.priority = priority;
        return jobs.queued(spec);
    }
    std::optional<JobId> claimed(const ClaimRequest& request) {
        const auto claim = store->claim(request);
        return claim ? std::optional{claim->job.job_id} : std::nullopt;
    }
};

}  // namespace

TEST_CASE_METHOD(ClaimCase, "a claim opens an attempt with a lease for the claiming worker") {
    const JobId id = jobs.queued();
    const Time submitted_at = now();
    clock.advance(1min);
    const auto claim = store->claim(worker());
    REQUIRE(claim);
    CHECK(job_text(claim->job) == text(id));

    const Job job = get(id);
    CHECK(job.status == Status::running);
    CHECK(job.attempt == 1);
    CHECK(job.created_at == submitted_at);
    CHECK(job.started_at == now());
    CHECK(job.updated_at == now());
    CHECK(job.lease_until == now() + kLease);
    CHECK_FALSE(job.suspect_at);
    REQUIRE(job.worker);
    CHECK(*job.worker == some_process());
    CHECK(claim->attempt.job_id == id);
    CHECK(claim->attempt.attempt == 1);
    CHECK(claim->attempt.fence);
    CHECK(jobs.history(id) == "submit -> queued, claim queued -> running");
    CHECK(jobs.events(id).back().actor == "worker");
}

TEST_CASE_METHOD(ClaimCase, "a claim contains everything needed to run the command") {
    NewJob spec = jobs.command_spec();
    std::string bytes;
    for (int c = 1; c < 256; ++c)
        bytes += static_cast<char>(c);
    spec.command->argv = {"printf", bytes, "", "a b\n"};
    spec.command->cwd = "/srv/\xFF";
    spec.command->environment = {"B=" + bytes, "A=", "B=again"};
    spec.command->umask = 077;
    spec.command->result_from = ResultFrom::standard_output;
    spec.command->log_limit_bytes = 8192;
    spec.command->keep_strays = true;
    spec.command->backoff = 7s;
    jobs.queued(spec);

    const auto claim = store->claim(worker());
    REQUIRE(claim);
    CHECK(claim->command.argv == spec.command->argv);
    CHECK(claim->command.cwd == spec.command->cwd);
    CHECK(claim->command.environment == spec.command->environment);
    CHECK(claim->command.umask == 077);
    CHECK(claim->command.result_from == ResultFrom::standard_output);
    CHECK(claim->command.log_limit_bytes == 8192);
    CHECK(claim->command.keep_strays);
    CHECK(claim->command.backoff == 7s);
    CHECK(claim->job.command == spec.command->argv);
}

TEST_CASE_METHOD(ClaimCase, "optional parts missing from a command stay unset in the claim") {
    jobs.queued();
    const auto claim = store->claim(worker());
    REQUIRE(claim);
    CHECK(claim->command.umask == 022);
    CHECK(claim->command.result_from == ResultFrom::report);
    CHECK_FALSE(claim->command.log_limit_bytes);
    CHECK_FALSE(claim->command.keep_strays);
    CHECK_FALSE(claim->command.backoff);
}

TEST_CASE_METHOD(ClaimCase, "claiming without runnable jobs returns nullopt and writes nothing") {
    CHECK_FALSE(claimed(worker()));
    jobs.in(Status::running);
    jobs.in(Status::done);
    const auto before = events_text(store->events_since({}, kAdmin));
    CHECK_FALSE(claimed(worker()));
    CHECK(events_text(store->events_since({}, kAdmin)) == before);
}

TEST_CASE_METHOD(ClaimCase, "claims go by highest priority and then by age") {
    const JobId low = queue_job("default", -1);
    const JobId old = queue_job("default", 0);
    const JobId young = queue_job("default", 0);
    const JobId high = queue_job("default", 5);
    CHECK(claimed(worker()) == high);
    CHECK(claimed(worker()) == old);
    CHECK(claimed(worker()) == young);
    CHECK(claimed(worker()) == low);
    CHECK_FALSE(claimed(worker()));
}

TEST_CASE_METHOD(ClaimCase, "priority and age also apply across queues") {
    const JobId old = queue_job("b");
    const JobId young = queue_job("a");
    const JobId high = queue_job("c", 1);
    CHECK(claimed(worker()) == high);
    CHECK(claimed(worker()) == old);
    CHECK(claimed(worker()) == young);
}

TEST_CASE_METHOD(ClaimCase, "a worker claims only from its own queues") {
    queue_job("other", 9);
    const JobId first = queue_job("a");
    const JobId second = queue_job("b", 1);
    CHECK(claimed(worker({"a", "b"})) == second);
    CHECK(claimed(worker({"a", "b"})) == first);
    CHECK_FALSE(claimed(worker({"a", "b"})));
    CHECK_FALSE(claimed(worker({"no such queue"})));
}

TEST_CASE_METHOD(ClaimCase, "a full queue yields no claim and does not block other queues") {
    ClaimRequest request = worker();
    request.queue_slots = {{"gpu", 1}};
    const JobId first = queue_job("gpu", 5);
    const JobId second = queue_job("gpu", 5);
    const JobId other = queue_job("default");
    const auto running = store->claim(request);
    REQUIRE(running);
    CHECK(running->job.job_id == first);
    CHECK(claimed(request) == other);
    CHECK_FALSE(claimed(request));
    finish(running->attempt, ended_done());
    CHECK(claimed(request) == second);
}

TEST_CASE_METHOD(ClaimCase, "a queue with zero slots is never claimed from") {
    ClaimRequest request = worker();
    request.queue_slots = {{"gpu", 0}};
    queue_job("gpu");
    CHECK_FALSE(claimed(request));
    CHECK(claimed(worker()));
}

TEST_CASE_METHOD(ClaimCase, "a delayed job is claimed no earlier than its time") {
    NewJob spec = jobs.command_spec();
    spec.run_after = now() + 1h;
    spec.priority = 100;
    jobs.queued(spec);
    clock.advance(1h - 1ms);
    CHECK_FALSE(claimed(worker()));
    clock.advance(1ms);
    CHECK(claimed(worker()) == spec.job_id);
    CHECK(get(spec.job_id).run_after == now());
}

TEST_CASE_METHOD(ClaimCase, "a delayed job of high priority does not hold up a due one") {
    NewJob spec = jobs.command_spec();
    spec.run_after = now() + 1h;
    spec.priority = 100;
    jobs.queued(spec);
    const JobId due = queue_job("default");
    CHECK(claimed(worker()) == due);
}

TEST_CASE_METHOD(ClaimCase, "next_due returns the time of the next delayed job") {
    CHECK_FALSE(store->next_due({}));
    jobs.in(Status::done);
    jobs.in(Status::running);
    jobs.queued(jobs.created_spec());
    CHECK_FALSE(store->next_due({}));

    NewJob later = jobs.command_spec();
    later.run_after = now() + 2h;
    jobs.queued(later);
    CHECK(store->next_due({}) == now() + 2h);
    NewJob sooner = jobs.command_spec();
    sooner.run_after = now() + 1h;
    jobs.queued(sooner);
    CHECK(store->next_due({}) == now() + 1h);

    clock.advance(1h);
    REQUIRE(claimed(worker()) == sooner.job_id);
    CHECK(store->next_due({}) == now() + 1h);
    clock.advance(1h);
    REQUIRE(claimed(worker()) == later.job_id);
    CHECK_FALSE(store->next_due({}));
}

TEST_CASE_METHOD(ClaimCase, "a job without a command is never claimed") {
    jobs.queued(jobs.created_spec());
    CHECK_FALSE(claimed(worker()));
    CHECK(store->count_runnable({}) == 0);
}

TEST_CASE_METHOD(ClaimCase, "each attempt of a job gets a new fence") {
    NewJob spec = jobs.command_spec();
    spec.max_attempts = 2;
    const AttemptKey first = jobs.running(spec);
    SECTION("released") {
        REQUIRE(store->release(first, "worker"));
    }
    SECTION("reaped") {
        REQUIRE(store->reap(first, ReapGround::executor_gone, "gc"));
    }
    SECTION("failed") {
        REQUIRE(finish(first, ended_error()));
    }
    SECTION("retried") {
        REQUIRE(finish(first, ended_done()));
        store->retry(spec.job_id, "alice");
    }
    clock.advance(2 * kMaxBackoff);
    const AttemptKey second = jobs.open_attempt(spec.job_id);
    REQUIRE(first.fence);
    REQUIRE(second.fence);
    CHECK(*second.fence != *first.fence);
}

TEST_CASE_METHOD(ClaimCase, "delayed and blocked jobs with a command count as runnable") {
    CHECK(store->count_runnable({}) == 0);
    const JobId due = jobs.queued();
    NewJob delayed = jobs.command_spec();
    delayed.run_after = now() + 1h;
    jobs.queued(delayed);
    NewJob blocked = jobs.command_spec();
    blocked.after = {due};
    jobs.queued(blocked);
    CHECK(store->count_runnable({}) == 3);

    NewJob backing_off = jobs.command_spec();
    backing_off.queue = "other";
    backing_off.max_attempts = 2;
    finish(jobs.running(backing_off), ended_error());
    CHECK(store->count_runnable({}) == 4);
    jobs.queued(jobs.created_spec());
    CHECK(store->count_runnable({}) == 4);
}

namespace {

ClaimRequest worker_of(AccountId account, std::vector<std::string> queues = {}) {
    ClaimRequest request = worker(std::move(queues));
    request.account = account;
    return request;
}

const AccountId kSelf = geteuid();
const AccountId kOther = kSelf + 1;

}  // namespace

TEST_CASE_METHOD(ClaimCase, "a worker of one account claims only jobs submitted by that account") {
    const JobId id = jobs.queued();
    CHECK(get(id).account == kSelf);
    CHECK_FALSE(claimed(worker_of(kOther)));
    CHECK_FALSE(claimed(worker_of(kOther, {"default"})));
    CHECK(get(id).status == Status::queued);
    CHECK(claimed(worker_of(kSelf)) == id);
}

TEST_CASE_METHOD(ClaimCase, "a worker of any account claims the best job of all accounts") {
    queue_job("default");
    const JobId best = queue_job("default", 1);
    CHECK(claimed(worker()) == best);
}

TEST_CASE_METHOD(ClaimCase, "a worker that drains claims nothing while others do") {
    const AttemptKey attempt = jobs.running();
    const JobId next = jobs.queued();
    ClaimRequest of_draining = worker();
    of_draining.worker = some_process(1);
    ClaimRequest of_other = worker();
    of_other.worker = some_process(2);
    const std::int64_t id = store->register_worker({some_process(1), {}, 1});
    static_cast<void>(store->register_worker({some_process(2), {}, 1}));
    REQUIRE(store->worker_heartbeat(id, true));
    CHECK_FALSE(claimed(of_draining));
    const auto finished = store->finish_and_claim(attempt, ended_done(), of_draining);
    CHECK(finished.finished);
    CHECK_FALSE(finished.claim);
    CHECK(claimed(of_other) == next);
}

TEST_CASE_METHOD(ClaimCase, "finish_and_claim respects the account like claim does") {
    const AttemptKey attempt = jobs.running();
    const JobId next = jobs.queued();
    const auto for_other = store->finish_and_claim(attempt, ended_done(), worker_of(kOther));
    CHECK(for_other.finished);
    CHECK_FALSE(for_other.claim);
    CHECK(claimed(worker_of(kSelf, {"other", "default"})) == next);
}

TEST_CASE_METHOD(ClaimCase, "jobs of other accounts are neither runnable nor due for an account") {
    const JobId due = jobs.queued();
    NewJob delayed = jobs.command_spec();
    delayed.run_after = now() + 1h;
    delayed.queue = "night";
    jobs.queued(delayed);
    NewJob blocked = jobs.command_spec();
    blocked.after = {due};
    jobs.queued(blocked);
    CHECK(store->count_runnable(kSelf) == 3);
    CHECK(store->count_runnable(kOther) == 0);
    CHECK(store->count_runnable({}) == 3);
    CHECK(store->next_due(kSelf) == delayed.run_after);
    CHECK_FALSE(store->next_due(kOther));

    const auto runnable = store->runnable_jobs();
    REQUIRE(runnable.size() == 2);
    CHECK(runnable[0].account == kSelf);
    CHECK(runnable[0].queue == "default");
    CHECK(runnable[0].count == 2);
    CHECK(runnable[1].queue == "night");
    CHECK(runnable[1].count == 1);
    CHECK(claimed(worker_of(kSelf)) == due);
    CHECK(store->runnable_jobs().at(0).count == 1);
}

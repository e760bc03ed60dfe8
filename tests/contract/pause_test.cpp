#include "contract/contract_case.h"

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

struct PauseCase : ContractCase {
    JobId queue_job(const std::string& queue) {
        NewJob spec = jobs.command_spec();
        spec.queue = queue;
        return jobs.queued(spec);
    }
    std::optional<JobId> claimed(std::vector<std::string> queues = {}) {
        const auto claim = store->claim(worker(std::move(queues)));
        return claim ? std::optional{claim->job.job_id} : std::nullopt;
    }
    bool pause(const std::optional<std::string>& queue = {}) {
        return store->pause(queue, "alice");
    }
    /// The pauses as text such as "* by alice, gpu by bob", where "*" means all queues.
    std::string paused() {
        std::string text;
        for (const PausedQueue& pause : store->paused_queues()) {
            text += (text.empty() ? "" : ", ") + pause.queue.value_or("*") + " by " + pause.actor;
        }
        return text;
    }
};

}  // namespace

TEST_CASE_METHOD(PauseCase, "a paused queue yields no claims and other queues are unaffected") {
    const JobId held = queue_job("gpu");
    const JobId other = queue_job("default");
    CHECK(pause("gpu"));
    CHECK(claimed() == other);
    CHECK_FALSE(claimed());
    CHECK_FALSE(claimed({"gpu"}));
    CHECK(store->resume("gpu"));
    CHECK(claimed() == held);
}

TEST_CASE_METHOD(PauseCase, "pausing all queues also covers queues created later") {
    CHECK(pause());
    const JobId first = queue_job("default");
    const JobId second = queue_job("made-later");
    CHECK_FALSE(claimed());
    CHECK_FALSE(claimed({"default"}));
    CHECK(store->resume({}));
    CHECK(claimed() == first);
    CHECK(claimed() == second);
}

TEST_CASE_METHOD(PauseCase, "running jobs continue and finish while all queues are paused") {
    const AttemptKey attempt = jobs.running();
    const JobId next = jobs.queued();
    pause();
    REQUIRE(store->heartbeat(attempt, 0));
    REQUIRE(store->report(attempt, {}));
    const auto both = store->finish_and_claim(attempt, ended_done(), worker());
    REQUIRE(both.finished);
    CHECK(both.finished->status == Status::done);
    CHECK_FALSE(both.claim);
    CHECK(get(next).status == Status::queued);
}

TEST_CASE_METHOD(PauseCase, "resuming one queue does not lift a pause of all queues") {
    queue_job("gpu");
    pause("gpu");
    pause();
    CHECK(store->resume("gpu"));
    CHECK_FALSE(claimed());
    CHECK(paused() == "* by alice");
}

TEST_CASE_METHOD(PauseCase, "resuming without a queue lifts every pause") {
    const JobId id = queue_job("gpu");
    pause("gpu");
    pause("default");
    pause();
    CHECK(store->resume({}));
    CHECK(paused().empty());
    CHECK(claimed() == id);
}

TEST_CASE_METHOD(
    PauseCase, "paused_queues lists each pause once with actor and time and the global one first") {
    CHECK(pause("gpu"));
    clock.advance(1h);
    CHECK(store->pause({}, "bob"));
    CHECK(pause("0"));
    clock.advance(1h);
    CHECK_FALSE(store->pause("gpu", "carol"));
    CHECK_FALSE(pause());
    CHECK(paused() == "* by bob, 0 by alice, gpu by alice");
    const auto pauses = store->paused_queues();
    CHECK(pauses[0].since == now() - 1h);
    CHECK(pauses[2].since == now() - 2h);
}

TEST_CASE_METHOD(PauseCase, "resuming a queue that is not paused returns false") {
    CHECK_FALSE(store->resume("gpu"));
    CHECK_FALSE(store->resume({}));
    pause("gpu");
    CHECK_FALSE(store->resume("default"));
    CHECK(paused() == "gpu by alice");
}

TEST_CASE_METHOD(PauseCase, "no queue name can mean all queues") {
    for (const char* name : {"*", "", "a b"}) {
        CAPTURE(name);
        CHECK(error_of([&] { pause(name); }) == ErrorCode::invalid_argument);
        CHECK(error_of([&] { store->resume(name); }) == ErrorCode::invalid_argument);
    }
    CHECK(paused().empty());
}

TEST_CASE_METHOD(PauseCase, "a paused job that becomes due is not reported by next_due") {
    pause();
    NewJob spec = jobs.command_spec();
    spec.run_after = now() + 1h;
    jobs.queued(spec);
    clock.advance(1h);
    CHECK_FALSE(claimed());
    CHECK_FALSE(store->next_due({}));
    store->resume({});
    CHECK(claimed() == spec.job_id);
}

TEST_CASE_METHOD(PauseCase, "a paused job counts as runnable and can be cancelled") {
    const JobId id = jobs.queued();
    pause();
    CHECK(store->count_runnable({}) == 1);
    CHECK(store->request_cancel(id, {"alice", {}, {}}) == CancelResult::cancelled);
    CHECK(store->count_runnable({}) == 0);
}

#include "contract/contract_case.h"
#include "ledger/limits.h"

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

struct EditCase : ContractCase {
    void edit(const JobId& id, const JobEdit& edit) { store->edit(id, edit, "bob"); }
    void move_to(const JobId& id, Time run_after) { edit(id, {{}, {}, run_after}); }
    std::optional<JobId> claimed(std::vector<std::string> queues = {}) {
        const auto claim = store->claim(worker(std::move(queues)));
        return claim ? std::optional{claim->job.job_id} : std::nullopt;
    }
    std::int64_t counted_in(const std::string& queue) {
        std::int64_t jobs_in_queue = 0;
        for (const Count& count : store->count(kAdmin))
            jobs_in_queue += count.queue == queue ? count.jobs : 0;
        return jobs_in_queue;
    }
    NewJob delayed_spec() {
        NewJob spec = jobs.command_spec();
        spec.run_after = now() + 1h;
        return spec;
    }
};

}  // namespace

TEST_CASE_METHOD(EditCase, "an edit changes only the given fields") {
    NewJob spec = jobs.command_spec();
    spec.priority = 2;
    spec.queue = "gpu";
    jobs.queued(spec);
    Job expected = get(spec.job_id);
    clock.advance(1s);
    const auto check_edited = [&] {
        expected.updated_at = now();
        ++expected.rev;
        CHECK(text(spec.job_id) == job_text(expected));
    };
    edit(spec.job_id, {7, {}, {}});
    expected.priority = 7;
    check_edited();
    edit(spec.job_id, {{}, "bulk", {}});
    expected.queue = "bulk";
    check_edited();
    move_to(spec.job_id, now() + 1h);
    expected.run_after = now() + 1h;
    check_edited();
    edit(spec.job_id, {-1, "gpu", now()});
    expected.priority = -1;
    expected.queue = "gpu";
    expected.run_after = now();
    check_edited();
}

TEST_CASE_METHOD(EditCase, "an edit is recorded as an event with its actor") {
    const JobId id = jobs.queued();
    clock.advance(1s);
    edit(id, {7, {}, {}});
    CHECK(jobs.history(id) == "submit -> queued, edit queued -> queued");
    const Event event = jobs.events(id).back();
    CHECK(event.actor == "bob");
    CHECK(event.at == now());
}

TEST_CASE_METHOD(
    EditCase, "editing a job in backoff keeps its reason and the edit event has none") {
    NewJob spec = jobs.command_spec();
    spec.max_attempts = 2;
    finish(jobs.running(spec), ended_error());
    edit(spec.job_id, {7, {}, {}});
    CHECK(get(spec.job_id).reason == Reason::exit_code);
    CHECK_FALSE(jobs.events(spec.job_id).back().reason);
}

TEST_CASE_METHOD(EditCase, "postponing a due job prevents claims before the new time") {
    const JobId id = jobs.queued();
    move_to(id, now() + 1h);
    CHECK(store->next_due({}) == now() + 1h);
    CHECK_FALSE(claimed());
    clock.advance(1h);
    CHECK(claimed() == id);
}

TEST_CASE_METHOD(EditCase, "a delayed job made due is claimed at once") {
    const NewJob spec = delayed_spec();
    jobs.queued(spec);
    CHECK_FALSE(claimed());
    move_to(spec.job_id, now());
    CHECK_FALSE(store->next_due({}));
    CHECK(claimed() == spec.job_id);
}

TEST_CASE_METHOD(EditCase, "a job in backoff can be made due") {
    NewJob spec = jobs.command_spec();
    spec.max_attempts = 2;
    finish(jobs.running(spec), ended_error());
    CHECK_FALSE(claimed());
    move_to(spec.job_id, now());
    CHECK(claimed() == spec.job_id);
}

TEST_CASE_METHOD(EditCase, "editing other fields leaves a delayed job delayed") {
    const NewJob spec = delayed_spec();
    jobs.queued(spec);
    edit(spec.job_id, {7, "gpu", {}});
    CHECK_FALSE(claimed());
    CHECK(store->next_due({}) == now() + 1h);
    clock.advance(1h);
    CHECK(claimed({"gpu"}) == spec.job_id);
}

TEST_CASE_METHOD(EditCase, "a job waiting for a dependency still waits after it is made due") {
    const AttemptKey first = jobs.running();
    NewJob spec = delayed_spec();
    spec.after = {first.job_id};
    jobs.queued(spec);
    move_to(spec.job_id, now());
    CHECK_FALSE(claimed());
    finish(first, ended_done());
    CHECK(claimed() == spec.job_id);
}

TEST_CASE_METHOD(EditCase, "a new priority changes the claim order") {
    const JobId old = jobs.queued();
    const JobId young = jobs.queued();
    edit(young, {1, {}, {}});
    CHECK(claimed() == young);
    CHECK(claimed() == old);
}

TEST_CASE_METHOD(EditCase, "moving a job to another queue updates all counters") {
    const JobId id = jobs.queued();
    REQUIRE(counted_in("default") == 1);
    edit(id, {{}, "gpu", {}});
    CHECK(counted_in("default") == 0);
    CHECK(counted_in("gpu") == 1);
    CHECK_FALSE(claimed({"default"}));
    CHECK(claimed({"gpu"}) == id);
    CHECK(get(id).queue == "gpu");
}

TEST_CASE_METHOD(EditCase, "an edit between two finish calls keeps the second one idempotent") {
    NewJob spec = jobs.command_spec();
    spec.max_attempts = 2;
    const AttemptKey attempt = jobs.running(spec);
    const auto first = finish(attempt, ended_error());
    REQUIRE(first);
    edit(spec.job_id, {7, {}, {}});
    const auto again = finish(attempt, ended_error());
    REQUIRE(again);
    CHECK(again->status == Status::queued);
    CHECK(again->run_after == first->run_after);
    CHECK(get(spec.job_id).attempt == 1);
}

TEST_CASE_METHOD(EditCase, "an empty edit or one outside the limits is rejected with the field") {
    const JobId id = jobs.queued();
    const std::string before = text(id);
    const auto refused = [&](const JobEdit& wrong) {
        return error_of([&] { edit(id, wrong); }) == ErrorCode::invalid_argument;
    };
    CHECK(refused({}));
    CHECK(refused({kMaxPriority + 1, {}, {}}));
    CHECK(refused({{}, "*", {}}));
    CHECK(refused({{}, "", {}}));
    CHECK(text(id) == before);
}

TEST_CASE_METHOD(EditCase, "editing an unknown job fails") {
    CHECK(error_of([&] { edit(JobId::make(now()), {1, {}, {}}); }) == ErrorCode::not_found);
}

TEST_CASE_METHOD(EditCase, "refusing to edit or start a job explains why and what to do") {
    for (const Status status : kStatuses) {
        if (status == Status::queued) continue;
        INFO(to_string(status));
        using Catch::Matchers::Contains;
        const JobId id = jobs.in(status).job_id;
        const JobId created = jobs.in(status, jobs.created_spec()).job_id;
        const std::string word = " is " + std::string{to_string(status)};
        const std::string like = "atlasjob submit --like " + std::to_string(get(id).seq);
        CHECK_THROWS_WITH(
            edit(id, {1, {}, {}}),
            Contains(word + ": only a queued job can be edited; ") && Contains(like));
        CHECK_THROWS_WITH(
            store->start(created, "bob"), Contains(word + ": only a queued job can be started; "));
        CHECK_THROWS_WITH(
            store->start(id, "bob"), Contains(word + " and has a command, so only a worker"));
    }
}

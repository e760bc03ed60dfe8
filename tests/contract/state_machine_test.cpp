#include "contract/contract_case.h"
#include "ledger/transition.h"

#include <algorithm>
#include <functional>

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

/// Whether a verb was executed, returned nullopt or false, or threw `refused`.
enum class Answer { accepted, declined, refused };

/// A job of some status to which an action is applied.
struct Scene {
    ContractCase& at;
    Status status;
    AttemptKey attempt;               ///< The last one; a queued job never had it.
    std::optional<JobId> dependency;  ///< Its dependency, if any.

    const JobId& id() const { return attempt.job_id; }
    AttemptKey with_other_fence() const {
        return {attempt.job_id, *attempt.attempt, *attempt.fence + 1};
    }
    /// An ended job gets another fence: finish with the original one would return its result again.
    AttemptKey to_finish() const { return is_terminal(status) ? with_other_fence() : attempt; }
};

/// One way to call one verb of the store.
struct Action {
    std::string_view name;
    std::vector<Verb> verbs;   ///< The transitions it may make; empty: it changes no status.
    std::optional<Status> to;  ///< The resulting status if the machine allows several.
    Answer otherwise;          ///< The answer if the machine does not allow it.
    std::function<Answer(Scene&)> apply;
    std::function<void(NewJob&)> shape = [](NewJob&) {};  ///< Adapts the spec of the job.
    std::function<void(Scene&)> prepare = [](Scene&) {};  ///< Runs before the action.
};

template <class Result>
Answer answer(const std::optional<Result>& result) {
    return result ? Answer::accepted : Answer::declined;
}
Answer answer(bool result) {
    return result ? Answer::accepted : Answer::declined;
}

void without_command(NewJob& spec) {
    spec.command.reset();
    spec.kind = "sync";
    spec.lease = kLease;
}
void with_three_attempts(NewJob& spec) {
    spec.max_attempts = 3;
}
void expire_lease(Scene& scene) {
    scene.at.clock.advance(kLease);
}
void fall_silent(Scene& scene) {
    expire_lease(scene);
    static_cast<void>(scene.at.store->mark_suspect(scene.attempt));
    scene.at.clock.advance(kSuspectSilence);
}
void spawn(Scene& scene) {
    static_cast<void>(scene.at.store->note_process(scene.attempt, some_process(815)));
}
void request_stop(Scene& scene) {
    if (scene.status != Status::running) return;
    scene.at.store->request_cancel(scene.id(), {"alice", {}, {}});
}

Answer claim(Scene& scene) {
    return answer(scene.at.store->claim(worker({"scene"})));
}
Answer start(Scene& scene) {
    scene.at.store->start(scene.id(), "executor");
    return Answer::accepted;
}
std::function<Answer(Scene&)> finish_with(const Outcome& outcome) {
    return [outcome](Scene& scene) { return answer(scene.at.finish(scene.to_finish(), outcome)); };
}
Answer finish_and_claim(Scene& scene) {
    const auto both = scene.at.store->finish_and_claim(
        scene.to_finish(), ended_done(), worker({"no such queue"}));
    return answer(both.finished);
}
Answer release(Scene& scene) {
    return answer(scene.at.store->release(scene.attempt, "worker"));
}
Answer request_cancel(Scene& scene) {
    const auto result = scene.at.store->request_cancel(scene.id(), {"alice", {}, {}});
    return answer(result == CancelResult::cancelled || result == CancelResult::requested);
}
AttemptKey open_attempt_of(const JobId& id, Store& store) {
    const auto running = store.running_attempts();
    const auto found = std::ranges::find(
        running, id, [](const RunningAttempt& attempt) { return attempt.key.job_id; });
    REQUIRE(found != running.end());
    return found->key;
}
Answer fail_dependency(Scene& scene) {
    scene.at.finish(open_attempt_of(*scene.dependency, *scene.at.store), ended_error());
    return answer(scene.at.get(scene.id()).status != scene.status);
}
Answer retry(Scene& scene) {
    scene.at.store->retry(scene.id(), "alice");
    return Answer::accepted;
}
Answer edit(Scene& scene) {
    JobEdit edit;
    edit.priority = 3;
    scene.at.store->edit(scene.id(), edit, "alice");
    return Answer::accepted;
}
std::function<Answer(Scene&)> reap_as(ReapGround ground) {
    return [ground](Scene& scene) {
        return answer(scene.at.store->reap(scene.attempt, ground, "gc"));
    };
}
Answer mark_suspect(Scene& scene) {
    return answer(scene.at.store->mark_suspect(scene.attempt));
}
Answer heartbeat(Scene& scene) {
    return answer(scene.at.store->heartbeat(scene.attempt, 7));
}
Answer report(Scene& scene) {
    Report report;
    report.progress = 0.5;
    report.result = "{}";
    return answer(scene.at.store->report(scene.attempt, report));
}
Answer note_process(Scene& scene) {
    return answer(scene.at.store->note_process(scene.attempt, some_process(8)));
}

// clang-format off
std::vector<Action> actions() {
    using enum Status;
    const auto gone = reap_as(ReapGround::executor_gone);
    const auto silent = reap_as(ReapGround::silent);
    return {
        {"claim",              {Verb::claim},                {},        Answer::declined, claim},
        {"start",              {Verb::start},                {},        Answer::refused,  start, without_command},
        {"finish done",        {Verb::finish},               done,      Answer::declined, finish_with(ended_done())},
        {"finish error",       {Verb::finish},               error,     Answer::declined, finish_with(ended_error())},
        {"finish cancelled",   {Verb::finish},               cancelled, Answer::declined, finish_with(ended_cancelled())},
        {"finish, try again",  {Verb::requeue},              {},        Answer::declined, finish_with(ended_error()), with_three_attempts},
        {"finish and claim",   {Verb::finish},               done,      Answer::declined, finish_and_claim},
        {"release",            {Verb::release},              {},        Answer::declined, release},
        {"request_cancel",     {Verb::cancel, Verb::request_cancel}, {}, Answer::declined, request_cancel},
        {"dependency fails",   {Verb::fail_dependency},      {},        Answer::declined, fail_dependency},
        {"retry",              {Verb::retry},                {},        Answer::refused,  retry},
        {"edit",               {Verb::edit},                 {},        Answer::refused,  edit},
        {"reap gone",          {Verb::reap},                 error,     Answer::declined, gone, {}, spawn},
        {"reap silent",        {Verb::reap},                 queued,    Answer::declined, silent, with_three_attempts, fall_silent},
        {"reap stopped",       {Verb::reap},                 cancelled, Answer::declined, gone, {}, request_stop},
        {"mark_suspect",       {},                           {},        Answer::declined, mark_suspect, {}, expire_lease},
        {"heartbeat",          {},                           {},        Answer::declined, heartbeat},
        {"report",             {},                           {},        Answer::declined, report},
        {"note_process",       {},                           {},        Answer::declined, note_process},
    };
}
// clang-format on

bool may_do(const Action& action, const Transition& row) {
    return std::ranges::count(action.verbs, row.verb) > 0 && (!action.to || action.to == row.to);
}

/// The row of the machine that `action` follows from this status, if any.
std::optional<Transition> row_of(const Action& action, Status status) {
    for (const Transition& row : kTransitions) {
        if (row.from == status && may_do(action, row)) return row;
    }
    return {};
}

/// Creates the job. If the action needs a dependency, a queued job gets a running one; any other
/// job gets one that was done and is running again.
Scene make_scene(ContractCase& at, const Action& action, Status status) {
    NewJob spec = at.jobs.command_spec();
    spec.queue = "scene";
    if (action.shape) action.shape(spec);
    Scene scene{at, status, AttemptKey{spec.job_id}, {}};
    const bool waits = std::ranges::count(action.verbs, Verb::fail_dependency) > 0;
    if (waits) {
        const Status first = status == Status::queued ? Status::running : Status::done;
        scene.dependency = at.jobs.in(first).job_id;
        spec.after = {*scene.dependency};
    }
    scene.attempt = at.jobs.in(status, spec);
    if (waits && status != Status::queued) {
        at.store->retry(*scene.dependency, "alice");
        at.jobs.open_attempt(*scene.dependency);
    }
    if (action.prepare) action.prepare(scene);
    return scene;
}

Answer answer_of(const Action& action, Scene& scene) {
    Answer given{};
    const auto error = error_of([&] { given = action.apply(scene); });
    if (!error) return given;
    CHECK(*error == ErrorCode::refused);
    return Answer::refused;
}

std::string event_of(const Transition& row) {
    return std::string{to_string(row.verb)} + " " + std::string{to_string(row.from)} + " -> "
           + std::string{to_string(row.to)};
}

}  // namespace

TEST_CASE_METHOD(
    ContractCase,
    "every verb on a job of every status does exactly what the state machine allows") {
    const std::vector<Action> all = actions();
    const std::size_t index = GENERATE_COPY(range(std::size_t{0}, all.size()));
    const Status status = GENERATE(
        values({Status::queued, Status::running, Status::done, Status::error, Status::cancelled}));
    const Action& action = all[index];
    CAPTURE(action.name, status);
    Scene scene = make_scene(*this, action, status);
    REQUIRE(get(scene.id()).status == status);
    const std::string job_before = text(scene.id());
    const std::string history_before = jobs.history(scene.id());
    const std::string events_before = events_text(jobs.events(scene.id()));

    clock.advance(1s);
    const Answer given = answer_of(action, scene);
    const auto row = row_of(action, status);
    const bool writes = row || (action.verbs.empty() && status == Status::running);
    CHECK(
        static_cast<int>(given) == static_cast<int>(writes ? Answer::accepted : action.otherwise));
    CHECK(get(scene.id()).status == (row ? row->to : status));
    if (row) {
        CHECK(jobs.history(scene.id()) == history_before + ", " + event_of(*row));
    } else {
        CHECK(events_text(jobs.events(scene.id())) == events_before);
    }
    if (row || !writes) CHECK((text(scene.id()) == job_before) == !row);
}

TEST_CASE_METHOD(ContractCase, "an on-end hook is owed exactly while its job is ended") {
    const std::vector<Action> all = actions();
    const std::size_t index = GENERATE_COPY(range(std::size_t{0}, all.size()));
    const Status status = GENERATE(
        values({Status::queued, Status::running, Status::done, Status::error, Status::cancelled}));
    Action action = all[index];
    CAPTURE(action.name, status);
    action.shape = [shape = action.shape](NewJob& spec) {
        if (shape) shape(spec);
        if (spec.command) spec.command->on_end = "true";
    };
    Scene scene = make_scene(*this, action, status);
    const auto owes = [&] {
        const auto owed = store->owed_hooks({});
        return std::ranges::count(owed, scene.id(), &OwedHook::job_id) > 0;
    };
    const bool has_command = !get(scene.id()).command.empty();
    CHECK(owes() == (has_command && is_terminal(status)));
    clock.advance(1s);
    answer_of(action, scene);
    CHECK(owes() == (has_command && is_terminal(get(scene.id()).status)));
}

TEST_CASE("every row of the state machine is exercised by a verb of the store") {
    const auto all = actions();
    for (const Transition& row : kTransitions) {
        CAPTURE(event_of(row));
        CHECK(std::ranges::any_of(all, [&](const Action& action) { return may_do(action, row); }));
    }
}

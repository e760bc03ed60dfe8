#include "store/ledger_case.h"
#include "support/ledger_audit.h"

#include <algorithm>
#include <random>

using namespace atlasjob;
using namespace atlasjob::test;
using namespace std::chrono_literals;

namespace {

/// Applies a seeded sequence of random verbs, legal or not, to a ledger.
class RandomLife {
  public:
    RandomLife(Store& store, FakeClock& clock, unsigned seed)
        : store_(store), clock_(clock), random_(seed) {}

    void step() {
        clock_.advance(milliseconds{below(20'000) - 1'000});  // may step back
        try {
            (this->*kSteps.at(pick(kSteps.size())))();
        } catch (const Error& error) {
            // Most random steps are illegal; any error other than a refusal is a fault.
            if (error.code() != ErrorCode::refused && error.code() != ErrorCode::not_found) throw;
        }
    }

  private:
    using Step = void (RandomLife::*)();

    void submit() {
        NewJob job{JobId::make(clock_.now())};
        job.owner = below(2) == 0 ? "alice" : "bob";
        job.queue = below(2) == 0 ? "default" : "gpu";
        job.kind = below(2) == 0 ? "sync" : "build";
        job.max_attempts = 1 + below(3);
        if (below(3) != 0) {
            job.command.emplace();
            job.command->argv = {"true"};
            job.command->cwd = "/";
        }
        if (below(4) == 0) job.key = std::string(1, static_cast<char>('a' + below(3)));
        if (below(4) == 0) job.run_after = clock_.now() + 30s;
        if (below(4) == 0) job.start_as = AttemptOwner{some_process(), 45s};
        if (!ids_.empty() && !job.start_as && below(3) == 0) job.after = {some_id()};
        if (store_.submit(job).created) ids_.push_back(job.job_id);
    }
    void claim() { keep(store_.claim(worker())); }
    void finish() {
        if (!attempts_.empty()) store_.finish(some_attempt(), outcome(), "life");
    }
    void finish_and_claim() {
        if (attempts_.empty()) return;
        keep(store_.finish_and_claim(some_attempt(), outcome(), worker()).claim);
    }
    void start() {
        if (!ids_.empty()) attempts_.push_back(store_.start(some_id(), "life"));
    }
    void release() {
        if (!attempts_.empty()) static_cast<void>(store_.release(some_attempt(), "life"));
    }
    void note() {
        if (!attempts_.empty())
            static_cast<void>(store_.note_process(some_attempt(), some_process(7)));
    }
    void report() {
        Report report;
        report.progress = 0.5;
        report.result = "{}";
        if (!attempts_.empty()) store_.report(some_attempt(), report);
    }
    void reap() {
        const auto ground = below(2) == 0 ? ReapGround::executor_gone : ReapGround::silent;
        if (!attempts_.empty()) static_cast<void>(store_.mark_suspect(some_attempt()));
        if (!attempts_.empty()) store_.reap(some_attempt(), ground, "gc");
    }
    void cancel() {
        if (!ids_.empty()) store_.request_cancel(some_id(), {"alice", {}, {}});
    }
    void retry() {
        if (!ids_.empty()) store_.retry(some_id(), "alice");
    }
    void edit() {
        JobEdit edit;
        if (below(2) == 0) edit.priority = below(3);
        if (below(2) == 0) edit.queue = below(2) == 0 ? "default" : "gpu";
        if (below(2) == 0 || (!edit.priority && !edit.queue))
            edit.run_after = clock_.now() + milliseconds{below(40'000) - 20'000};
        if (!ids_.empty()) store_.edit(some_id(), edit, "alice");
    }
    void note_event() {
        if (!ids_.empty()) store_.note_event(some_id(), {"seen", "life"});
    }
    void pause() { store_.pause(some_pause(), "alice"); }
    void resume() { store_.resume(some_pause()); }
    void remove() {
        if (!ids_.empty()) store_.remove(some_id());
    }
    void prune() { static_cast<void>(store_.prune({30min, 30min, 30min}, 2)); }

    static constexpr std::array<Step, 22> kSteps = {
        &RandomLife::submit,     &RandomLife::submit, &RandomLife::claim,
        &RandomLife::claim,      &RandomLife::finish, &RandomLife::finish,
        &RandomLife::start,      &RandomLife::note,   &RandomLife::finish_and_claim,
        &RandomLife::release,    &RandomLife::report, &RandomLife::reap,
        &RandomLife::cancel,     &RandomLife::retry,  &RandomLife::prune,
        &RandomLife::edit,       &RandomLife::edit,   &RandomLife::pause,
        &RandomLife::note_event, &RandomLife::resume, &RandomLife::resume,
        &RandomLife::remove};

    std::size_t pick(std::size_t count) { return random_() % count; }
    int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
    std::optional<std::string> some_pause() {
        const int which = below(3);
        if (which == 0) return {};
        return which == 1 ? "default" : "gpu";
    }
    JobId some_id() { return ids_.at(pick(ids_.size())); }
    /// One of the latest attempts, which are most likely to be open.
    AttemptKey some_attempt() {
        const std::size_t late = std::min<std::size_t>(attempts_.size(), 6);
        return attempts_.at(attempts_.size() - 1 - pick(late));
    }
    Outcome outcome() {
        const int which = below(3);
        return which == 0 ? ended_done() : which == 1 ? ended_error() : ended_cancelled();
    }
    void keep(const std::optional<Claim>& claim) {
        if (claim) attempts_.push_back(claim->attempt);
    }

    Store& store_;
    FakeClock& clock_;
    std::mt19937 random_;
    std::vector<JobId> ids_;
    std::vector<AttemptKey> attempts_;
};

bool any_contains(const std::vector<std::string>& sentences, const std::string& text) {
    return std::ranges::any_of(sentences, [&](const std::string& sentence) {
        return sentence.find(text) != std::string::npos;
    });
}

std::int64_t count_of(Store& store, Status status) {
    std::int64_t jobs = 0;
    for (const Count& count : store.count(kAdmin))
        jobs += count.status == status ? count.jobs : 0;
    return jobs;
}

}  // namespace

TEST_CASE_METHOD(LedgerCase, "rows and events and attempts and counters agree after any history") {
    const auto seed = GENERATE(range(1U, 7U));
    INFO("seed " << seed);
    const auto store = open();
    RandomLife life{*store, clock, seed};
    EndedJobs ended;
    for (int i = 0; i < 300; ++i) {
        life.step();
        if (i % 50 != 49) continue;
        CHECK_THAT(contradictions(path), Catch::Equals(std::vector<std::string>{}));
        CHECK_THAT(ended.changes(path), Catch::Equals(std::vector<std::string>{}));
    }
    for (const Status status : kStatuses) {
        ListQuery query;
        query.filter.statuses = {status};
        CHECK(count_of(*store, status) == store->list(query, kAdmin).total);
    }
    // A history in which nothing happened would prove nothing.
    CHECK(store->events_since({0, {}, 10'000}, kAdmin).back().seq > 50);
}

TEST_CASE_METHOD(LedgerCase, "the audit finds changes made behind the store's back") {
    struct Tampering {
        const char* fault;
        const char* sql;
    };
    // clang-format off
    constexpr std::array kTamperings = {
        Tampering{"counts missing jobs",             "UPDATE counters SET jobs = jobs + 1"},
        Tampering{"jobs are not counted",            "DELETE FROM counters"},
        Tampering{"differs from its last event",     "DROP TRIGGER jobs_au_event; UPDATE jobs SET status = 'cancelled', verb = 'cancel', ready = 0, ended_at = updated_at, expires_at = updated_at WHERE status = 'queued'"},
        Tampering{"does not start from the status",  "INSERT INTO events (job_seq, at, type, from_status, to_status, actor) SELECT seq, updated_at, 'finish', 'running', status, 'x' FROM jobs WHERE status = 'done'"},
        Tampering{"illegal transition",              "INSERT INTO events (job_seq, at, type, from_status, to_status, actor) SELECT seq, updated_at, 'edit', status, status, 'x' FROM jobs WHERE status = 'done'"},
        Tampering{"changed after its end",           "DROP TRIGGER jobs_bu_terminal; UPDATE jobs SET updated_at = updated_at + 1 WHERE status = 'done'"},
        Tampering{"not numbered",                    "UPDATE attempts SET n = 2"},
        Tampering{"fence is not higher",             "UPDATE attempts SET fence = 0"},
        Tampering{"an attempt is open",              "UPDATE attempts SET ended_at = NULL, outcome = NULL"},
        Tampering{"done but its last attempt",       "UPDATE attempts SET outcome = 'error'"},
        Tampering{"count of open dependencies",      "UPDATE jobs SET ready = 0, open_dependencies = 1 WHERE status = 'queued'"},
        Tampering{"command without a spec",          "DELETE FROM job_specs"},
        Tampering{"two workers",                     "INSERT INTO workers (schema_version, host, machine_id, boot_id, pid_namespace, time_namespace, pid, process_start, slots, draining, started_at, heartbeat_at) VALUES (10, 'h', 'm', 'b', 1, 1, 1, 1, 1, 0, 1, 1), (10, 'h', 'm', 'b', 1, 1, 1, 1, 1, 0, 1, 1)"},
        Tampering{"cannot be claimed",               "UPDATE jobs SET ready = 0 WHERE status = 'queued'"},
        Tampering{"has a tombstone",                 "INSERT INTO tombstones SELECT seq, job_id, owner, status, reason, 1, 1 FROM jobs"},
    };
    // clang-format on
    {
        const auto store = open();
        JobFactory jobs{*store, clock};
        jobs.in(Status::done);
        jobs.queued();
    }
    REQUIRE(contradictions(path).empty());
    const Tampering& tampering = kTamperings.at(GENERATE(range(std::size_t{0}, std::size_t{15})));
    INFO(tampering.sql);
    plain_database().exec(tampering.sql);
    CHECK(any_contains(contradictions(path), tampering.fault));
}

TEST_CASE_METHOD(
    LedgerCase, "the audit finds a job that changed after its end but not a retried one") {
    const auto store = open();
    JobFactory jobs{*store, clock};
    const JobId changed = jobs.in(Status::done).job_id;
    const JobId retried = jobs.in(Status::error).job_id;
    const JobId deleted = jobs.in(Status::done).job_id;
    EndedJobs ended;
    CHECK(ended.changes(path).empty());
    clock.advance(1s);
    store->retry(retried, "alice");
    store->remove(deleted);
    CHECK(ended.changes(path).empty());
    plain_database().exec(
        "DROP TRIGGER jobs_bu_terminal; UPDATE jobs SET message = 'later' "
        "WHERE status = 'done'");
    CHECK(any_contains(ended.changes(path), changed.str()));
    CHECK(ended.changes(path).empty());
}

#include "store/ledger_case.h"
#include "support/ledger_audit.h"

#include <random>

using namespace atlasjob;
using namespace atlasjob::test;
using namespace std::chrono_literals;

namespace {

/// Does one random thing after the other to a ledger, legal or not, from a seed.
class RandomLife {
  public:
    RandomLife(Store& store, unsigned seed) : store_(store), random_(seed) {}

    void step() {
        clock_.advance(milliseconds{below(20'000) - 1'000});  // now and then time steps back
        try {
            (this->*kSteps.at(pick(kSteps.size())))();
        } catch (const Error& error) {
            // Most random steps are illegal; only a refusal is an answer to that.
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
        if (store_.submit(job, clock_.now()).created) ids_.push_back(job.job_id);
    }
    void claim() { keep(store_.claim(worker(), clock_.now())); }
    void finish() {
        if (!attempts_.empty()) store_.finish(some_attempt(), outcome(), "life", clock_.now());
    }
    void finish_and_claim() {
        if (attempts_.empty()) return;
        keep(store_.finish_and_claim(some_attempt(), outcome(), worker(), clock_.now()).claim);
    }
    void start() {
        if (!ids_.empty()) attempts_.push_back(store_.start(some_id(), "life", clock_.now()));
    }
    void release() {
        if (!attempts_.empty()) store_.release(some_attempt(), "life", clock_.now());
    }
    void note() {
        if (!attempts_.empty()) store_.note_process(some_attempt(), some_process(7), clock_.now());
    }
    void report() {
        Report report;
        report.progress = 0.5;
        report.result = "{}";
        if (!attempts_.empty()) store_.report(some_attempt(), report, clock_.now());
    }
    void reap() {
        const auto ground = below(2) == 0 ? ReapGround::executor_gone : ReapGround::silent;
        if (!attempts_.empty()) store_.mark_suspect(some_attempt(), clock_.now());
        if (!attempts_.empty()) store_.reap(some_attempt(), ground, "gc", clock_.now());
    }
    void cancel() {
        if (!ids_.empty()) store_.request_cancel(some_id(), {"alice", {}, {}}, clock_.now());
    }
    void retry() {
        if (!ids_.empty()) store_.retry(some_id(), "alice", clock_.now());
    }
    void prune() { store_.prune({30min, 30min, 30min}, 2, clock_.now()); }

    static constexpr std::array<Step, 15> kSteps = {
        &RandomLife::submit,  &RandomLife::submit, &RandomLife::claim,
        &RandomLife::claim,   &RandomLife::finish, &RandomLife::finish,
        &RandomLife::start,   &RandomLife::note,   &RandomLife::finish_and_claim,
        &RandomLife::release, &RandomLife::report, &RandomLife::reap,
        &RandomLife::cancel,  &RandomLife::retry,  &RandomLife::prune};

    std::size_t pick(std::size_t count) { return random_() % count; }
    int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
    JobId some_id() { return ids_.at(pick(ids_.size())); }
    /// Mostly a late one: those are likelier to be open.
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
    std::mt19937 random_;
    FakeClock clock_;
    std::vector<JobId> ids_;
    std::vector<AttemptKey> attempts_;
};

std::int64_t count_of(Store& store, Status status) {
    std::int64_t jobs = 0;
    for (const Count& count : store.count(kAdmin))
        jobs += count.status == status ? count.jobs : 0;
    return jobs;
}

}  // namespace

TEST_CASE_METHOD(LedgerCase, "after any history rows, events, attempts and counters agree") {
    const auto seed = GENERATE(range(1U, 7U));
    INFO("seed " << seed);
    const auto store = open();
    RandomLife life{*store, seed};
    for (int i = 0; i < 300; ++i) {
        life.step();
        if (i % 50 == 49)
            CHECK_THAT(contradictions(path), Catch::Equals(std::vector<std::string>{}));
    }
    for (const Status status : kStatuses) {
        ListQuery query;
        query.statuses = {status};
        CHECK(count_of(*store, status) == store->list(query, kAdmin).total);
    }
    // A life in which nothing happened would prove nothing.
    CHECK(store->events_since({0, {}, 10'000}, kAdmin).back().seq > 50);
}

TEST_CASE_METHOD(LedgerCase, "an audit finds a row that was changed behind the verbs' back") {
    {
        const auto store = open();
        JobFactory{*store, clock}.queued();
    }
    REQUIRE(contradictions(path).empty());
    as_stranger().exec("UPDATE counters SET jobs = jobs + 1");
    CHECK(contradictions(path).size() == 2);
    CHECK(open()->check_health(true).back().level == Finding::Level::problem);
}

#include "base/error.h"
#include "logs/open.h"
#include "runner/attempt/attempt_reporter.h"
#include "store/open.h"
#include "support/forwarding_store.h"
#include "support/job_factory.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <semaphore>

using namespace atlasjob;
using namespace std::chrono_literals;

namespace {

/// A real store whose heartbeat and finish_and_claim block until the test lets them return, with
/// the answers that the test sets.
class SlowStore final : public test::ForwardingStore {
  public:
    using ForwardingStore::ForwardingStore;

    std::function<void()> on_heartbeat;
    std::counting_semaphore<> may_heartbeat{0};
    std::counting_semaphore<> finishing{0};
    std::counting_semaphore<> may_finish{0};
    std::optional<HeartbeatReply> reply;  ///< nullopt: the attempt is lost.
    FinishedAndClaimed answer;
    std::optional<ErrorCode> failure;
    int finishes = 0;
    int claims = 0;

    std::optional<HeartbeatReply> heartbeat(const AttemptKey&, std::int64_t) override {
        on_heartbeat();
        may_heartbeat.acquire();
        return reply;
    }
    FinishedAndClaimed finish_and_claim(
        const AttemptKey&, const Outcome&, const ClaimRequest&) override {
        ++claims;
        finishing.release();
        may_finish.acquire();
        if (failure) throw Error(*failure, "the disk is gone");
        return answer;
    }
    std::optional<Finished> finish(const AttemptKey&, const Outcome&, const std::string&) override {
        ++finishes;
        return answer.finished;
    }
};

enum class Order { heartbeat_first, both_at_once };

using Calls = std::vector<std::string>;

/// An attempt that ends during a heartbeat, and the callbacks that its supervisor receives.
struct Case {
    Case() { store.answer.claim = Claim{jobs.get(next), {}, AttemptKey{next, 1, 7}}; }

    /// Posts the finish behind the heartbeat, lets both return in this order, and runs until the
    /// supervisor is notified of the end.
    Calls run(Order order) {
        SupervisorContext context{store, *logs};
        AttemptReporter* reporter = nullptr;
        Wakeup heartbeat_begun{context.loop, [&] {
                                   if (order == Order::heartbeat_first)
                                       let_finish_after_heartbeat(context);
                                   reporter->finish(Outcome{}, ClaimRequest{});
                                   store.may_heartbeat.release();
                                   if (order == Order::heartbeat_first) return;
                                   store.finishing.acquire();
                                   store.may_finish.release();
                               }};
        store.on_heartbeat = [&] { heartbeat_begun.notify(); };
        AttemptReporter under_test{
            context,
            clock,
            {attempt, "alice", timings(), [] { return 0; }},
            callbacks(context.loop)};
        reporter = &under_test;
        context.loop.run();
        store.may_finish.release();  // a finish that is still blocked must not block the destructor
        return calls;
    }
    /// A verb posted between heartbeat and finish is answered between them.
    void let_finish_after_heartbeat(SupervisorContext& context) {
        context.ledger.post(
            [](Store&) { return true; },
            [this](const Result<bool>&) { store.may_finish.release(); });
    }
    static Timings timings() {
        Timings timings;
        timings.heartbeat = 1ms;
        timings.first_retry = 1ms;
        return timings;
    }
    AttemptCallbacks callbacks(Loop& loop) {
        AttemptCallbacks callbacks;
        callbacks.cancel_requested = [](std::optional<milliseconds>) {};
        callbacks.claimed = [this](const Claim& claim) {
            CHECK(claim.job.job_id == next);
            calls.emplace_back("claimed");
        };
        callbacks.claim_unclear = [this] { calls.emplace_back("claim unclear"); };
        callbacks.lost = [this, &loop] { end(loop, "lost"); };
        callbacks.finished = [this, &loop](const Finished&) { end(loop, "finished"); };
        callbacks.delayed = [this](const Error&) { calls.emplace_back("delayed"); };
        callbacks.trouble = [](const Error&) {};
        return callbacks;
    }
    void end(Loop& loop, const char* word) {
        calls.emplace_back(word);
        loop.stop();
    }

    test::TempDir dir;
    std::unique_ptr<LogStore> logs = open_logs(parse_address(dir / "ledger.db"));
    test::FakeClock clock;
    SlowStore store{open_store(parse_address(dir / "ledger.db"), OpenMode::create, clock)};
    test::JobFactory jobs{store, clock};
    AttemptKey attempt = jobs.running(jobs.created_spec());
    JobId next = jobs.queued();
    Calls calls;
};

/// The same in both orders.
struct EitherOrder : Case {
    Calls run() { return Case::run(order); }
    /// Keeps the lease and lets finish_and_claim fail; a finish without a claim succeeds.
    void fail_finish_and_claim(ErrorCode failure) {
        store.reply = HeartbeatReply{};
        store.failure = failure;
        store.answer.finished = Finished{};
    }

    Order order = GENERATE(Order::heartbeat_first, Order::both_at_once);
};

}  // namespace

TEST_CASE_METHOD(
    EitherOrder, "a claim from a finish in flight is delivered although the attempt is lost") {
    CHECK(run() == Calls{"claimed", "lost"});
    CHECK(store.claims == 1);
    CHECK(store.finishes == 0);
}

TEST_CASE_METHOD(
    EitherOrder, "a committed finish wins over a heartbeat that reports the attempt lost") {
    store.answer.finished = Finished{};
    CHECK(run() == Calls{"claimed", "finished"});
}

TEST_CASE_METHOD(EitherOrder, "a failed finish is not retried once the attempt is lost") {
    SECTION("nothing was written") {
        store.failure = ErrorCode::unavailable;
        CHECK(run() == Calls{"lost"});
    }
    SECTION("the ledger was moved") {
        store.failure = ErrorCode::ledger_moved;
        CHECK(run() == Calls{"lost"});
    }
    SECTION("something may have been claimed") {
        store.failure = ErrorCode::outcome_unknown;
        CHECK(run() == Calls{"claim unclear", "lost"});
    }
    CHECK(store.claims == 1);
    CHECK(store.finishes == 0);
}

TEST_CASE_METHOD(EitherOrder, "a finish of unknown outcome is retried without a claim") {
    fail_finish_and_claim(ErrorCode::outcome_unknown);
    CHECK(run() == Calls{"claim unclear", "delayed", "finished"});
    CHECK(store.claims == 1);
    CHECK(store.finishes == 1);
}

TEST_CASE_METHOD(
    EitherOrder, "a finish interrupted by a move of the ledger is retried without a claim") {
    fail_finish_and_claim(ErrorCode::ledger_moved);
    CHECK(run() == Calls{"finished"});
    CHECK(store.claims == 1);
    CHECK(store.finishes == 1);
}

TEST_CASE_METHOD(Case, "no finish is sent if the attempt was lost before it ended") {
    SupervisorContext context{store, *logs};
    store.on_heartbeat = [&] { store.may_heartbeat.release(); };
    AttemptReporter reporter{
        context, clock, {attempt, "alice", timings(), [] { return 0; }}, callbacks(context.loop)};
    context.loop.run();
    reporter.finish(Outcome{}, ClaimRequest{});
    CHECK(calls == Calls{"lost"});
    CHECK(context.ledger.idle());
    CHECK(store.claims == 0);
}

#include "base/error.h"
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

/// A real store whose heartbeat and whose finish with a claim are answered as the test says, each
/// once it may.
class SlowStore final : public test::ForwardingStore {
  public:
    using ForwardingStore::ForwardingStore;

    std::function<void()> on_beat;
    std::counting_semaphore<> may_beat{0};
    std::counting_semaphore<> finishing{0};
    std::counting_semaphore<> may_finish{0};
    std::optional<HeartbeatReply> beat;  ///< Nothing: lost.
    FinishedAndClaimed answer;
    std::optional<ErrorCode> failure;
    int finishes = 0;
    int claims = 0;

    std::optional<HeartbeatReply> heartbeat(const AttemptKey&, std::int64_t, Time) override {
        on_beat();
        may_beat.acquire();
        return beat;
    }
    FinishedAndClaimed finish_and_claim(
        const AttemptKey&, const Outcome&, const ClaimRequest&, Time) override {
        ++claims;
        finishing.release();
        may_finish.acquire();
        if (failure) throw Error(*failure, "the disk is gone");
        return answer;
    }
    std::optional<Finished> finish(
        const AttemptKey&, const Outcome&, const std::string&, Time) override {
        ++finishes;
        return answer.finished;
    }
};

enum class Order { beat_first, both_at_once };

using Words = std::vector<std::string>;

/// An attempt that ends while its heartbeat is on its way, and what its supervisor is told.
struct Case {
    Case() { store.answer.claim = Claim{jobs.get(next), {}, AttemptKey{next, 1, 7}}; }

    /// Asks for the finish behind the heartbeat, has both answered in that order, and runs until
    /// the supervisor is told that it is over.
    Words run(Order order) {
        SupervisorContext place{store};
        AttemptReporter* conversation = nullptr;
        Wakeup beating{place.loop, [&] {
                           if (order == Order::beat_first) let_finish_once_beat_is_told(place);
                           conversation->finish(Outcome{}, ClaimRequest{});
                           store.may_beat.release();
                           if (order == Order::beat_first) return;
                           store.finishing.acquire();
                           store.may_finish.release();
                       }};
        store.on_beat = [&] { beating.notify(); };
        AttemptReporter ledger{
            place, clock, {attempt, "alice", timings(), [] { return 0; }}, news(place.loop)};
        conversation = &ledger;
        place.loop.run();
        // Heard or not, what is on its way must not keep us from ending.
        store.may_finish.release();
        return told;
    }
    /// What is asked behind the heartbeat and before the finish is answered between them.
    void let_finish_once_beat_is_told(SupervisorContext& place) {
        place.ledger.post(
            [](Store&) { return true; },
            [this](const Result<bool>&) { store.may_finish.release(); });
    }
    static Timings timings() {
        Timings timings;
        timings.heartbeat = 1ms;
        timings.first_retry = 1ms;
        return timings;
    }
    AttemptCallbacks news(Loop& loop) {
        AttemptCallbacks news;
        news.cancel_requested = [](milliseconds) {};
        news.claimed = [this](const Claim& claim) {
            CHECK(claim.job.job_id == next);
            told.emplace_back("claimed");
        };
        news.claim_unclear = [this] { told.emplace_back("claim unclear"); };
        news.lost = [this, &loop] { end(loop, "lost"); };
        news.finished = [this, &loop](const Finished&) { end(loop, "finished"); };
        news.delayed = [this](const Error&) { told.emplace_back("delayed"); };
        news.trouble = [](const Error&) {};
        return news;
    }
    void end(Loop& loop, const char* word) {
        told.emplace_back(word);
        loop.stop();
    }

    test::TempDir dir;
    SlowStore store{open_store(locate_ledger(dir / "ledger.db"), OpenMode::create)};
    test::FakeClock clock;
    test::JobFactory jobs{store, clock};
    AttemptKey attempt = jobs.running(jobs.created_spec());
    JobId next = jobs.queued();
    Words told;
};

}  // namespace

TEST_CASE("Who hears that the attempt is lost still gets the claim of the finish on its way") {
    const Order order = GENERATE(Order::beat_first, Order::both_at_once);
    Case c;
    CHECK(c.run(order) == Words{"claimed", "lost"});
    CHECK(c.store.claims == 1);
    CHECK(c.store.finishes == 0);
}

TEST_CASE("A finish that was committed goes before a heartbeat that says otherwise") {
    const Order order = GENERATE(Order::beat_first, Order::both_at_once);
    Case c;
    c.store.answer.finished = Finished{};
    CHECK(c.run(order) == Words{"claimed", "finished"});
}

TEST_CASE("Who hears that the attempt is lost does not try a failed finish again") {
    const Order order = GENERATE(Order::beat_first, Order::both_at_once);
    Case c;
    SECTION("nothing was written") {
        c.store.failure = ErrorCode::unavailable;
        CHECK(c.run(order) == Words{"lost"});
    }
    SECTION("the ledger was moved") {
        c.store.failure = ErrorCode::ledger_moved;
        CHECK(c.run(order) == Words{"lost"});
    }
    SECTION("something may have been claimed") {
        c.store.failure = ErrorCode::outcome_unknown;
        CHECK(c.run(order) == Words{"claim unclear", "lost"});
    }
    CHECK(c.store.claims == 1);
    CHECK(c.store.finishes == 0);
}

TEST_CASE("A finish whose outcome is unknown may have claimed; tried again it claims nothing") {
    const Order order = GENERATE(Order::beat_first, Order::both_at_once);
    Case c;
    c.store.beat = HeartbeatReply{};
    c.store.failure = ErrorCode::outcome_unknown;
    c.store.answer.finished = Finished{};
    CHECK(c.run(order) == Words{"claim unclear", "delayed", "finished"});
    CHECK(c.store.claims == 1);
    CHECK(c.store.finishes == 1);
}

TEST_CASE("A finish that finds its ledger on the move is tried again, and claims nothing") {
    const Order order = GENERATE(Order::beat_first, Order::both_at_once);
    Case c;
    c.store.beat = HeartbeatReply{};
    c.store.failure = ErrorCode::ledger_moved;
    c.store.answer.finished = Finished{};
    CHECK(c.run(order) == Words{"finished"});
    CHECK(c.store.claims == 1);
    CHECK(c.store.finishes == 1);
}

TEST_CASE("Who hears that the attempt is lost before its end asks for no finish") {
    Case c;
    SupervisorContext place{c.store};
    c.store.on_beat = [&] { c.store.may_beat.release(); };
    AttemptReporter ledger{
        place,
        c.clock,
        {c.attempt, "alice", Case::timings(), [] { return 0; }},
        c.news(place.loop)};
    place.loop.run();
    ledger.finish(Outcome{}, ClaimRequest{});
    CHECK(c.told == Words{"lost"});
    CHECK(place.ledger.idle());
    CHECK(c.store.claims == 0);
}

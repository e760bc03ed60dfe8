#include "runner/attempt/attempt_reporter.h"

#include "base/error.h"
#include "logs/open.h"
#include "store/open.h"
#include "support/forwarding_store.h"
#include "support/job_factory.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

using namespace atlasjob;
using namespace std::chrono_literals;

namespace {

/// A real store in which the first `failures` calls of note_event fail.
class FailingStore final : public test::ForwardingStore {
  public:
    using ForwardingStore::ForwardingStore;

    ErrorCode code = ErrorCode::unavailable;
    int failures = 0;
    bool commit_anyway = false;  ///< The event is noted although the call fails.

    void note_event(const JobId& id, const Note& note) override {
        const bool fails = failures-- > 0;
        if (!fails || commit_anyway) real_->note_event(id, note);
        if (fails) throw Error(code, "the disk is gone");
    }
};

/// A running job whose executor is this process.
struct Case {
    /// Notes these events, finishes the job as done and returns the types of its events.
    std::vector<std::string> note_and_finish(const std::vector<std::string>& types) {
        {
            SupervisorContext context{store, *logs};
            AttemptCallbacks callbacks;
            callbacks.cancel_requested = [](std::optional<milliseconds>) {};
            callbacks.claim_unclear = [] {};
            callbacks.lost = [&] { context.loop.stop(); };
            callbacks.finished = [&](const Finished&) { context.loop.stop(); };
            callbacks.delayed = [](const Error&) {};
            callbacks.trouble = [&](const Error&) { ++troubles; };
            Timings timings;
            timings.first_retry = 1ms;
            AttemptReporter reporter{
                context, clock, {attempt, "alice", timings, [] { return 0; }}, callbacks};
            for (const std::string& type : types)
                reporter.note_event(type);
            reporter.finish(Outcome{}, {});
            context.loop.run();
        }
        std::vector<std::string> history;
        for (const Event& event : test::JobFactory{store, clock}.events(attempt.job_id))
            history.push_back(event.type);
        return history;
    }

    test::TempDir dir;
    std::unique_ptr<LogStore> logs = open_logs(parse_address(dir / "ledger.db"));
    test::FakeClock clock;
    FailingStore store{open_store(parse_address(dir / "ledger.db"), OpenMode::create, clock)};
    AttemptKey attempt = [&] {
        test::JobFactory jobs{store, clock};
        return jobs.running(jobs.created_spec());
    }();
    int troubles = 0;
};

}  // namespace

TEST_CASE("events are noted in order before the finish that follows") {
    Case c;
    CHECK(
        c.note_and_finish({"one", "two", "three"})
        == std::vector<std::string>{"submit", "start", "one", "two", "three", "finish"});
    CHECK(c.troubles == 0);
}

TEST_CASE("an event that cannot be written yet is retried in its place") {
    Case c;
    c.store.failures = 3;
    CHECK(
        c.note_and_finish({"one", "two"})
        == std::vector<std::string>{"submit", "start", "one", "two", "finish"});
}

TEST_CASE("an event whose commit outcome is unknown is never noted twice") {
    Case c;
    c.store.code = ErrorCode::outcome_unknown;
    c.store.failures = 1;
    c.store.commit_anyway = true;
    CHECK(
        c.note_and_finish({"one", "two"})
        == std::vector<std::string>{"submit", "start", "one", "two", "finish"});
    CHECK(c.troubles == 1);
}

TEST_CASE("a permanently refused event does not keep the job from ending") {
    Case c;
    CHECK(
        c.note_and_finish({"NOT A WORD", "two"})
        == std::vector<std::string>{"submit", "start", "two", "finish"});
    CHECK(c.troubles == 1);
}

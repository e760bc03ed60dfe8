#include "contract/contract_case.h"

#include <poll.h>

#include <algorithm>
#include <future>
#include <latch>
#include <set>

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

/// Limit for an expected notification; only reached if it is missing.
constexpr milliseconds kTimeout = 10s;
/// Long enough to receive a notification that should not have been sent.
constexpr milliseconds kQuietTime = 100ms;

/// Runs `act` in `count` threads that start together, each with its own store.
template <class Act>
auto in_threads(Ledger& ledger, const Clock& clock, int count, Act act) {
    using Result = decltype(act(std::declval<Store&>(), 0));
    std::latch ready{count};
    std::vector<std::future<Result>> threads;
    threads.reserve(static_cast<std::size_t>(count));
    for (int n = 0; n < count; ++n) {
        threads.push_back(std::async(std::launch::async, [&ledger, &clock, &ready, act, n] {
            const auto own_store = ledger.open(clock);
            ready.arrive_and_wait();
            return act(*own_store, n);
        }));
    }
    std::vector<Result> results;
    results.reserve(threads.size());
    for (auto& thread : threads)
        results.push_back(thread.get());
    return results;
}

void drain(ChangeWatch& watch) {
    while (watch.wait(0ms)) {
    }
}

}  // namespace

TEST_CASE_METHOD(ContractCase, "a commit in one store is visible in every other") {
    const auto other = ledger->open(clock);
    const AttemptKey attempt = jobs.running();
    const auto found = other->get(JobRef::of(attempt.job_id), kAlice, Detail::full);
    REQUIRE(found);
    CHECK(job_text(*found) == text(attempt.job_id));
    REQUIRE(other->finish(attempt, ended_done(), "other"));
    CHECK(get(attempt.job_id).status == Status::done);
}

TEST_CASE_METHOD(ContractCase, "a ledger outlives the stores opened on it") {
    const JobId id = jobs.in(Status::done).job_id;
    const std::string before = text(id);
    store.reset();
    store = ledger->open(clock);
    const auto job = store->get(JobRef::of(id), kAlice, Detail::full);
    REQUIRE(job);
    CHECK(job_text(*job) == before);
}

TEST_CASE_METHOD(ContractCase, "50 concurrent submitters of one key get one job") {
    std::vector<NewJob> specs;
    for (int n = 0; n < 50; ++n) {
        specs.push_back(jobs.command_spec());
        specs.back().key = "nightly";
    }
    const auto submitted = in_threads(*ledger, clock, 50, [&specs](Store& own, int n) {
        return own.submit(specs[static_cast<std::size_t>(n)]);
    });
    std::set<JobId> ids;
    for (const Submitted& one : submitted)
        ids.insert(one.job_id);
    CHECK(ids.size() == 1);
    CHECK(std::ranges::count(submitted, true, &Submitted::created) == 1);
    CHECK(store->list({}, kAdmin).total == 1);
}

TEST_CASE_METHOD(ContractCase, "concurrent workers never claim the same job") {
    constexpr int kJobs = 60;
    for (int n = 0; n < kJobs; ++n)
        jobs.queued();
    const auto shares = in_threads(*ledger, clock, 6, [](Store& own, int) {
        std::vector<JobId> share;
        while (const auto claim = own.claim(worker()))
            share.push_back(claim->job.job_id);
        return share;
    });
    std::set<JobId> distinct;
    std::size_t claims = 0;
    for (const auto& share : shares) {
        claims += share.size();
        distinct.insert(share.begin(), share.end());
    }
    CHECK(claims == kJobs);
    CHECK(distinct.size() == kJobs);
}

TEST_CASE_METHOD(
    ContractCase, "of several concurrent finishes of one attempt only one is recorded") {
    const AttemptKey attempt = jobs.running();
    const auto finished = in_threads(*ledger, clock, 8, [attempt](Store& own, int n) {
        const Outcome outcome = n % 2 == 0 ? ended_done() : ended_error();
        return own.finish(attempt, outcome, "supervisor");
    });
    const Status status = get(attempt.job_id).status;
    for (const auto& one : finished) {
        REQUIRE(one);
        CHECK(one->status == status);
    }
    CHECK(jobs.events(attempt.job_id).size() == 3);
}

TEST_CASE_METHOD(ContractCase, "concurrent creation of a ledger succeeds in every store") {
    store.reset();
    const auto fresh = kStoreFactories.at(0).make_ledger();
    const Time at = now();
    const auto submitted = in_threads(*fresh, clock, 8, [at](Store& own, int) {
        NewJob spec{JobId::make(at)};
        spec.owner = "alice";
        return own.submit(spec).seq;
    });
    CHECK(std::set<std::int64_t>(submitted.begin(), submitted.end()).size() == 8);
}

TEST_CASE_METHOD(ContractCase, "a read-only store reads everything and rejects every write") {
    const AttemptKey attempt = jobs.running();
    const JobId queued = jobs.queued(jobs.created_spec());
    const JobId done = jobs.in(Status::done).job_id;
    const auto reader = ledger->open_to_read(clock);
    const auto found = reader->get(JobRef::of(done), kAlice, Detail::full);
    REQUIRE(found);
    CHECK(job_text(*found) == text(done));
    CHECK(reader->list({}, kAdmin).total == 3);
    CHECK(reader->running_attempts().size() == 1);
    CHECK(reader->command_of(done));
    CHECK(reader->workers().empty());
    CHECK(reader->paused_queues().empty());
    CHECK(reader->statistics(kAdmin).ended_last_hour == 1);
    clock.advance(1h);
    CHECK(reader->count_prunable({.done = 0ms, .error = {}, .cancelled = {}}) == 1);

    const auto refused = [](auto verb) { return error_of(verb) == ErrorCode::refused; };
    const std::string history = events_text(store->events_since({}, kAdmin));
    Store& r = *reader;
    CHECK(refused([&] { r.submit(jobs.command_spec()); }));
    CHECK(refused([&] { r.submit_all(std::vector{jobs.command_spec()}); }));
    CHECK(refused([&] { static_cast<void>(r.claim(worker())); }));
    CHECK(refused([&] { static_cast<void>(r.finish_and_claim(attempt, ended_done(), worker())); }));
    CHECK(refused([&] { r.start(queued, "alice"); }));
    CHECK(refused([&] { static_cast<void>(r.note_process(attempt, some_process())); }));
    CHECK(refused([&] { static_cast<void>(r.heartbeat(attempt, 1)); }));
    CHECK(refused([&] { r.report(attempt, {}); }));
    CHECK(refused([&] { r.finish(attempt, ended_done(), "x"); }));
    CHECK(refused([&] { static_cast<void>(r.release(attempt, "x")); }));
    CHECK(refused([&] { r.request_cancel(queued, {"x", {}, {}}); }));
    CHECK(refused([&] { r.retry(done, "x"); }));
    CHECK(refused([&] { r.edit(queued, {1, {}, {}}, "x"); }));
    CHECK(refused([&] { r.remove(done); }));
    CHECK(refused([&] { r.pause({}, "x"); }));
    CHECK(refused([&] { r.resume({}); }));
    CHECK(refused([&] { r.note_event(done, {"seen", "x"}); }));
    CHECK(refused([&] { static_cast<void>(r.register_worker({some_process(), {}, 1})); }));
    CHECK(refused([&] { static_cast<void>(r.worker_heartbeat(1, false)); }));
    CHECK(refused([&] { r.unregister_worker(1); }));
    CHECK(refused([&] { static_cast<void>(r.mark_suspect(attempt)); }));
    CHECK(refused([&] { r.reap(attempt, ReapGround::executor_gone, "x"); }));
    CHECK(refused([&] { static_cast<void>(r.prune({}, 10)); }));
    CHECK(refused([&] { r.drop_tombstones(10); }));
    CHECK(refused([&] { r.optimize(); }));
    CHECK(events_text(store->events_since({}, kAdmin)) == history);
}

TEST_CASE_METHOD(ContractCase, "a watch is notified of a commit in another store") {
    const auto other = ledger->open(clock);
    const auto watch = store->watch_changes();
    drain(*watch);
    CHECK_FALSE(watch->wait(0ms));
    other->submit(jobs.command_spec());
    CHECK(watch->wait(kTimeout));
    drain(*watch);
    CHECK_FALSE(watch->wait(0ms));
}

TEST_CASE_METHOD(ContractCase, "a waiting watch is woken by a commit in another thread") {
    const auto watch = store->watch_changes();
    drain(*watch);
    const NewJob spec = jobs.command_spec();
    auto writer =
        std::async(std::launch::async, [this, &spec] { ledger->open(clock)->submit(spec); });
    CHECK(watch->wait(kTimeout));
    writer.get();
    CHECK(get(spec.job_id).status == Status::queued);
}

TEST_CASE_METHOD(ContractCase, "the descriptor of a watch is readable exactly after a change") {
    const auto other = ledger->open(clock);
    const auto watch = store->watch_changes();
    drain(*watch);
    REQUIRE(watch->fd() >= 0);
    pollfd entry{watch->fd(), POLLIN, 0};
    CHECK(::poll(&entry, 1, 0) == 0);
    const AttemptKey attempt = jobs.running();
    CHECK(::poll(&entry, 1, static_cast<int>(kTimeout.count())) == 1);
    drain(*watch);
    other->finish(attempt, ended_done(), "other");
    entry.fd = watch->fd();
    CHECK(::poll(&entry, 1, static_cast<int>(kTimeout.count())) == 1);
}

TEST_CASE_METHOD(ContractCase, "progress notifies a watch and a heartbeat does not") {
    const auto other = ledger->open(clock);
    const AttemptKey attempt = jobs.running();
    const auto watch = store->watch_changes();
    drain(*watch);
    clock.advance(1s);
    REQUIRE(other->heartbeat(attempt, 5));
    CHECK_FALSE(watch->wait(kQuietTime));
    REQUIRE(other->report(attempt, {}));
    CHECK(watch->wait(kTimeout));
}

TEST_CASE_METHOD(ContractCase, "everything that may make jobs runnable notifies a watch") {
    const JobId id = jobs.queued();
    const auto other = ledger->open(clock);
    const auto watch = store->watch_changes();
    drain(*watch);
    const auto check_woken = [&](std::string_view by) {
        CAPTURE(by);
        CHECK(watch->wait(kTimeout));
        drain(*watch);
    };
    other->pause({}, "alice");
    check_woken("pause");
    other->resume({});
    check_woken("resume");
    other->edit(id, {1, {}, {}}, "alice");
    check_woken("edit");
    other->note_event(id, {"seen", "alice"});
    check_woken("note_event");
    const std::int64_t worker_id = other->register_worker({some_process(), {}, 1});
    check_woken("register_worker");
    static_cast<void>(other->worker_heartbeat(worker_id, false));
    CHECK_FALSE(watch->wait(kQuietTime));
    other->unregister_worker(worker_id);
    check_woken("unregister_worker");
}

TEST_CASE_METHOD(ContractCase, "a verb that changes nothing notifies nobody") {
    const JobId done = jobs.in(Status::done).job_id;
    const auto other = ledger->open(clock);
    const auto watch = store->watch_changes();
    drain(*watch);
    other->request_cancel(done, {"alice", {}, {}});
    static_cast<void>(other->claim(worker()));
    static_cast<void>(other->prune({}, 10));
    other->resume({});
    other->unregister_worker(1);
    CHECK_FALSE(watch->wait(kQuietTime));
}

TEST_CASE_METHOD(
    ContractCase, "quick and thorough health checks of a healthy ledger find no problem") {
    for (const Status status : kStatuses)
        jobs.in(status, jobs.created_spec());
    const auto findings = store->check_health(GENERATE(true, false));
    CHECK_FALSE(findings.empty());
    for (const Finding& finding : findings) {
        CAPTURE(finding.subject, finding.text);
        CHECK(finding.level != Finding::Level::problem);
        CHECK_FALSE(finding.subject.empty());
        CHECK_FALSE(finding.text.empty());
    }
}

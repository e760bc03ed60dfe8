#include "bench/floor/claim.h"

#include "base/clock.h"
#include "base/text.h"
#include "bench/bench_jobs.h"
#include "bench/sample.h"
#include "store/open.h"
#include "support/temp_dir.h"

#include <fmt/format.h>

#include <functional>
#include <memory>

// claim [SLICES]: measures how many jobs per second one process finishes and claims, both in one
// commit, in alternating turns of kJobs each: with Store::finish_and_claim; the same statements in
// raw C (the floor); a bare table in raw C; and with the store and kFuture jobs that are not due.
// Ratios are medians over the turns.

using namespace atlasjob;
using namespace atlasjob::test;
using std::chrono::steady_clock;

namespace {

constexpr int kJobs = 500;
constexpr int kFuture = 100'000;

void fill(Store& store, int count, std::optional<milliseconds> delay = {}) {
    const Time now = SystemClock{}.now();
    std::vector<NewJob> jobs;
    for (int i = 0; i < count; ++i) {
        jobs.push_back(bench_job(now));
        if (delay) jobs.back().run_after = now + *delay + milliseconds{i};
    }
    store.submit_all(jobs);
}

ClaimRequest bench_request() {
    ClaimRequest request;
    request.owner.supervisor = {
        "h1", "6d1f", "5f0c2b1e-1111-4222-8333-944455566677", 4'026'531'836, 4'026'531'834,
        4711, 123'456};
    request.owner.lease = std::chrono::seconds{45};
    request.actor = "worker";
    return request;
}

/// Runs `step` kJobs times; returns the rate per second.
double rate(const std::function<void()>& step) {
    const auto start = steady_clock::now();
    for (int i = 0; i < kJobs; ++i)
        step();
    return kJobs * 1e6 / us_since(start);
}

/// The rate of the store. Uses one job more than it counts: the first is claimed before the
/// measurement, the last finished after it.
double rate_of_store(Store& store) {
    fill(store, kJobs + 1);
    const ClaimRequest request = bench_request();
    Outcome done;
    done.exit_code = 0;
    auto claim = store.claim(request);
    const double measured =
        rate([&] { claim = store.finish_and_claim(claim->attempt, done, request).claim; });
    store.finish(claim->attempt, done, "worker");
    return measured;
}

using Floor = std::unique_ptr<FloorClaim, decltype(&floor_claim_close)>;

double rate_of_floor(const Floor& floor) {
    const auto step = [&] { floor_finish_and_claim(floor.get(), to_ms(SystemClock{}.now())); };
    step();
    const double measured = rate(step);
    step();
    return measured;
}

void fill_bare(const Floor& bare) {
    floor_claim_begin_fill(bare.get());
    for (int i = 0; i <= kJobs; ++i) {
        const Time now = SystemClock{}.now();
        floor_claim_fill(bare.get(), JobId::make(now).str().c_str(), to_ms(now));
    }
    floor_claim_end_fill(bare.get());
}

struct Rates {
    Sample store;
    Sample same;
    Sample bare;
    Sample with_future;
};

void print(const Rates& rates) {
    fmt::print(
        "Store::finish_and_claim     {:6.0f}/s\n"
        "floor, the same statements  {:6.0f}/s  ratio {:.3f}\n"
        "floor, one bare table       {:6.0f}/s  ratio {:.3f}\n"
        "with {} future jobs     {:6.0f}/s  time relative to none {:.3f}\n",
        rates.store.median(), rates.same.median(), median_ratio(rates.store, rates.same),
        rates.bare.median(), median_ratio(rates.store, rates.bare), kFuture,
        rates.with_future.median(), median_ratio(rates.store, rates.with_future));
}

}  // namespace

int main(int argc, char** argv) {
    const int slices = argc > 1 ? parse_integer<int>(argv[1]).value() : 20;
    const TempDir dir;
    const auto open = [&](const char* name) {
        return open_store(parse_address(dir / name), OpenMode::create);
    };
    const auto store = open("store.db");
    const auto with_future = open("future.db");
    const auto to_fill = open("same.db");
    fill(*with_future, kFuture, std::chrono::hours{24});
    const Floor same{floor_claim_open_ledger((dir / "same.db").c_str()), &floor_claim_close};
    const Floor bare{floor_claim_open_bare((dir / "bare.db").c_str()), &floor_claim_close};
    Rates rates;
    for (int i = -1; i < slices; ++i) {
        fill(*to_fill, kJobs + 1);
        fill_bare(bare);
        Rates turn;
        turn.store.add(rate_of_store(*store));
        turn.same.add(rate_of_floor(same));
        turn.with_future.add(rate_of_store(*with_future));
        turn.bare.add(rate_of_floor(bare));
        if (i < 0) continue;  // warm-up
        rates.store.add(turn.store.at(0));
        rates.same.add(turn.same.at(0));
        rates.bare.add(turn.bare.at(0));
        rates.with_future.add(turn.with_future.at(0));
    }
    print(rates);
    return 0;
}

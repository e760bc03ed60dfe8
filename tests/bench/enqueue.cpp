#include "bench/floor/enqueue.h"

#include "base/clock.h"
#include "base/text.h"
#include "bench/bench_jobs.h"
#include "bench/sample.h"
#include "store/open.h"
#include "support/temp_dir.h"

#include <fmt/format.h>

#include <cstdlib>
#include <functional>
#include <memory>

// enqueue [SLICES]: measures durable submits per second of one process, one per commit, in
// alternating turns of 250 ms: with Store::submit; the same rows into the same tables in raw C (the
// floor); and into one bare table in raw C. Ratios are medians over the turns.

using namespace atlasjob;
using namespace atlasjob::test;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds kSlice{250};

/// Runs `submit` for one slice; returns the rate per second.
double rate(const std::function<void()>& submit) {
    const auto start = steady_clock::now();
    int count = 0;
    for (; steady_clock::now() - start < kSlice; ++count)
        submit();
    return count * 1e6 / us_since(start);
}

void submit_to(Store& store) {
    const Time now = SystemClock{}.now();
    store.submit(bench_job(now));
}

using Floor = std::unique_ptr<FloorEnqueue, decltype(&floor_close)>;

void submit_to(const Floor& floor) {
    const Time now = SystemClock{}.now();
    floor_submit(floor.get(), JobId::make(now).str().c_str(), to_ms(now));
}

}  // namespace

int main(int argc, char** argv) {
    const int slices = argc > 1 ? parse_integer<int>(argv[1]).value() : 20;
    const TempDir dir;
    const std::string same = dir / "same.db";
    open_store(parse_address(same), OpenMode::create);
    const auto store = open_store(parse_address(dir / "store.db"), OpenMode::create);
    const Floor floor{floor_open_ledger(same.c_str()), &floor_close};
    const Floor bare{floor_open_bare((dir / "bare.db").c_str()), &floor_close};
    Sample store_rate;
    Sample floor_rate;
    Sample bare_rate;
    for (int i = -1; i < slices; ++i) {
        const double store_turn = rate([&] { submit_to(*store); });
        const double same_rows = rate([&] { submit_to(floor); });
        const double one_table = rate([&] { submit_to(bare); });
        if (i < 0) continue;  // warm-up
        store_rate.add(store_turn);
        floor_rate.add(same_rows);
        bare_rate.add(one_table);
    }
    fmt::print(
        "Store::submit          {:6.0f}/s\n"
        "floor, the same rows   {:6.0f}/s  ratio {:.3f}\n"
        "floor, one bare table  {:6.0f}/s  ratio {:.3f}\n",
        store_rate.median(), floor_rate.median(), median_ratio(store_rate, floor_rate),
        bare_rate.median(), median_ratio(store_rate, bare_rate));
    return 0;
}

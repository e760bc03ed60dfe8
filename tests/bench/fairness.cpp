#include "store/open.h"
#include "support/child.h"
#include "support/fake_clock.h"
#include "support/shared_counts.h"
#include "support/temp_dir.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

// fairness SECONDS [MIN]: eight processes submit to one ledger for SECONDS; prints the commits of
// the slowest relative to the fastest. With MIN it exits with 0 if the best of three runs reaches
// that ratio. With SQLite's busy handler alone the ratio is 1 to 21,048.

using namespace atlasjob;
using namespace atlasjob::test;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t kWriters = 8;
constexpr int kRuns = 3;

struct Result {
    std::int64_t slowest = 0;
    std::int64_t fastest = 0;
    std::int64_t max_wait_us = 0;

    double ratio() const {
        return fastest == 0 ? 0.0 : static_cast<double>(slowest) / static_cast<double>(fastest);
    }
};

struct Contest {
    int write(std::size_t number) {
        FakeClock clock;
        const auto store = open_store(parse_address(path), OpenMode::create);
        ready.receive();
        const auto end = steady_clock::now() + length;
        auto before = steady_clock::now();
        while (before < end) {
            NewJob job{JobId::make(clock.now())};
            job.owner = "writer-" + std::to_string(number);
            store->submit(job);
            const auto after = steady_clock::now();
            const std::int64_t wait =
                std::chrono::microseconds{
                    std::chrono::duration_cast<std::chrono::microseconds>(after - before)}
                    .count();
            max_wait_us[number] = std::max<std::int64_t>(max_wait_us[number], wait);
            before = after;
            ++commits[number];
        }
        return 0;
    }

    std::string path;
    std::chrono::milliseconds length{};
    Wire ready;
    SharedCounts<kWriters> commits;
    SharedCounts<kWriters> max_wait_us;
};

Result run(std::chrono::milliseconds length) {
    const TempDir dir;
    Contest contest;
    contest.path = dir / "ledger.db";
    contest.length = length;
    open_store(parse_address(contest.path), OpenMode::create);
    std::vector<Child> writers;
    for (std::size_t i = 0; i < kWriters; ++i)
        writers.emplace_back([&, i] { return contest.write(i); });
    for (std::size_t i = 0; i < kWriters; ++i)
        contest.ready.send();
    Result result;
    result.slowest = std::numeric_limits<std::int64_t>::max();
    for (std::size_t i = 0; i < kWriters; ++i) {
        if (writers[i].wait().code != 0) return {};
        result.slowest = std::min<std::int64_t>(result.slowest, contest.commits[i]);
        result.fastest = std::max<std::int64_t>(result.fastest, contest.commits[i]);
        result.max_wait_us = std::max<std::int64_t>(result.max_wait_us, contest.max_wait_us[i]);
    }
    return result;
}

}  // namespace

int main(int argc, char** argv) {
    const std::chrono::milliseconds length{
        static_cast<std::int64_t>(1000 * (argc > 1 ? std::strtod(argv[1], nullptr) : 5.0))};
    const double min_ratio = argc > 2 ? std::strtod(argv[2], nullptr) : 0.0;
    double best = 0.0;
    for (int i = 0; i < (argc > 2 ? kRuns : 1) && (i == 0 || best < min_ratio); ++i) {
        const Result result = run(length);
        best = std::max(best, result.ratio());
        fmt::print(
            "{} writers, {} ms: slowest {} commits, fastest {}, ratio {:.2f}, longest wait {} ms\n",
            kWriters, length.count(), result.slowest, result.fastest, result.ratio(),
            result.max_wait_us / 1000);
    }
    return best >= min_ratio && best > 0.0 ? 0 : 1;
}

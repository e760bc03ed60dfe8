#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "bench/bench_jobs.h"
#include "bench/program.h"
#include "bench/sample.h"
#include "ledger/address_files.h"
#include "store/open.h"
#include "support/temp_dir.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

// wake_up ROUNDS STAMP WORKER…: measures the time from the commit of a submit to the start of its
// command by an idle worker (WORKER… --ledger FILE), alternately with a direct spawn of the same
// command (floor/stamp.c).

using namespace atlasjob;
using namespace atlasjob::test;
using std::chrono::steady_clock;

namespace {

constexpr int kWarmUps = 5;
/// Longer than a slot takes to finish its job and become idle.
constexpr milliseconds kIdleTime{20};

/// A named pipe into which commands write their start times.
class Stamps {
  public:
    explicit Stamps(std::string path) : path_(std::move(path)) {
        if (mkfifo(path_.c_str(), 0600) != 0) throw std::runtime_error("cannot make " + path_);
        // Also opened for writing, so that a read never sees the end of the file.
        fd_ = open_file(path_, O_RDWR);
    }

    const std::string& path() const { return path_; }

    /// Microseconds from `before` to the start of the next command.
    double us_after(steady_clock::time_point before) const {
        std::int64_t ns = 0;
        if (read(fd_.get(), &ns, sizeof ns) != sizeof ns) throw std::runtime_error("no stamp");
        const steady_clock::time_point began{std::chrono::nanoseconds{ns}};
        return Microseconds{began - before}.count();
    }

  private:
    std::string path_;
    UniqueFd fd_;
};

void await_idle(Store& store, ChangeWatch& changes) {
    const auto active = [&] {
        std::int64_t count = 0;
        for (const Count& each : store.count(Principal{"", true}))
            count += is_terminal(each.status) ? 0 : each.jobs;
        return count;
    };
    while (active() > 0)
        changes.wait(milliseconds{1000});
    while (changes.wait(kIdleTime)) {
    }
}

double wake_us(Store& store, ChangeWatch& changes, const Stamps& stamps, const std::string& stamp) {
    await_idle(store, changes);
    const Time now = SystemClock{}.now();
    NewJob job = bench_job(now);
    job.command->argv = {stamp, stamps.path()};
    job.command->cwd = "/";
    store.submit(job);
    return stamps.us_after(steady_clock::now());
}

double spawn_us(const Stamps& stamps, const std::string& stamp) {
    const auto before = steady_clock::now();
    const pid_t pid = start_program({stamp, stamps.path()});
    const double us = stamps.us_after(before);
    await_success(pid);
    return us;
}

void print(const char* what, const Sample& us) {
    fmt::print("   {:<24} p50 {:5.0f} us  p99 {:5.0f} us\n", what, us.median(), us.quantile(0.99));
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 4) throw std::runtime_error("wake_up ROUNDS STAMP WORKER...");
    const int rounds = parse_integer<int>(argv[1]).value();
    const std::string stamp = argv[2];
    const TempDir dir;
    const Stamps stamps{dir / "stamps"};
    const LedgerAddress location = parse_address(dir / "ledger.db");
    const auto store = open_store(location, OpenMode::create);
    const auto changes = store->watch_changes();
    std::vector<std::string> words{argv + 3, argv + argc};
    words.insert(words.end(), {"--ledger", LedgerFiles::of(location).path});
    const pid_t worker = start_program(std::move(words));
    Sample wakes;
    Sample spawns;
    for (int round = -kWarmUps; round < rounds; ++round) {
        const double wake = wake_us(*store, *changes, stamps, stamp);
        const double spawned = spawn_us(stamps, stamp);
        if (round < 0) continue;
        wakes.add(wake);
        spawns.add(spawned);
    }
    kill(worker, SIGTERM);
    await_success(worker);
    print("submit to start", wakes);
    print("floor, a bare spawn", spawns);
    fmt::print("   ratio {:.2f}\n", median_ratio(wakes, spawns));
    return 0;
} catch (const std::exception& error) {
    fmt::print(stderr, "wake_up: {}\n", error.what());
    return 2;
}

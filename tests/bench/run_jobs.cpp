/// run_jobs PLACE ROUNDS JOBS SLOTS FLOOR WORKER…: runs /bin/true JOBS times, alternately by a
/// worker with SLOTS slots (WORKER… --ledger FILE) and by FLOOR (floor/runner.c). Measures from the
/// start to the end of the last job; prints the times per job and the ratio of the rates.
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "bench/bench_jobs.h"
#include "bench/program.h"
#include "bench/sample.h"
#include "ledger/address_files.h"
#include "store/open.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <stdexcept>

namespace atlasjob::test {

namespace {

using SteadyClock = std::chrono::steady_clock;

std::unique_ptr<Store> fill(const LedgerAddress& location, int jobs) {
    auto store = open_store(location, OpenMode::create);
    const Time now = SystemClock{}.now();
    std::vector<NewJob> batch;
    for (int n = 0; n < jobs; ++n) {
        NewJob job = bench_job(now);
        job.command->argv = {"/bin/true"};
        job.command->cwd = "/";
        job.command->environment = {"PATH=/usr/bin:/bin", "HOME=/", "LANG=C"};
        batch.push_back(std::move(job));
    }
    store->submit_all(batch);
    return store;
}

/// Milliseconds from the start of the worker, including its registration and the start of its
/// slots.
double run_worker(const std::string& file, int jobs, std::vector<std::string> worker) {
    const LedgerAddress location = parse_address(file);
    const auto store = fill(location, jobs);
    worker.insert(worker.end(), {"--ledger", LedgerFiles::of(location).path});
    const auto before = SteadyClock::now();
    await_success(start_program(std::move(worker)));
    const std::chrono::duration<double, std::milli> took = SteadyClock::now() - before;
    for (const Count& count : store->count(Principal{"", true})) {
        if (count.status != Status::done) throw std::runtime_error("not all jobs are done");
    }
    return took.count();
}

double run_floor(const std::string& file, int jobs, int slots, const std::string& floor) {
    const std::string report = file + ".ms";
    const std::string command =
        fmt::format("{} {} {} {} /bin/true > {}", floor, file, jobs, slots, report);
    await_success(start_program({"sh", "-c", command}));
    return std::stod(read_file(report).value());
}

void remove_ledger(const std::filesystem::path& place) {
    std::filesystem::remove_all(place);
    std::filesystem::create_directories(place);
}

int number(const char* text) {
    return parse_integer<int>(text).value();
}

int run(const std::vector<std::string>& words) {
    const std::filesystem::path place = std::filesystem::path{words.at(1)} / "run-jobs";
    const int jobs = number(words.at(3).c_str());
    const int slots = number(words.at(4).c_str());
    const std::vector<std::string> worker{words.begin() + 6, words.end()};
    Sample worker_ms;
    Sample floor_ms;
    for (int round = 0; round < number(words.at(2).c_str()); ++round) {
        remove_ledger(place);
        floor_ms.add(run_floor(place / "floor.db", jobs, slots, words.at(5)));
        remove_ledger(place);
        worker_ms.add(run_worker(place / "worker.db", jobs, worker));
    }
    std::filesystem::remove_all(place);
    fmt::print(
        "   {} jobs, {} slots: worker {:.3f} ms per job, floor {:.3f} ms, rate {:.2f} of the "
        "floor's\n",
        jobs, slots, worker_ms.median() / jobs, floor_ms.median() / jobs,
        median_ratio(floor_ms, worker_ms));
    return 0;
}

}  // namespace

}  // namespace atlasjob::test

int main(int count, char** words) {
    return atlasjob::test::run({words, words + count});
}

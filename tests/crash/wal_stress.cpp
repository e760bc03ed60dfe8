#include "base/text.h"
#include "store/open.h"
#include "store/sqlite/connection/connection.h"
#include "support/child.h"
#include "support/fake_clock.h"
#include "support/ledger_audit.h"
#include "support/shared_counts.h"
#include "support/temp_dir.h"

#include <sqlite3.h>

#include <fmt/format.h>
#include <sched.h>

#include <cstdlib>
#include <vector>

// wal_stress SECONDS: two processes write through the store and two only run checkpoints under the
// writer lock. Exits with 0 if no acknowledged job is lost and the file is healthy. Without the
// lock about half of all runs lose rows or damage the file within 15 s.

using namespace atlasjob;
using namespace atlasjob::test;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t kWriters = 2;
constexpr std::size_t kCheckpointers = 2;

struct Stress {
    int write(std::size_t number) {
        FakeClock clock;
        const auto store = open_store(parse_address(path), OpenMode::create);
        while (steady_clock::now() < end) {
            NewJob job{JobId::make(clock.now())};
            job.owner = "writer-" + std::to_string(number);
            store->submit(job);
            ++acknowledged[number];
        }
        return 0;
    }

    int checkpoint(std::size_t number) {
        const auto connection = sqlite::open_ledger(
            path, sqlite::Connection::Mode::create, sqlite::all_migrations(), FakeClock{}.now());
        while (steady_clock::now() < end) {
            {
                const auto hold = connection->writer_lock().enter();
                const int result = sqlite3_wal_checkpoint_v2(
                    connection->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
                if (result != SQLITE_OK) return 1;
            }
            ++checkpoints[number];
            ::sched_yield();  // give the writers a chance
        }
        return 0;
    }

    std::string path;
    steady_clock::time_point end;
    SharedCounts<kWriters> acknowledged;
    SharedCounts<kCheckpointers> checkpoints;
};

bool run(Stress& stress) {
    open_store(parse_address(stress.path), OpenMode::create);
    std::vector<Child> children;
    for (std::size_t i = 0; i < kWriters; ++i)
        children.emplace_back([&, i] { return stress.write(i); });
    for (std::size_t i = 0; i < kCheckpointers; ++i)
        children.emplace_back([&, i] { return stress.checkpoint(i); });
    bool fine = true;
    for (Child& child : children)
        fine = child.wait().code == 0 && fine;
    return fine;
}

}  // namespace

int main(int argc, char** argv) {
    const int seconds = argc > 1 ? parse_integer<int>(argv[1]).value() : 5;
    const TempDir dir;
    Stress stress;
    stress.path = dir / "ledger.db";
    stress.end = steady_clock::now() + std::chrono::seconds{seconds};
    const bool fine = run(stress);
    const auto found =
        open_store(parse_address(stress.path), OpenMode::read)->list({}, {"root", true}).total;
    const auto wrong = contradictions(stress.path);
    fmt::print(
        "SQLite {}: {} commits acknowledged, {} found, {} checkpoints, {} contradictions\n",
        sqlite3_libversion(), stress.acknowledged.sum(), found, stress.checkpoints.sum(),
        wrong.size());
    for (const std::string& sentence : wrong)
        fmt::print("  {}\n", sentence);
    const bool busy = stress.acknowledged.sum() > 0 && stress.checkpoints.sum() > 0;
    return fine && busy && found == stress.acknowledged.sum() && wrong.empty() ? 0 : 1;
}

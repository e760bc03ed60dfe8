#include "cli/terminal/progress_bar.h"

#include "cli/context.h"
#include "cli/options/config_file.h"
#include "support/child.h"
#include "support/fake_clock.h"
#include "support/job_factory.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>

using namespace atlasjob;
using namespace atlasjob::cli;
using namespace atlasjob::test;
namespace fs = std::filesystem;

namespace {

struct ProgressBarCase {
    Context context() const { return {options, line, config, clock}; }
    std::unique_ptr<Store> open() const {
        return open_store(parse_address(ledger), OpenMode::create, clock);
    }
    std::int64_t jobs() const { return open()->list({}, kAdmin).total; }

    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator{dir.path()})
            names.push_back(entry.path().filename());
        std::ranges::sort(names);
        return names;
    }

    TempDir dir;
    std::string ledger = dir / "ledger.db";
    GlobalOptions options;
    CommandLine line;
    ConfigFile config;
    FakeClock clock;
};

std::vector<JobRecord> records_of_a_ledger(FakeClock& clock) {
    const TempDir dir;
    const auto store = open_store(parse_address(dir / "other.db"), OpenMode::create, clock);
    JobFactory jobs{*store, clock};
    for (int i = 0; i < 3; ++i)
        jobs.queued();
    std::vector<JobRecord> records;
    store->export_jobs({}, kAdmin, [&](const JobRecord& record) {
        records.push_back(record);
        return true;
    });
    return records;
}

}  // namespace

TEST_CASE_METHOD(
    ProgressBarCase, "Ctrl-C during a backup leaves no file and then exits by SIGINT") {
    const std::string copy = dir / "copy.db";
    JobFactory{*open(), clock}.queued();
    const auto before = names();
    Child child{[&] {
        ProgressBar bar{context(), "copying", ProgressBar::Stop::undoing};
        open()->back_up({copy, false}, [&](std::int64_t done, std::int64_t total) {
            static_cast<void>(std::raise(SIGINT));  // Deferred until the copy is undone.
            bar.at(done, total);
        });
        return 0;
    }};
    CHECK(child.wait().signal == SIGINT);
    CHECK(names() == before);
}

TEST_CASE_METHOD(ProgressBarCase, "Ctrl-C during an import leaves none of its jobs") {
    const std::vector<JobRecord> records = records_of_a_ledger(clock);
    REQUIRE(records.size() == 3);
    open();
    const auto before = names();
    Child child{[&] {
        ProgressBar bar{context(), "importing", ProgressBar::Stop::undoing};
        std::size_t next = 0;
        static_cast<void>(open()->import_jobs(
            {[&]() -> std::optional<JobRecord> {
                 if (next == records.size()) return {};
                 if (next == 2) static_cast<void>(std::raise(SIGINT));
                 bar.at(static_cast<std::int64_t>(next), 3);
                 return records[next++];
             },
             3}));
        return 0;
    }};
    CHECK(child.wait().signal == SIGINT);
    CHECK(jobs() == 0);
    CHECK(names() == before);
}

TEST_CASE_METHOD(ProgressBarCase, "Ctrl-C exits at once when there is nothing to undo") {
    Child child{[&] {
        const ProgressBar bar{context(), "checking", ProgressBar::Stop::at_once};
        static_cast<void>(std::raise(SIGINT));
        return 0;
    }};
    CHECK(child.wait().signal == SIGINT);
}

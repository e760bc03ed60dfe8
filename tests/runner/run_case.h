#pragma once

#include "base/file.h"
#include "logs/log_files.h"
#include "logs/log_reader.h"
#include "runner/attempt/supervisor.h"
#include "store/open.h"
#include "support/catch_string_makers.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <functional>
#include <thread>

namespace atlasjob::test {

/// A ledger in a fresh directory and one job in it whose command is a shell script, run by the real
/// supervisor in this thread. The script finds the directory in $DIR, and pipes in it: it writes a
/// line to "up" when it is ready, may read a line from "go", and waits for a signal by
/// "read -r line <> $DIR/never": without a child that could miss the signal.
class RunCase {
  public:
    explicit RunCase(const std::string& script);

    CommandSpec command;
    std::optional<milliseconds> timeout;
    int max_attempts = 1;
    SuperviseOptions options;
    /// Done by another thread once the script has written its line to "up"; with a Store and the
    /// script's line.
    std::function<void(Store&, const std::string& line)> meanwhile;

    /// Submits the job as born running and supervises its attempt.
    SuperviseResult run();
    SuperviseResult run(Store& store);

    const JobId& id() const { return id_; }
    const TempDir& dir() const { return dir_; }
    FakeClock& clock() { return clock_; }
    Store& store() { return *store_; }
    std::unique_ptr<Store> another_store() const;
    /// Writes the line to "go"; waits until somebody reads there.
    void go() const;
    /// The job as the ledger has it.
    Job job();
    /// What a stream's log holds, put together.
    std::string logged(Stream stream) const;
    /// The content of a file of the directory.
    std::string file(const std::string& name) const;

  private:
    TempDir dir_;
    LedgerLocation location_;
    FakeClock clock_;
    std::unique_ptr<Store> store_;
    JobId id_;
};

/// The heartbeats and looks of a supervisor that need not be spared, and graces that a test which
/// depends on them running out would notice.
Timings test_pace();

/// Asks to cancel the job of `run`.
void cancel(RunCase& run, Store& store, std::optional<milliseconds> grace = {});

}  // namespace atlasjob::test

#pragma once

#include "base/file.h"
#include "ledger/log_store.h"
#include "runner/attempt/supervisor.h"
#include "store/open.h"
#include "support/catch_string_makers.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <functional>
#include <thread>

namespace atlasjob::test {

/// A ledger in a new directory with one job whose command is a shell script, run by the real
/// supervisor in this thread. The script finds the directory in $DIR and named pipes in it: it
/// writes a line to "up" when it is ready, may read a line from "go", and waits for a signal with
/// "read -r line <> $DIR/never", which needs no child process that could miss the signal.
class RunCase {
  public:
    explicit RunCase(const std::string& script);

    CommandSpec command;
    std::optional<milliseconds> timeout;
    int max_attempts = 1;
    SuperviseOptions options;
    /// Called in another thread once the script has written its line to "up", with that thread's
    /// own Store and the line.
    std::function<void(Store&, const std::string& line)> meanwhile;

    /// Submits the job as already running and supervises its attempt.
    SuperviseResult run();
    SuperviseResult run(Store& store);

    const JobId& id() const { return id_; }
    const TempDir& dir() const { return dir_; }
    FakeClock& clock() { return clock_; }
    Store& store() { return *store_; }
    LogStore& logs() const { return *logs_; }
    /// Uses another directory for the output.
    void put_logs_beside(const std::string& ledger);
    std::unique_ptr<Store> another_store() const;
    /// Writes a line to "go"; waits until the script reads it.
    void go() const;
    Job job();
    /// The logged output of a stream, with partial lines joined.
    std::string logged(Stream stream) const;
    /// The content of a file in the directory, or "(none)".
    std::string file(const std::string& name) const;

  private:
    TempDir dir_;
    LedgerAddress location_;
    FakeClock clock_;
    std::unique_ptr<Store> store_;
    std::unique_ptr<LogStore> logs_;
    JobId id_;
};

/// Frequent heartbeats and polls, and graces so long that a test cannot depend on their expiry
/// unnoticed.
Timings test_timings();

/// Requests a cancel of the job of `run`.
void cancel(RunCase& run, Store& store, std::optional<milliseconds> grace = {});

}  // namespace atlasjob::test

#pragma once

#include "base/file.h"
#include "ledger/address_files.h"
#include "logs/log_files.h"
#include "logs/open.h"
#include "process/commands.h"
#include "process/descendants.h"
#include "process/identity.h"
#include "runner/maintenance/gc.h"
#include "store/open.h"
#include "support/job_factory.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <csignal>

namespace atlasjob {

/// A child process of the test that can be identified and killed.
class TestProcess {
  public:
    explicit TestProcess(const std::string& script, std::vector<std::string> environment = {}) {
        SpawnRequest request = test::request_for({"sh", "-c", script}, out_.write_end.get());
        for (std::string& entry : environment)
            request.environment.push_back(std::move(entry));
        process_ = test::require_spawned(request);
        out_.write_end.reset();
        CHECK(test::read_until(out_.read_end.get(), '\n') == "up\n");
        identity_ = identify(process_.pid).value();
    }
    TestProcess(const TestProcess&) = delete;
    TestProcess& operator=(const TestProcess&) = delete;
    ~TestProcess() {
        send_signal(process_, SIGKILL);
        await_end({&process_, 1}, test::kTimeoutMs);
        reap(process_.pid);
    }
    void end() {
        send_signal(process_, SIGKILL);
        REQUIRE(await_end({&process_, 1}, test::kTimeoutMs));
    }
    bool alive() const { return !ended(process_); }
    std::optional<ExitStatus> status() const { return ended(process_); }
    const ProcessIdentity& identity() const { return identity_; }
    pid_t pid() const { return process_.pid; }

  private:
    Pipe out_ = make_pipe();
    ProcessHandle process_;
    ProcessIdentity identity_;
};

inline constexpr const char* kSleeper = "echo up; exec sleep 1000";

/// A ledger, a clock, and jobs with supervisors chosen by the test.
struct GcCase {
    test::TempDir dir;
    LedgerAddress location = parse_address(dir / "ledger.db");
    test::FakeClock clock;
    std::unique_ptr<Store> store = open_store(location, OpenMode::create, clock);
    test::JobFactory jobs{*store, clock};
    std::unique_ptr<LogStore> logs = open_logs(location, clock);
    GcOptions options{location, "gc", {}, false, {}};

    GcReport gc() { return collect_garbage(*store, *logs, options); }
    /// A running job supervised by `supervisor`.
    AttemptKey running_under(const ProcessIdentity& supervisor, int max_attempts = 1) {
        NewJob job = jobs.command_spec();
        job.max_attempts = max_attempts;
        job.start_as = AttemptOwner{supervisor, kLease};
        const Submitted submitted = store->submit(job);
        return {submitted.job_id, 1, submitted.fence};
    }
    void write_log(const JobId& id) {
        logs->open_writer({id, 1, 1 << 20})->write(Stream::standard_output, "x\n");
    }
    /// Sets the modification time of the job's log.
    void set_log_time(const JobId& id, Time time) {
        const timespec at{to_ms(time) / 1000, 0};
        const std::array both{at, at};
        const std::string path = log_path(LedgerFiles::of(location).logs_root, id, 1);
        REQUIRE(utimensat(AT_FDCWD, path.c_str(), both.data(), 0) == 0);
    }
    bool has_log(const JobId& id) { return logs->extent(id).bytes > 0; }
};

}  // namespace atlasjob

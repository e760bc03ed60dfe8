#pragma once

#include "process/process_handle.h"
#include "runner/attempt/supervisor.h"
#include "store/open.h"
#include "support/catch_string_makers.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <functional>

namespace atlasjob::test {

/// A worker_program process. Killed and reaped by the destructor.
class WorkerProgram {
  public:
    explicit WorkerProgram(ProcessHandle process) : process_(std::move(process)) {}
    WorkerProgram(WorkerProgram&&) = default;
    WorkerProgram(const WorkerProgram&) = delete;
    WorkerProgram& operator=(const WorkerProgram&) = delete;
    ~WorkerProgram();

    pid_t pid() const { return process_.pid; }
    void signal(int signo) const;
    /// Waits for the exit and reaps the process.
    ExitStatus wait();

  private:
    ProcessHandle process_;
    bool reaped_ = false;
};

/// A ledger in a new directory with workers that are real processes. The script of a job finds the
/// directory in $DIR and named pipes in it: it may write to "up" and read from "go". The destructor
/// kills all remaining workers and their jobs.
class WorkerCase {
  public:
    WorkerCase();
    ~WorkerCase();

    /// worker_program worker --ledger … `flags`
    WorkerProgram start_worker(const std::vector<std::string>& flags = {}) {
        return start("worker", flags);
    }
    /// worker_program `role` --ledger … `flags`
    WorkerProgram start(const std::string& role, const std::vector<std::string>& flags);

    /// A job of alice that runs a shell script.
    NewJob script(const std::string& text) const;
    JobId submit(const NewJob& job);
    JobId submit(const std::string& text) { return submit(script(text)); }

    Job job(const JobId& id);
    /// Waits until `done` returns true; calls it after every change of the ledger and at least
    /// every 100 ms. Fails the test after kTimeoutMs.
    void await(const std::function<bool()>& done);
    Job await_end(const JobId& id);
    Job await_running(const JobId& id);
    /// The events of a job, such as "claim queued -> running".
    std::vector<std::string> history(const JobId& id);

    /// Waits for a line that a script writes to "up".
    std::string await_up() const;
    /// Writes a line to `pipe`, so that a script reading from it continues.
    void go(const std::string& pipe = "go") const;
    /// Creates another named pipe.
    void make_pipe_file(const std::string& name) const;
    std::string file(const std::string& name) const;

    Store& store() { return *store_; }
    const TempDir& dir() const { return dir_; }
    const LedgerAddress& location() const { return location_; }
    Time now() const { return SystemClock{}.now(); }
    /// The slot processes of this ledger.
    std::vector<pid_t> slots() const;

  private:
    TempDir dir_;
    LedgerAddress location_;
    std::unique_ptr<Store> store_;
    std::unique_ptr<ChangeWatch> changes_;
};

/// Marks the attempt suspect and reaps it, as a reaper whose clock is minutes ahead does.
void reap_later(const LedgerAddress& location, const AttemptKey& attempt);

/// Whether a process exists and is not a zombie.
bool is_alive(pid_t pid);
/// Waits until a process has exited that is not a child of the test.
void await_gone(pid_t pid);

}  // namespace atlasjob::test

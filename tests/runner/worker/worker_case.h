#pragma once

#include "process/process_handle.h"
#include "runner/attempt/supervisor.h"
#include "store/open.h"
#include "support/catch_string_makers.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <functional>

namespace atlasjob::test {

/// A process of worker_program. Killed and reaped when it goes out of scope.
class WorkerProgram {
  public:
    explicit WorkerProgram(ProcessHandle process) : process_(std::move(process)) {}
    WorkerProgram(WorkerProgram&&) = default;
    WorkerProgram(const WorkerProgram&) = delete;
    WorkerProgram& operator=(const WorkerProgram&) = delete;
    ~WorkerProgram();

    pid_t pid() const { return process_.pid; }
    void signal(int signo) const;
    /// Awaits its end and reaps it.
    ExitStatus wait();

  private:
    ProcessHandle process_;
    bool reaped_ = false;
};

/// A ledger in a fresh directory, and workers of it that are real processes. A job's script finds
/// the directory in $DIR, and pipes in it: it may say something in "up" and read from "go". What is
/// left of the workers and their jobs at the end is killed.
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
    /// Sleeps until `done` says so, looking after every change of the ledger. Fails the test after
    /// half a minute.
    void await(const std::function<bool()>& done);
    Job await_end(const JobId& id);
    Job await_running(const JobId& id);
    /// "claim queued -> running" and so on, without reports.
    std::vector<std::string> history(const JobId& id);

    /// A line that a script said in "up".
    std::string await_up() const;
    /// Lets one script go on that reads from "go".
    void go(const std::string& pipe = "go") const;
    /// One more of the pipes.
    void make_pipe_file(const std::string& name) const;
    std::string file(const std::string& name) const;

    Store& store() { return *store_; }
    const TempDir& dir() const { return dir_; }
    const LedgerLocation& location() const { return location_; }
    Time now() const { return SystemClock{}.now(); }
    /// The slots there are: processes that work for this ledger.
    std::vector<pid_t> slots() const;

  private:
    TempDir dir_;
    LedgerLocation location_;
    std::unique_ptr<Store> store_;
    std::unique_ptr<ChangeWatch> changes_;
};

/// Whether a process is there and not a zombie.
bool is_alive(pid_t pid);
/// Sleeps until a process that is not our child has ended.
void await_gone(pid_t pid);

}  // namespace atlasjob::test

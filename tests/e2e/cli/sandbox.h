#pragma once

#include "base/file.h"
#include "support/temp_dir.h"

#include <nlohmann/json_fwd.hpp>

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace atlasjob::test {

/// The exit status and output of a program.
struct Ran {
    int exit_status = -1;  ///< As a shell reports it: 128+n for signal n.
    std::string out;
    std::string err;

    /// `out` as JSON; throws if it is not JSON.
    nlohmann::json json() const;
    nlohmann::json error_json() const;
    /// `out` without its final newline.
    std::string line() const;
};

/// A running program. The destructor kills it unless wait() was called.
class Running {
  public:
    Running(pid_t pid, UniqueFd input, UniqueFd out, UniqueFd err)
        : pid_(pid), input_(std::move(input)), out_(std::move(out)), err_(std::move(err)) {}
    Running(Running&& other) noexcept;
    Running& operator=(Running&&) = delete;
    ~Running();

    pid_t pid() const { return pid_; }
    void write(std::string_view text) const { static_cast<void>(write_all(input_.get(), text)); }
    void close_input() { input_.reset(); }
    /// Waits until `text` appears on stdout; returns false if stdout ends first.
    bool wait_for(const std::string& text);
    /// The same for stderr.
    bool wait_for_error(const std::string& text);
    /// Its stderr so far.
    const std::string& errors() const { return ran_.err; }
    /// Waits for the first line on stdout and returns it without its newline; throws if stdout ends
    /// first.
    std::string first_line();
    void signal(int number) const;
    /// Kills it and returns once it is dead; its children may survive and keep its pipes open.
    void kill_now() const;
    /// Reads the remaining output and waits for it to exit.
    Ran wait();

  private:
    bool read_more();

    pid_t pid_;
    UniqueFd input_;
    UniqueFd out_;
    UniqueFd err_;
    Ran ran_;
};

/// A temporary home in which the real program runs. It inherits nothing of the tester's environment
/// but the sanitizers' options, and starts no on-demand worker unless environment() enables it.
class Sandbox {
  public:
    Sandbox();

    /// The environment of programs started here; may be changed.
    std::map<std::string, std::string>& environment() { return environment_; }
    const std::map<std::string, std::string>& environment() const { return environment_; }
    const TempDir& dir() const { return dir_; }
    std::string ledger() const { return dir_ / "ledger.db"; }
    /// Whether the home directory is empty.
    bool untouched() const;

    /// Runs `atlasjob` with these arguments.
    Ran run(const std::vector<std::string>& args, const std::string& input = {}) const;
    Running start(const std::vector<std::string>& args) const;
    /// Starts any program by its path or through PATH.
    Running start_program(const std::vector<std::string>& argv) const;
    /// Runs any program to its end.
    Ran exec(const std::vector<std::string>& argv, const std::string& input = {}) const;
    /// Runs a shell script in which $atlasjob is the program.
    Ran shell(const std::string& script) const;

    /// Creates an empty ledger.
    void make_ledger() const;
    /// Creates a job for an external executor; returns its job_id.
    std::string create(const std::vector<std::string>& options = {}) const;
    nlohmann::json status(const std::string& job) const;
    /// Submits a shell script; returns its job_id.
    std::string submit(
        const std::string& script, const std::vector<std::string>& options = {}) const;
    /// Runs all jobs that are due, two at a time.
    void drain() const;
    /// Returns once `done` returns true; calls it every few milliseconds. Throws after kTimeoutMs.
    static void await(const std::function<bool()>& done);
    /// Sends SIGTERM to every live worker and returns once they have exited.
    void stop_workers() const;

  private:
    TempDir dir_;
    std::map<std::string, std::string> environment_;
};

}  // namespace atlasjob::test

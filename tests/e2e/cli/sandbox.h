#pragma once

#include "base/file.h"
#include "support/temp_dir.h"

#include <nlohmann/json_fwd.hpp>

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace atlasjob::test {

/// How a program ended and what it said.
struct Ran {
    int exit_status = -1;  ///< As a shell tells it: 128+n for signal n.
    std::string out;
    std::string err;

    /// `out` as JSON; throws when it is none.
    nlohmann::json json() const;
    nlohmann::json error_json() const;
    /// `out` without its line end.
    std::string line() const;
};

/// A program that has been started. Killed when it is not waited for.
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
    /// Waits until `text` stands in what it has said on stdout; false when stdout ends
    /// before.
    bool wait_for(const std::string& text);
    /// The same for stderr.
    bool wait_for_error(const std::string& text);
    /// What it has said on stderr so far.
    const std::string& errors() const { return ran_.err; }
    /// Waits for the first line on stdout and returns it without its end; throws when there
    /// is none.
    std::string first_line();
    void signal(int number) const;
    /// Kills it and returns once it is dead; what it started may live on and keep its pipes open.
    void kill_now() const;
    /// Reads what is left and waits for its end.
    Ran wait();

  private:
    bool read_more();

    pid_t pid_;
    UniqueFd input_;
    UniqueFd out_;
    UniqueFd err_;
    Ran ran_;
};

/// A home of its own in which the real program runs: nothing of the tester's environment is there,
/// and no worker is started on demand unless the environment here says so.
class Sandbox {
  public:
    Sandbox();

    /// Environment of what is run here; may be changed.
    std::map<std::string, std::string>& environment() { return environment_; }
    const std::map<std::string, std::string>& environment() const { return environment_; }
    const TempDir& dir() const { return dir_; }
    std::string ledger() const { return dir_ / "ledger.db"; }
    /// Whether anything at all is in the home.
    bool untouched() const;

    /// Runs `atlasjob` with those words.
    Ran run(const std::vector<std::string>& words, const std::string& input = {}) const;
    Running start(const std::vector<std::string>& words) const;
    /// Starts any program by its path or through PATH.
    Running start_program(const std::vector<std::string>& argv) const;
    /// Runs one to its end.
    Ran exec(const std::vector<std::string>& argv, const std::string& input = {}) const;
    /// Runs a shell script in which $atlasjob is the program.
    Ran shell(const std::string& script) const;

    /// Makes a ledger with nothing in it.
    void make_ledger() const;
    /// Records a job for somebody else to execute; returns its job_id.
    std::string create(const std::vector<std::string>& options = {}) const;
    nlohmann::json status(const std::string& job) const;
    /// Submits a shell script for the background; returns its job_id.
    std::string submit(
        const std::string& script, const std::vector<std::string>& options = {}) const;
    /// Runs all that is due, two at a time.
    void drain() const;
    /// Tells every worker that lives to leave and returns once they have.
    void end_workers() const;

  private:
    TempDir dir_;
    std::map<std::string, std::string> environment_;
};

}  // namespace atlasjob::test

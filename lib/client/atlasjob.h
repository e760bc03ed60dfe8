/// libatlasjob: records a program's own work as jobs in an atlasjob ledger, where people see it
/// with `atlasjob status`. Compiles with this header and the C++17 standard library alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace atlasjob::client {

/// Thrown by every function below. what() reads "what happened: why; what to do".
class Failure : public std::runtime_error {
  public:
    enum class Kind {
        invalid_argument,  ///< The call is wrong; repeating it fails again.
        refused,           ///< The job's state does not allow it.
        unavailable,       ///< The ledger cannot be used now: locked, full, unreadable.
        outcome_unknown,   ///< A commit failed, but may still be durable.
        not_a_ledger,      ///< Another kind of file, damaged, or a ledger of a newer version.
        internal,          ///< A bug in the library.
    };

    Failure(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}

    Kind kind() const noexcept { return kind_; }

  private:
    Kind kind_;
};

struct LedgerOptions {
    /// Path of the ledger, which is created if it does not exist. Empty: ATLASJOB_LEDGER, else
    /// ~/.local/state/atlasjob/ledger.db. atlasjob's config file is not read.
    std::string path;
    /// Owner of the jobs. Empty: ATLASJOB_PRINCIPAL, else the name of the OS account, looked up
    /// once; Failure (unavailable) if the lookup fails.
    std::string principal;
};

struct JobOptions {
    std::string kind;    ///< The sort of work; at most 64 characters.
    std::string name;    ///< For people; may be empty.
    std::string target;  ///< JSON: what the work is about; may be empty.
    std::vector<std::pair<std::string, std::string>> labels;  ///< Key and value, for filters.
    /// While a job of this principal with this key is queued or running, begin() is refused.
    std::string key;
    /// How long this process may be silent before the job counts as lost. nullopt: silence is
    /// accepted, and the job is lost only when this process dies.
    std::optional<std::chrono::milliseconds> lease;
    /// How long the job is kept after it has ended; nullopt: the default.
    std::optional<std::chrono::milliseconds> retention;
};

/// A progress report. Members that are nullopt remain unchanged.
struct Progress {
    std::optional<double> fraction;  ///< 0.0-1.0
    std::optional<std::string> phase;
    std::optional<std::string> message;
    std::optional<std::int64_t> current;
    std::optional<std::int64_t> total;
};

/// What the ledger replies to a call that writes to the job.
enum class Reply {
    ok,                ///< Continue; or the job has ended as the call said.
    cancel_requested,  ///< Stop, and end with cancelled().
    lost,  ///< The job was reaped or ended elsewhere: stop; further calls have no effect.
};

class Ledger;

/// A running job whose executor is this process. Ends exactly once. If destroyed before it has
/// ended, it ends in error with error code `abandoned`. Movable. Not thread-safe: a Ledger and all
/// its jobs must be used by one thread at a time.
class RunningJob {
  public:
    RunningJob(RunningJob&&) noexcept;
    RunningJob& operator=(RunningJob&&) noexcept;
    ~RunningJob();

    /// For programs: 36 characters, never reused.
    [[nodiscard]] const std::string& id() const;
    /// For people: `atlasjob status 42`.
    [[nodiscard]] std::int64_t number() const;

    /// Renews the lease. Throws Failure.
    Reply heartbeat();
    /// Reports progress and renews the lease. May be called at any rate: writes at most five times
    /// a second, and values not yet written are written by a later call or when the job ends. Once
    /// written, they survive a crash of this process. A call that writes nothing returns the
    /// previous reply. Throws Failure.
    Reply progress(const Progress& progress);

    /// Ends the job. Durable on return, unless it returns lost. `result` is JSON or empty. Throws
    /// Failure, after which it may be called again.
    Reply done(const std::string& result = {});
    /// `error` is one sentence for people, `code` a word for programs, which may be empty.
    Reply failed(const std::string& error, const std::string& code = {});
    Reply cancelled(const std::string& why = {});

  private:
    friend class Ledger;
    struct State;
    explicit RunningJob(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

/// An open ledger. Any number of processes and threads may each open the same ledger; one object
/// must be used by one thread at a time, and never in a forked child.
class Ledger {
  public:
    /// Throws Failure.
    explicit Ledger(const LedgerOptions& options = {});
    Ledger(Ledger&&) noexcept;
    Ledger& operator=(Ledger&&) noexcept;
    ~Ledger();

    /// Creates a running job whose executor is this process. Durable on return. The job may outlive
    /// this object. Throws Failure.
    [[nodiscard]] RunningJob begin(const JobOptions& options);

  private:
    friend class RunningJob;
    struct State;

    std::shared_ptr<State> state_;
};

}  // namespace atlasjob::client

/// libatlasjob: puts a program's own work in an atlasjob ledger, where people read it with
/// `atlasjob status`. Needs nothing but this header and the C++17 standard library to
/// compile.
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

/// Something the ledger would not or could not do. what() reads "what happened: why; what to do".
class Failure : public std::runtime_error {
  public:
    enum class Kind {
        invalid_argument,  ///< The call itself is wrong; it will fail again.
        refused,           ///< The job's state does not allow it.
        unavailable,       ///< The ledger cannot be used now: locked, full, unreadable.
        outcome_unknown,   ///< A commit failed and may be durable all the same.
        not_a_ledger,      ///< Some other file, a damaged one, or a newer ledger.
        internal,          ///< A bug of the library.
    };

    Failure(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}

    Kind kind() const noexcept { return kind_; }

  private:
    Kind kind_;
};

struct LedgerOptions {
    /// Path of the ledger; created when there is none. Empty: ATLASJOB_LEDGER, else
    /// ~/.local/state/atlasjob/ledger.db. The program's config file is not read.
    std::string path;
    /// Whose jobs they are. Empty: ATLASJOB_PRINCIPAL, else the OS account, which is looked up
    /// once; Failure (unavailable) while its name cannot be found out.
    std::string principal;
};

struct JobOptions {
    std::string kind;    ///< What sort of work; at most 64 characters.
    std::string name;    ///< What people call it; may be empty.
    std::string target;  ///< JSON: what the work is about; may be empty.
    std::vector<std::pair<std::string, std::string>> labels;  ///< To find it by.
    /// While a job of this principal with this key is queued or running, begin() is refused.
    std::string key;
    /// How long this process may be silent before the job is taken for lost. Without one its
    /// silence is always believed, and the job is lost only once this process has died.
    std::optional<std::chrono::milliseconds> lease;
    /// How long the job is kept once it has ended, instead of the default.
    std::optional<std::chrono::milliseconds> retention;
};

/// How far the work is. What is not given stays as it was.
struct Progress {
    std::optional<double> fraction;  ///< 0.0-1.0
    std::optional<std::string> phase;
    std::optional<std::string> message;
    std::optional<std::int64_t> current;
    std::optional<std::int64_t> total;
};

/// What the ledger answers to a sign of life.
enum class Answer {
    go_on,
    stop_requested,  ///< Somebody asked to cancel: stop, and end with cancelled().
    lost,            ///< The job is not ours any more: stop; nothing we write counts.
};

class Ledger;

/// A running job whose executor is this process. Ends exactly once; one that is destroyed before it
/// was ended is recorded as an error, "its program left it without an end", code `abandoned`.
/// Movable. Belongs to one thread at a time, together with its Ledger and that Ledger's other jobs.
class RunningJob {
  public:
    RunningJob(RunningJob&&) noexcept;
    RunningJob& operator=(RunningJob&&) noexcept;
    ~RunningJob();

    /// For programs: 36 characters, never reused.
    const std::string& id() const;
    /// For people: `atlasjob status 42`.
    std::int64_t number() const;

    /// Says that the work goes on, and renews the lease. Throws Failure.
    Answer heartbeat();
    /// Records how far the work is, and renews the lease. May be called as often as one likes: at
    /// most five writes a second are made, and the newest values are never held back beyond the
    /// next call after that or the end. Survives a crash of this process once written.
    /// A call that writes nothing repeats the last answer. Throws Failure.
    Answer progress(const Progress& progress);

    /// Ends the job. Durable when it returns, unless it answers lost. `result` is JSON; may be
    /// empty. Throws Failure; unless its kind is invalid_argument, the job may be ended again.
    Answer done(const std::string& result = {});
    /// `error` is one sentence for people, `code` a word for programs; it may be empty.
    Answer failed(const std::string& error, const std::string& code = {});
    Answer cancelled(const std::string& why = {});

  private:
    friend class Ledger;
    struct State;
    explicit RunningJob(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

/// An open ledger. Many processes and threads may each have their own; one object belongs to one
/// thread at a time. Must not be used in a forked child.
class Ledger {
  public:
    /// Throws Failure.
    explicit Ledger(const LedgerOptions& options = {});
    Ledger(Ledger&&) noexcept;
    Ledger& operator=(Ledger&&) noexcept;
    ~Ledger();

    /// Records a job that this process executes from now on. Durable when it returns.
    /// The job may outlive this object. Throws Failure.
    RunningJob begin(const JobOptions& options);

  private:
    friend class RunningJob;
    struct State;

    std::shared_ptr<State> state_;
};

}  // namespace atlasjob::client

#pragma once

#include "ledger/store.h"
#include "store/sqlite/connection/query.h"

namespace atlasjob::sqlite {

inline constexpr std::array kTerminalStatuses = {Status::done, Status::error, Status::cancelled};

/// The columns of `jobs` that read_job expects, in its order.
extern const char* const kJobColumns;

/// The job of the query's current row, its columns from `first` on. What hangs on it comes with
/// load_details.
Job read_job(const Query& query, int first = 0);

/// Adds labels and dependencies.
void load_links(Connection& connection, Job& job);
/// Adds labels, dependencies, command, cwd and worker.
void load_details(Connection& connection, Job& job);

/// Whoever has a job in the ledger.
std::vector<std::string> load_owners(Connection& connection);

/// The spec of a job that has a command.
CommandSpec load_command(Connection& connection, std::int64_t job_seq);

/// Five columns (host, boot_id, pid_namespace, pid, start ticks) from `first` on, or nothing when
/// they are NULL.
std::optional<ProcessIdentity> read_identity(const Query& query, int first);

/// `account_uid`, as it stands in a row: what a row without an account has instead of a uid.
inline constexpr AccountId kNoAccount = -1;
std::optional<AccountId> read_account(const Query& query, int column);

/// Words one after the other, each ended by a NUL byte: holds any bytes a process can be given.
std::string pack_words(const std::vector<std::string>& words);
std::vector<std::string> unpack_words(std::string_view packed);

std::string_view to_string(ResultFrom result_from);

/// What the verbs need to know of a job before they move it.
struct JobState {
    explicit JobState(const JobId& id) : job_id(id) {}

    JobId job_id;
    std::int64_t seq = 0;
    std::string owner;
    Status status = Status::queued;
    std::string verb;
    int attempt = 0;
    int max_attempts = 1;
    std::int64_t fence = 0;
    std::optional<milliseconds> lease;
    std::optional<Time> lease_until;
    std::optional<Time> suspect_at;
    std::optional<Time> run_after;
    Time updated_at;
    std::optional<milliseconds> retention;
    std::optional<milliseconds> backoff;
    std::optional<Time> cancel_requested_at;
    std::optional<std::string> cancel_text;
    std::optional<std::string> key;
    bool has_command = false;
    std::string queue;
    int priority = 0;
    int open_dependencies = 0;
    std::optional<std::int64_t> finished_fence;  ///< Of the latest attempt, if it was finished.
    /// The latest attempt has a supervisor. That of an imported job runs elsewhere.
    bool supervised = false;
    bool announced = false;  ///< And it was about to start the command.
    bool spawned = false;    ///< And its command was started.
    std::optional<std::string> reported_result;
    bool held = false;

    /// The later of `now` and what the row has seen: time in a row never runs backwards.
    Time not_before(Time now) const { return std::max(now, updated_at); }
    /// Whether `key` names the attempt that is running now.
    bool is_held_by(const AttemptKey& attempt_key) const;
};

std::optional<JobState> load_state(Connection& connection, const JobId& id);
/// The same; throws not_found.
JobState require_state(Connection& connection, const JobId& id);
/// Throws refused, with `hint`, unless the job is queued. `done` is what cannot be done to it else:
/// "edited".
void require_queued(const JobState& state, std::string_view done, std::string_view hint);

}  // namespace atlasjob::sqlite

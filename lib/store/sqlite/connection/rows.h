#pragma once

#include "ledger/policy.h"
#include "ledger/store.h"
#include "store/sqlite/connection/query.h"

namespace atlasjob::sqlite {

inline constexpr std::array kTerminalStatuses = {Status::done, Status::error, Status::cancelled};

/// The columns of `jobs` that read_job expects, as a list for SELECT or RETURNING, in the order of
/// the table of fields (ledger/job_fields.h).
extern const char* const kJobColumns;
/// Those of `attempts` that read_usage expects.
extern const char* const kUsageColumns;

/// Throws not_a_ledger: the ledger holds what no program has written. `what` completes "the ledger
/// is damaged: ".
[[noreturn]] void throw_damaged(std::string_view what, std::string_view value);

/// A job_id as it is stored. Throws not_a_ledger.
JobId read_id(std::string_view text);

/// Reads the job in the query's current row, which must have kJobColumns, one after the other.
/// load_details adds what other tables hold.
Job read_job(const Query& query);

/// Reads kUsageColumns; nullopt if all of them are NULL.
std::optional<Usage> read_usage(const Query& query);

/// Adds labels and dependencies.
void load_links(Connection& connection, Job& job);
/// Adds labels, dependencies, command, cwd, worker and usage.
void load_details(Connection& connection, Job& job);

/// Every owner that has a job in the ledger.
std::vector<std::string> load_owners(Connection& connection);

/// The command of a job that has one, or its hook (NewJob::hook).
CommandSpec load_command(Connection& connection, std::int64_t job_seq);

/// Reads the columns host, machine_id, boot_id, pid_namespace, time_namespace, supervisor_pid and
/// supervisor_start; nullopt if supervisor_pid is NULL.
std::optional<ProcessIdentity> read_identity(const Query& query);

/// Reads the columns suspect_at, suspect_clock and suspect_uptime_ms; nullopt if suspect_at is
/// NULL.
std::optional<ClockReading> read_suspect(const Query& query);

/// The value of `account_uid` in a row without an account.
inline constexpr AccountId kNoAccount = -1;
/// The account in a column `account_uid`.
std::optional<AccountId> account_of(AccountId uid);

/// Concatenates arguments, each followed by a NUL byte; holds anything that can be in an argv.
std::string pack_words(const std::vector<std::string>& words);
std::vector<std::string> unpack_words(std::string_view packed);

std::string_view to_string(ResultFrom result_from);

/// The state of a job that verbs check before they change it.
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
    std::optional<ClockReading> suspect;
    std::optional<Time> run_after;
    Time updated_at;
    std::optional<milliseconds> retention;
    Backoff backoff;
    std::optional<Time> cancel_requested_at;
    std::optional<std::string> cancel_text;
    std::optional<std::string> key;
    bool has_command = false;
    std::string queue;
    int priority = 0;
    int open_dependencies = 0;
    std::optional<std::int64_t> finished_fence;  ///< Of the latest attempt, if it was finished.
    bool supervised = false;  ///< The latest attempt has a supervisor here (not an imported one).
    bool announced = false;   ///< The supervisor was about to start the command.
    bool spawned = false;     ///< The command was started.
    std::optional<std::string> reported_result;
    bool held = false;

    /// The later of `now` and `updated_at`: times in a row never go backwards.
    Time not_before(Time now) const { return std::max(now, updated_at); }
    /// Whether `attempt_key` names the attempt that is running now.
    bool is_held_by(const AttemptKey& attempt_key) const;
};

std::optional<JobState> load_state(Connection& connection, const JobId& id);
/// Throws not_found if there is no such job.
JobState require_state(Connection& connection, const JobId& id);
/// Throws refused, with `hint`, unless the job is queued. `participle` completes "only a queued job
/// can be …": "edited".
void require_queued(const JobState& state, std::string_view participle, std::string_view hint);

}  // namespace atlasjob::sqlite

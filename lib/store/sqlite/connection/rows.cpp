#include "store/sqlite/connection/rows.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

namespace atlasjob::sqlite {

const char* const kJobColumns =
    "seq, job_id, kind, name, target, owner, status, reason, progress, phase, "
    "message, current, total, created_at, run_after, started_at, updated_at, "
    "ended_at, expires_at, result, error, error_code, exit_code, signal, queue, "
    "priority, attempt, max_attempts, timeout_ms, retain_ms, cancel_requested_at, "
    "key, lease_until, suspect_at, log_bytes, rev, held, account_uid";

namespace {

constexpr const char* kLabels = "SELECT key, value FROM labels WHERE job_seq = ?1 ORDER BY key";
constexpr const char* kAfter =
    "SELECT after_id FROM dependencies WHERE job_seq = ?1 ORDER BY after_id";
constexpr const char* kOwners = "SELECT DISTINCT owner FROM counters WHERE jobs > 0";
constexpr const char* kCommandOnly = "SELECT argv, cwd FROM job_specs WHERE job_seq = ?1";
constexpr const char* kCommand =
    "SELECT s.argv, s.cwd, s.environment, s.umask, s.result_from, s.log_limit_bytes, "
    "s.keep_strays, j.backoff_ms, s.on_end, s.progress_from, s.stdin "
    "FROM job_specs s JOIN jobs j ON j.seq = s.job_seq WHERE s.job_seq = ?1";
constexpr const char* kWorker =
    "SELECT host, boot_id, pid_namespace, supervisor_pid, supervisor_start "
    "FROM attempts WHERE job_seq = ?1 AND n = ?2";
constexpr const char* kState =
    "SELECT j.seq, j.owner, j.status, j.verb, j.attempt, j.max_attempts, j.fence, j.lease_ms, "
    "j.lease_until, j.suspect_at, j.run_after, j.updated_at, j.retain_ms, j.backoff_ms, "
    "j.cancel_requested_at, j.cancel_text, j.key, j.has_command, j.queue, j.priority, "
    "j.open_dependencies, CASE WHEN a.outcome <> 'lost' THEN a.fence END, "
    "a.supervisor_pid IS NOT NULL AND (a.elsewhere = 0 OR j.status <> 'running'), "
    "a.pid IS NOT NULL, a.pid <> a.supervisor_pid, a.result, j.held FROM jobs j LEFT JOIN attempts "
    "a ON a.job_seq = j.seq AND a.n = j.attempt "
    "WHERE j.job_id = ?1";

[[noreturn]] void throw_damaged(std::string_view what, std::string_view value) {
    throw Error(
        ErrorCode::not_a_ledger,
        fmt::format("the ledger is damaged: {} \"{}\"", what, repair_utf8(value)),
        "see atlasjob doctor; restore a backup");
}

JobId read_id(std::string_view text) {
    if (const auto id = JobId::parse(text)) return *id;
    throw_damaged("job_id", text);
}

Status read_status(std::string_view word) {
    if (const auto status = parse_status(word)) return *status;
    throw_damaged("status", word);
}

}  // namespace

Job read_job(const Query& query, int first) {
    Job job{read_id(query.text(first + 1))};
    job.seq = query.integer(first);
    job.kind = query.text(first + 2);
    job.name = query.optional_text(first + 3);
    job.target = query.optional_text(first + 4);
    job.owner = query.text(first + 5);
    job.status = read_status(query.text(first + 6));
    if (!query.is_null(first + 7)) job.reason = parse_reason(query.text(first + 7));
    job.progress = query.optional_real(first + 8);
    job.phase = query.optional_text(first + 9);
    job.message = query.optional_text(first + 10);
    job.current = query.optional_integer(first + 11);
    job.total = query.optional_integer(first + 12);
    job.created_at = query.time(first + 13);
    job.run_after = query.optional_time(first + 14);
    job.started_at = query.optional_time(first + 15);
    job.updated_at = query.time(first + 16);
    job.ended_at = query.optional_time(first + 17);
    job.expires_at = query.optional_time(first + 18);
    job.result = query.optional_text(first + 19);
    job.error = query.optional_text(first + 20);
    job.error_code = query.optional_text(first + 21);
    job.exit_code = query.optional_integer<int>(first + 22);
    job.signal = query.optional_text(first + 23);
    job.queue = query.text(first + 24);
    job.priority = query.integer<int>(first + 25);
    job.attempt = query.integer<int>(first + 26);
    job.max_attempts = query.integer<int>(first + 27);
    job.timeout = query.optional_duration(first + 28);
    job.retention = query.optional_duration(first + 29);
    job.cancel_requested_at = query.optional_time(first + 30);
    job.key = query.optional_text(first + 31);
    job.lease_until = query.optional_time(first + 32);
    job.suspect_at = query.optional_time(first + 33);
    job.log_bytes = query.integer(first + 34);
    job.rev = query.integer(first + 35);
    job.held = job.status == Status::queued && query.integer(first + 36) != 0;
    job.account = read_account(query, first + 37);
    return job;
}

void load_links(Connection& connection, Job& job) {
    Query labels{connection, kLabels};
    for (labels.bind(job.seq); labels.step();) {
        job.labels.push_back({std::string{labels.text(0)}, std::string{labels.text(1)}});
    }
    Query after{connection, kAfter};
    for (after.bind(job.seq); after.step();)
        job.after.push_back(read_id(after.text(0)));
}

void load_details(Connection& connection, Job& job) {
    load_links(connection, job);
    Query command{connection, kCommandOnly};
    if (command.bind(job.seq).step()) {
        job.command = unpack_words(command.text(0));
        job.cwd = command.text(1);
    }
    Query worker{connection, kWorker};
    if (worker.bind(job.seq, job.attempt).step()) job.worker = read_identity(worker, 0);
}

std::vector<std::string> load_owners(Connection& connection) {
    std::vector<std::string> owners;
    Query query{connection, kOwners};
    while (query.step())
        owners.emplace_back(query.text(0));
    return owners;
}

CommandSpec load_command(Connection& connection, std::int64_t job_seq) {
    Query query{connection, kCommand};
    if (!query.bind(job_seq).step()) throw_damaged("no command for job", std::to_string(job_seq));
    CommandSpec command;
    command.argv = unpack_words(query.text(0));
    command.cwd = query.text(1);
    command.environment = unpack_words(query.text(2));
    command.umask = query.integer<unsigned>(3);
    command.result_from = query.text(4) == to_string(ResultFrom::standard_output)
                              ? ResultFrom::standard_output
                              : ResultFrom::report;
    command.log_limit_bytes = query.optional_integer(5);
    command.keep_strays = query.integer<int>(6) != 0;
    command.backoff = query.optional_duration(7);
    command.on_end = query.optional_text(8);
    command.progress_from = query.optional_text(9);
    command.input = query.optional_text(10);
    return command;
}

std::optional<ProcessIdentity> read_identity(const Query& query, int first) {
    if (query.is_null(first + 3)) return {};
    ProcessIdentity identity;
    identity.host = query.text(first);
    identity.boot_id = query.text(first + 1);
    identity.pid_namespace = query.integer<std::uint64_t>(first + 2);
    identity.pid = query.integer(first + 3);
    identity.start_ticks = query.integer<std::uint64_t>(first + 4);
    return identity;
}

std::optional<AccountId> read_account(const Query& query, int column) {
    const AccountId account = query.integer(column);
    return account == kNoAccount ? std::nullopt : std::optional{account};
}

std::string pack_words(const std::vector<std::string>& words) {
    std::string packed;
    for (const std::string& word : words) {
        packed += word;
        packed += '\0';
    }
    return packed;
}

std::vector<std::string> unpack_words(std::string_view packed) {
    std::vector<std::string> words;
    if (packed.empty()) return words;
    packed.remove_suffix(1);
    for (const std::string_view word : split(packed, '\0'))
        words.emplace_back(word);
    return words;
}

std::string_view to_string(ResultFrom result_from) {
    switch (result_from) {
        case ResultFrom::report:
            return "report";
        case ResultFrom::standard_output:
            return "stdout";
    }
    return {};
}

bool JobState::is_held_by(const AttemptKey& attempt_key) const {
    return status == Status::running && attempt_key.attempt.value_or(attempt) == attempt
           && attempt_key.fence.value_or(fence) == fence;
}

std::optional<JobState> load_state(Connection& connection, const JobId& id) {
    Query query{connection, kState};
    if (!query.bind(id).step()) return {};
    JobState state{id};
    state.seq = query.integer(0);
    state.owner = query.text(1);
    state.status = read_status(query.text(2));
    state.verb = query.text(3);
    state.attempt = query.integer<int>(4);
    state.max_attempts = query.integer<int>(5);
    state.fence = query.integer(6);
    state.lease = query.optional_duration(7);
    state.lease_until = query.optional_time(8);
    state.suspect_at = query.optional_time(9);
    state.run_after = query.optional_time(10);
    state.updated_at = query.time(11);
    state.retention = query.optional_duration(12);
    state.backoff = query.optional_duration(13);
    state.cancel_requested_at = query.optional_time(14);
    state.cancel_text = query.optional_text(15);
    state.key = query.optional_text(16);
    state.has_command = query.integer<int>(17) != 0;
    state.queue = query.text(18);
    state.priority = query.integer<int>(19);
    state.open_dependencies = query.integer<int>(20);
    state.finished_fence = query.optional_integer(21);
    state.supervised = query.integer<int>(22) != 0;
    state.announced = query.integer<int>(23) != 0;
    state.spawned = query.integer<int>(24) != 0;
    state.reported_result = query.optional_text(25);
    state.held = query.integer<int>(26) != 0;
    return state;
}

JobState require_state(Connection& connection, const JobId& id) {
    if (auto state = load_state(connection, id)) return std::move(*state);
    throw Error(ErrorCode::not_found, fmt::format("no job {}", id.view()), "see atlasjob list");
}

void require_queued(const JobState& state, std::string_view participle, std::string_view hint) {
    if (state.status == Status::queued) return;
    throw Error(
        ErrorCode::refused,
        fmt::format(
            "job {} is {}: only a queued job can be {}", state.seq, to_string(state.status),
            participle),
        hint);
}

}  // namespace atlasjob::sqlite

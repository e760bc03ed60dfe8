#include "store/sqlite/connection/rows.h"

#include "base/error.h"
#include "base/text.h"
#include "ledger/job_fields.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::sqlite {

namespace {

constexpr std::string_view kSeparator = ", ";

template <class Infos>
constexpr std::size_t length_of_columns(const Infos& infos) {
    std::size_t length = 0;
    for (const FieldInfo& field : infos)
        if (field.is_stored()) length += field.column.size() + kSeparator.size();
    return length;
}

/// The columns of a table of fields, separated by commas and ended by a NUL.
template <const auto& kInfos>
constexpr auto kColumnList = [] {
    std::array<char, length_of_columns(kInfos) + 1> text{};
    auto* end = text.begin();
    for (const FieldInfo& field : kInfos) {
        if (!field.is_stored()) continue;
        if (end != text.begin()) end = std::ranges::copy(kSeparator, end).out;
        end = std::ranges::copy(field.column, end).out;
    }
    return text;
}();

}  // namespace

const char* const kJobColumns = kColumnList<kJobFieldInfos>.data();
const char* const kUsageColumns = kColumnList<kUsageFieldInfos>.data();

void throw_damaged(std::string_view what, std::string_view value) {
    throw Error(
        ErrorCode::not_a_ledger,
        fmt::format("the ledger is damaged: {} \"{}\"", what, repair_utf8(value)),
        "see atlasjob doctor; restore a backup");
}

JobId read_id(std::string_view text) {
    if (const auto id = JobId::parse(text)) return *id;
    throw_damaged("job_id", text);
}

namespace {

constexpr const char* kLabels = R"sql(
    SELECT key, value
    FROM labels
    WHERE job_seq = :job_seq
    ORDER BY key
)sql";
constexpr const char* kAfter = R"sql(
    SELECT after_id, any_end
    FROM dependencies
    WHERE job_seq = :job_seq
    ORDER BY after_id
)sql";
constexpr const char* kOwners = R"sql(
    SELECT DISTINCT owner
    FROM counters
    WHERE jobs > 0
)sql";
constexpr const char* kCommandOnly = R"sql(
    SELECT argv, cwd
    FROM job_specs
    WHERE job_seq = :job_seq
)sql";
constexpr const char* kCommand = R"sql(
    SELECT s.argv, s.cwd, s.environment, s.umask, s.process_attributes, s.result_from,
           s.log_limit_bytes, s.keep_strays, s.grace_ms, s.kill_signal, j.backoff_ms, j.backoff_factor, s.on_end, s.progress_from,
           s.stdin
    FROM job_specs s
    JOIN jobs j ON j.seq = s.job_seq
    WHERE s.job_seq = :job_seq
)sql";
constexpr std::string_view kLatestAttempts = R"sql(
    SELECT n, host, machine_id, boot_id, pid_namespace, time_namespace,
           supervisor_pid, supervisor_start, ended_at, {}
    FROM attempts
    WHERE job_seq = :job_seq
    ORDER BY n DESC
    LIMIT 2
)sql";
constexpr const char* kState = R"sql(
    SELECT j.seq, j.owner, j.status, j.verb, j.attempt, j.max_attempts, j.fence,
           j.lease_ms, j.lease_until, j.suspect_at, j.suspect_clock, j.suspect_uptime_ms,
           j.run_after, j.updated_at, j.retain_ms, j.backoff_ms, j.backoff_factor,
           j.cancel_requested_at, j.cancel_text, j.key, j.has_command, j.queue, j.priority,
           j.open_dependencies, j.held,
           CASE WHEN a.outcome <> 'lost' THEN a.fence END AS finished_fence,
           a.supervisor_pid IS NOT NULL AND (a.elsewhere = 0 OR j.status <> 'running') AS supervised,
           a.pid IS NOT NULL AS announced,
           coalesce(a.pid <> a.supervisor_pid, 0) AS spawned,
           a.result AS reported_result
    FROM jobs j
    LEFT JOIN attempts a ON a.job_seq = j.seq AND a.n = j.attempt
    WHERE j.job_id = :job_id
)sql";

Status read_status(std::string_view word) {
    if (const auto status = parse_status(word)) return *status;
    throw_damaged("status", word);
}

// How a column is read into a member of each type.

void read(const Query& query, int column, const FieldInfo& /*field*/, JobId& id) {
    id = read_id(query.text(column));
}

void read(const Query& query, int column, const FieldInfo& /*field*/, std::string& text) {
    text = query.text(column);
}

void read(
    const Query& query, int column, const FieldInfo& /*field*/, std::optional<std::string>& text) {
    text = query.optional_text(column);
}

void read(const Query& query, int column, const FieldInfo& /*field*/, std::int64_t& number) {
    number = query.integer(column);
}

void read(
    const Query& query, int column, const FieldInfo& field, std::optional<std::int64_t>& number) {
    number = query.optional_integer(column);
    if (field.type == FieldType::account) number = account_of(number.value_or(kNoAccount));
}

void read(const Query& query, int column, const FieldInfo& /*field*/, int& number) {
    number = query.integer<int>(column);
}

void read(const Query& query, int column, const FieldInfo& /*field*/, std::optional<int>& number) {
    number = query.optional_integer<int>(column);
}

void read(
    const Query& query, int column, const FieldInfo& /*field*/, std::optional<double>& number) {
    number = query.optional_real(column);
}

void read(const Query& query, int column, const FieldInfo& /*field*/, bool& flag) {
    flag = query.integer(column) != 0;
}

void read(const Query& query, int column, const FieldInfo& /*field*/, Time& time) {
    time = query.time(column);
}

void read(const Query& query, int column, const FieldInfo& /*field*/, std::optional<Time>& time) {
    time = query.optional_time(column);
}

void read(
    const Query& query,
    int column,
    const FieldInfo& /*field*/,
    std::optional<milliseconds>& duration) {
    duration = query.optional_duration(column);
}

void read(const Query& query, int column, const FieldInfo& /*field*/, Status& status) {
    status = read_status(query.text(column));
}

void read(
    const Query& query, int column, const FieldInfo& /*field*/, std::optional<Reason>& reason) {
    if (!query.is_null(column)) reason = parse_reason(query.text(column));
}

}  // namespace

Job read_job(const Query& query) {
    int column = query.column(kJobFieldInfos.front().column);
    Job job{read_id(query.text(column))};
    visit_columns(kJobFields, job, [&](const FieldInfo& field, auto& value) {
        read(query, column++, field, value);
    });
    job.held = job.held && job.status == Status::queued;
    return job;
}

std::optional<Usage> read_usage(const Query& query) {
    Usage usage;
    int column = query.column(kUsageFieldInfos.front().column);
    visit_columns(kUsageFields, usage, [&](const FieldInfo& field, auto& value) {
        read(query, column++, field, value);
    });
    return usage == Usage{} ? std::nullopt : std::optional{usage};
}

void load_links(Connection& connection, Job& job) {
    Query labels{connection, kLabels};
    for (labels.bind("job_seq", job.seq); labels.step();)
        job.labels.push_back({std::string{labels.text("key")}, std::string{labels.text("value")}});
    Query after{connection, kAfter};
    for (after.bind("job_seq", job.seq); after.step();)
        (after.flag("any_end") ? job.after_ended : job.after)
            .push_back(read_id(after.text("after_id")));
}

namespace {

/// Adds what the latest attempts know: who supervises the job, and what it used.
void load_attempts(Connection& connection, Job& job) {
    static const std::string sql = fmt::format(kLatestAttempts, kUsageColumns);
    Query query{connection, sql.c_str()};
    for (query.bind("job_seq", job.seq); query.step();) {
        if (query.integer("n") == job.attempt) job.worker = read_identity(query);
        if (query.is_null("ended_at")) continue;
        job.usage = read_usage(query);
        return;
    }
}

}  // namespace

void load_details(Connection& connection, Job& job) {
    load_links(connection, job);
    Query command{connection, kCommandOnly};
    if (command.bind("job_seq", job.seq).step() && !command.text("argv").empty()) {
        job.command = unpack_words(command.text("argv"));
        job.cwd = command.text("cwd");
    }
    load_attempts(connection, job);
}

std::vector<std::string> load_owners(Connection& connection) {
    std::vector<std::string> owners;
    Query query{connection, kOwners};
    while (query.step())
        owners.emplace_back(query.text("owner"));
    return owners;
}

CommandSpec load_command(Connection& connection, std::int64_t job_seq) {
    Query query{connection, kCommand};
    if (!query.bind("job_seq", job_seq).step())
        throw_damaged("no command for job", std::to_string(job_seq));
    CommandSpec command;
    command.argv = unpack_words(query.text("argv"));
    command.cwd = query.text("cwd");
    command.environment = unpack_words(query.text("environment"));
    command.umask = query.integer<unsigned>("umask");
    command.attributes = query.optional_text("process_attributes");
    command.result_from = query.text("result_from") == to_string(ResultFrom::standard_output)
                              ? ResultFrom::standard_output
                              : ResultFrom::report;
    command.log_limit_bytes = query.optional_integer("log_limit_bytes");
    command.keep_strays = query.flag("keep_strays");
    command.grace = query.optional_duration("grace_ms");
    command.kill_signal = query.optional_text("kill_signal");
    command.backoff = query.optional_duration("backoff_ms");
    command.backoff_factor = query.optional_real(query.column("backoff_factor"));
    command.on_end = query.optional_text("on_end");
    command.progress_from = query.optional_text("progress_from");
    command.input = query.optional_text("stdin");
    return command;
}

std::optional<ProcessIdentity> read_identity(const Query& query) {
    if (query.is_null("supervisor_pid")) return {};
    ProcessIdentity identity;
    identity.host = query.text("host");
    identity.machine_id = query.text("machine_id");
    identity.boot_id = query.text("boot_id");
    identity.pid_namespace = query.integer<std::uint64_t>("pid_namespace");
    identity.time_namespace = query.integer<std::uint64_t>("time_namespace");
    identity.pid = query.integer("supervisor_pid");
    identity.start_ticks = query.integer<std::uint64_t>("supervisor_start");
    return identity;
}

std::optional<ClockReading> read_suspect(const Query& query) {
    const auto time = query.optional_time("suspect_at");
    if (!time) return {};
    if (query.is_null("suspect_clock")) return ClockReading{*time, {}, {}};
    return ClockReading{
        *time, std::string{query.text("suspect_clock")},
        milliseconds{query.integer("suspect_uptime_ms")}};
}

std::optional<AccountId> account_of(AccountId uid) {
    return uid == kNoAccount ? std::nullopt : std::optional{uid};
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
    if (!query.bind("job_id", id).step()) return {};
    JobState state{id};
    state.seq = query.integer("seq");
    state.owner = query.text("owner");
    state.status = read_status(query.text("status"));
    state.verb = query.text("verb");
    state.attempt = query.integer<int>("attempt");
    state.max_attempts = query.integer<int>("max_attempts");
    state.fence = query.integer("fence");
    state.lease = query.optional_duration("lease_ms");
    state.lease_until = query.optional_time("lease_until");
    state.suspect = read_suspect(query);
    state.run_after = query.optional_time("run_after");
    state.updated_at = query.time("updated_at");
    state.retention = query.optional_duration("retain_ms");
    state.backoff = {
        query.optional_duration("backoff_ms").value_or(kDefaultBackoff),
        query.optional_real(query.column("backoff_factor")).value_or(kDefaultBackoffFactor)};
    state.cancel_requested_at = query.optional_time("cancel_requested_at");
    state.cancel_text = query.optional_text("cancel_text");
    state.key = query.optional_text("key");
    state.has_command = query.flag("has_command");
    state.queue = query.text("queue");
    state.priority = query.integer<int>("priority");
    state.open_dependencies = query.integer<int>("open_dependencies");
    state.held = query.flag("held");
    state.finished_fence = query.optional_integer("finished_fence");
    state.supervised = query.flag("supervised");
    state.announced = query.flag("announced");
    state.spawned = query.flag("spawned");
    state.reported_result = query.optional_text("reported_result");
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

#include "base/error.h"
#include "store/sqlite/queries/search.h"
#include "store/sqlite/verbs/attempts.h"
#include "store/sqlite/verbs/dependencies.h"
#include "store/sqlite/verbs/verbs.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kActiveWithKey =
    "SELECT job_id, seq FROM jobs WHERE owner = ?1 AND key = ?2 AND status IN ('queued', "
    "'running')";
// A job with start_as is inserted as running: it was never queued, and its history must not say so.
// Dependencies are added afterwards, in the same transaction. has_on_end is copied from the
// command, so that ending a job does not have to read it.
constexpr const char* kInsert =
    "INSERT INTO jobs (job_id, kind, owner, status, verb, actor, created_at, run_after, "
    "updated_at, "
    "queue, priority, max_attempts, lease_ms, timeout_ms, retain_ms, backoff_ms, key, has_command, "
    "ready, name, target, attempt, fence, started_at, lease_until, account_uid, has_on_end) "
    "VALUES (?1, ?2, ?3, ?4, 'submit', ?3, ?5, ?6, ?5, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, "
    "?16, ?17, ?18, ?19, ?19, ?20, ?21, ?22, ?23) ON CONFLICT (job_id) DO NOTHING";
constexpr const char* kSeqOf = "SELECT seq FROM jobs WHERE job_id = ?1";
constexpr const char* kInsertCommand =
    "INSERT INTO job_specs (job_seq, argv, cwd, environment, umask, result_from, log_limit_bytes, "
    "keep_strays, on_end, progress_from, stdin) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
constexpr const char* kInsertLabel =
    "INSERT INTO labels (job_seq, key, value) VALUES (?1, ?2, ?3) "
    "ON CONFLICT DO UPDATE SET value = excluded.value";

std::optional<Submitted> active_with_key(Connection& connection, const NewJob& job) {
    if (!job.key) return {};
    Query query{connection, kActiveWithKey};
    if (!query.bind(job.owner, job.key).step()) return {};
    return Submitted{JobId::parse(query.text(0)).value(), query.integer(1), false, 0};
}

/// Whether the job can be claimed immediately.
bool is_ready(const NewJob& job, Time now) {
    return job.command && !job.start_as && job.after.empty()
           && (!job.run_after || *job.run_after <= now);
}

[[noreturn]] void refuse_known_id(Connection& connection, const JobId& id) {
    Query query{connection, kSeqOf};
    query.bind(id).step();
    throw Error(
        ErrorCode::refused,
        fmt::format("the job_id {} is already taken by job {}", id.view(), query.integer(0)),
        "check that job, or use a new job_id");
}

std::optional<Blob> blob_of(const std::optional<std::string>& bytes) {
    return bytes ? std::optional{Blob{*bytes}} : std::nullopt;
}

std::int64_t insert_row(Connection& connection, const NewJob& job, Time now) {
    const auto lease = job.start_as ? job.start_as->lease : job.lease;
    const auto backoff = job.command ? job.command->backoff : std::nullopt;
    const int attempt = job.start_as ? 1 : 0;
    const auto started_at = job.start_as ? std::optional{now} : std::nullopt;
    const auto lease_until = job.start_as && lease ? std::optional{now + *lease} : std::nullopt;
    const int inserted =
        Query{connection, kInsert}
            .bind(
                job.job_id, job.kind, job.owner, job.start_as ? Status::running : Status::queued,
                now)
            .bind(job.run_after, job.queue, job.priority, job.max_attempts, lease, job.timeout)
            .bind(job.retention, backoff, job.key, job.command.has_value(), is_ready(job, now))
            .bind(job.name, job.target, attempt, started_at, lease_until, AccountId{geteuid()})
            .bind(job.command && job.command->on_end)
            .run();
    if (inserted == 0) refuse_known_id(connection, job.job_id);
    return connection.last_insert_rowid();
}

}  // namespace

void insert_command(Connection& connection, std::int64_t seq, const CommandSpec& command) {
    const std::string argv = pack_words(command.argv);
    const std::string environment = pack_words(command.environment);
    Query{connection, kInsertCommand}
        .bind(seq, Blob{argv}, Blob{command.cwd}, Blob{environment}, command.umask)
        .bind(to_string(command.result_from), command.log_limit_bytes, command.keep_strays)
        .bind(blob_of(command.on_end), command.progress_from, blob_of(command.input))
        .run();
}

void insert_labels(Connection& connection, std::int64_t seq, const std::vector<Label>& labels) {
    for (const Label& label : labels)
        Query{connection, kInsertLabel}.bind(seq, label.key, label.value).run();
}

Submitted insert_job(Connection& connection, const NewJob& job, Time now) {
    if (const auto active = active_with_key(connection, job)) return *active;
    const std::int64_t seq = insert_row(connection, job, now);
    if (job.command) insert_command(connection, seq, *job.command);
    insert_labels(connection, seq, job.labels);
    if (job.start_as) insert_attempt(connection, {seq, 1, 1}, *job.start_as, now);
    if (!job.after.empty())
        link_dependencies(connection, {job.job_id, seq, job.owner}, job.after, now);
    index_texts_after(connection, seq);
    return {job.job_id, seq, true, job.start_as ? 1 : 0};
}

}  // namespace atlasjob::sqlite

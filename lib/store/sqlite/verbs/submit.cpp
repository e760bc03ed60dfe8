#include "base/error.h"
#include "base/file_trust.h"
#include "base/host_identity.h"
#include "store/sqlite/queries/search.h"
#include "store/sqlite/verbs/attempts.h"
#include "store/sqlite/verbs/dependencies.h"
#include "store/sqlite/verbs/verbs.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kActiveWithKey = R"sql(
    SELECT job_id, seq
    FROM jobs
    WHERE owner = :owner
      AND key = :key
      AND status IN ('queued', 'running')
)sql";
// A job with start_as is inserted as running: it was never queued, and its history must not say so.
// Dependencies are added afterwards, in the same transaction. has_on_end is copied from the
// command, so that ending a job does not have to read it.
constexpr const char* kInsert = R"sql(
    INSERT INTO jobs (
        job_id, kind, owner, status, verb, actor, created_at, updated_at, run_after,
        queue, priority, max_attempts, lease_ms, timeout_ms, retain_ms, backoff_ms, backoff_factor,
        key, has_command, ready, name, target,
        attempt, fence, started_at, lease_until,
        account_uid, account, host, machine_id, session, has_on_end
    ) VALUES (
        :job_id, :kind, :owner, :status, 'submit', :owner, :now, :now, :run_after,
        :queue, :priority, :max_attempts, :lease, :timeout, :retention, :backoff, :backoff_factor,
        :key, :has_command, :ready, :name, :target,
        :attempt, :attempt, :started_at, :lease_until,
        :account_uid, :account, :host, :machine_id, :session, :has_on_end
    )
    ON CONFLICT (job_id) DO NOTHING
)sql";
constexpr const char* kSeqOf = R"sql(
    SELECT seq
    FROM jobs
    WHERE job_id = :job_id
)sql";
constexpr const char* kInsertCommand = R"sql(
    INSERT INTO job_specs (
        job_seq, argv, cwd, environment, umask, process_attributes,
        result_from, log_limit_bytes, keep_strays, grace_ms, kill_signal,
        on_end, progress_from, stdin
    ) VALUES (
        :job_seq, :argv, :cwd, :environment, :umask, :process_attributes,
        :result_from, :log_limit_bytes, :keep_strays, :grace, :kill_signal,
        :on_end, :progress_from, :stdin
    )
)sql";
constexpr const char* kInsertLabel = R"sql(
    INSERT INTO labels (job_seq, key, value)
    VALUES (:job_seq, :key, :value)
    ON CONFLICT DO UPDATE SET value = excluded.value
)sql";

/// Whether the job can be claimed immediately.
bool is_ready(const NewJob& job, Time now) {
    return job.command && !job.start_as && job.after.empty() && job.after_ended.empty()
           && (!job.run_after || *job.run_after <= now);
}

[[noreturn]] void refuse_known_id(Connection& connection, const JobId& id) {
    Query query{connection, kSeqOf};
    query.bind("job_id", id).step();
    throw Error(
        ErrorCode::refused,
        fmt::format("the job_id {} is already taken by job {}", id.view(), query.integer("seq")),
        "check that job, or use a new job_id");
}

std::optional<Blob> blob_of(const std::optional<std::string>& bytes) {
    return bytes ? std::optional{Blob{*bytes}} : std::nullopt;
}

/// Without asking a directory service, which a submit must not depend on.
const std::optional<std::string>& own_account_name() {
    static const auto name = local_account_name(geteuid());
    return name;
}

std::int64_t insert_row(Connection& connection, const NewJob& job, Time now) {
    const auto lease = job.start_as ? job.start_as->lease : job.lease;
    const auto backoff = job.command ? job.command->backoff : std::nullopt;
    const auto backoff_factor = job.command ? job.command->backoff_factor : std::nullopt;
    const auto started_at = job.start_as ? std::optional{now} : std::nullopt;
    const auto lease_until = job.start_as && lease ? std::optional{now + *lease} : std::nullopt;
    Query query{connection, kInsert};
    query.bind("job_id", job.job_id)
        .bind("kind", job.kind)
        .bind("owner", job.owner)
        .bind("status", job.start_as ? Status::running : Status::queued)
        .bind("now", now)
        .bind("run_after", job.run_after)
        .bind("queue", job.queue)
        .bind("priority", job.priority)
        .bind("max_attempts", job.max_attempts)
        .bind("lease", lease)
        .bind("timeout", job.timeout)
        .bind("retention", job.retention)
        .bind("backoff", backoff)
        .bind("backoff_factor", backoff_factor)
        .bind("key", job.key)
        .bind("has_command", job.command.has_value())
        .bind("ready", is_ready(job, now))
        .bind("name", job.name)
        .bind("target", job.target)
        .bind("attempt", job.start_as ? 1 : 0)
        .bind("started_at", started_at)
        .bind("lease_until", lease_until)
        .bind("account_uid", AccountId{geteuid()})
        .bind("account", own_account_name())
        .bind("host", host_identity().host)
        .bind("machine_id", host_identity().machine_id)
        .bind("session", job.session)
        .bind("has_on_end", has_on_end(job.command, job.hook));
    if (query.run() == 0) refuse_known_id(connection, job.job_id);
    return connection.last_insert_rowid();
}

}  // namespace

bool has_on_end(const std::optional<CommandSpec>& command, const std::optional<CommandSpec>& hook) {
    return (command && command->on_end) || (hook && hook->on_end);
}

void insert_command(Connection& connection, std::int64_t seq, const CommandSpec& command) {
    const std::string argv = pack_words(command.argv);
    const std::string environment = pack_words(command.environment);
    Query{connection, kInsertCommand}
        .bind("job_seq", seq)
        .bind("argv", Blob{argv})
        .bind("cwd", Blob{command.cwd})
        .bind("environment", Blob{environment})
        .bind("umask", command.umask)
        .bind("process_attributes", command.attributes)
        .bind("result_from", to_string(command.result_from))
        .bind("log_limit_bytes", command.log_limit_bytes)
        .bind("keep_strays", command.keep_strays)
        .bind("grace", command.grace)
        .bind("kill_signal", command.kill_signal)
        .bind("on_end", blob_of(command.on_end))
        .bind("progress_from", command.progress_from)
        .bind("stdin", blob_of(command.input))
        .run();
}

void insert_labels(Connection& connection, std::int64_t seq, const std::vector<Label>& labels) {
    for (const Label& label : labels) {
        Query{connection, kInsertLabel}
            .bind("job_seq", seq)
            .bind("key", label.key)
            .bind("value", label.value)
            .run();
    }
}

std::optional<Submitted> active_with_key(
    Connection& connection, const std::string& owner, const std::optional<std::string>& key) {
    if (!key) return {};
    Query query{connection, kActiveWithKey};
    if (!query.bind("owner", owner).bind("key", key).step()) return {};
    const JobId id = read_id(query.text("job_id"));
    return Submitted{id, query.integer("seq"), false, 0};
}

Submitted insert_job(Connection& connection, const NewJob& job, Time now) {
    if (const auto active = active_with_key(connection, job.owner, job.key)) return *active;
    const std::int64_t seq = insert_row(connection, job, now);
    if (job.command) insert_command(connection, seq, *job.command);
    if (job.hook) insert_command(connection, seq, *job.hook);
    insert_labels(connection, seq, job.labels);
    if (job.start_as) insert_attempt(connection, {seq, 1, 1}, *job.start_as, now);
    const Dependencies dependencies{job.after, job.after_ended};
    if (!dependencies.empty())
        link_dependencies(connection, {job.job_id, seq, job.owner}, dependencies, now);
    index_texts_after(connection, seq);
    return {job.job_id, seq, true, job.start_as ? 1 : 0};
}

}  // namespace atlasjob::sqlite

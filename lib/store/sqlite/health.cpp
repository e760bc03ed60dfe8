#include "store/sqlite/health.h"

#include "base/error.h"
#include "base/file_trust.h"
#include "ledger/policy.h"
#include "store/sqlite/connection/errors.h"
#include "store/sqlite/connection/query.h"
#include "store/sqlite/content_checks.h"
#include "store/sqlite/file/change_signal.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace atlasjob::sqlite {

namespace {

// Without SQLite's own objects and the record of migrations.
constexpr const char* kObjects = R"sql(
    SELECT type || ' ' || name AS object, sql
    FROM sqlite_schema
    WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\'
      AND name <> 'schema_migrations'
)sql";

// Live workers and supervisors of two boots with one machine id. A machine has one boot at a time.
constexpr const char* kClonedMachines = R"sql(
    WITH live (machine_id, boot_id, host) AS (
        SELECT machine_id, boot_id, host
        FROM workers
        WHERE heartbeat_at > :heard_after
        UNION ALL
        SELECT a.machine_id, a.boot_id, a.host
        FROM jobs j
        JOIN attempts a ON a.job_seq = j.seq AND a.n = j.attempt
        WHERE j.status = 'running'
          AND j.lease_until > :now
          AND a.elsewhere = 0
    )
    SELECT group_concat(DISTINCT host) AS hosts
    FROM live
    WHERE machine_id <> ''
    GROUP BY machine_id
    HAVING count(DISTINCT boot_id) > 1
)sql";

using Objects = std::map<std::string, std::string>;  ///< SQL by type and name.

Objects objects_of(Connection& connection) {
    Objects objects;
    Query query{connection, kObjects};
    while (query.step())
        objects.emplace(query.text("object"), query.text("sql"));
    return objects;
}

/// The objects of a new database after the migrations up to `version`.
Objects expected_objects(int version) {
    SQLite::Database fresh{":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
    for (const Migration& migration : all_migrations())
        if (migration.version <= version) fresh.exec(std::string{migration.sql});
    Objects objects;
    SQLite::Statement statement{fresh, kObjects};
    while (statement.executeStep())
        objects.emplace(
            statement.getColumn("object").getString(), statement.getColumn("sql").getString());
    return objects;
}

}  // namespace

std::vector<std::string> schema_drift(Connection& connection) {
    std::vector<std::string> drift;
    const Objects actual = objects_of(connection);
    const Objects expected = expected_objects(connection.user_version());
    for (const auto& [name, sql] : expected) {
        const auto found = actual.find(name);
        if (found == actual.end()) {
            drift.push_back(name + " is missing");
        } else if (found->second != sql) {
            drift.push_back(name + " was changed");
        }
    }
    for (const auto& [name, sql] : actual)
        if (!expected.contains(name)) drift.push_back(name + " does not belong there");
    return drift;
}

namespace {

using Level = Finding::Level;

/// A larger WAL means that something keeps it from being reused after checkpoints.
constexpr std::int64_t kLargeWalBytes = 64LL * 1024 * 1024;

/// Longer than any write takes except an import.
constexpr milliseconds kLockTimeout{2000};

constexpr const char* kApplied = R"sql(
    SELECT version, name, sha256
    FROM schema_migrations
    ORDER BY version
)sql";
constexpr const char* kWrongCounters = R"sql(
    SELECT count(*) AS counters
    FROM (
        SELECT owner, queue, kind, status, jobs
        FROM counters
        WHERE jobs > 0
        EXCEPT
        SELECT owner, queue, kind, status, count(*)
        FROM jobs
        GROUP BY owner, queue, kind, status
    )
)sql";

constexpr const char* kImported = R"sql(
    SELECT (
        SELECT count(*)
        FROM jobs
        WHERE status = 'queued'
          AND held = 1
    ) AS held, (
        SELECT count(*)
        FROM jobs j
        JOIN attempts a ON a.job_seq = j.seq AND a.n = j.attempt
        WHERE j.status = 'running'
          AND a.elsewhere = 1
          AND a.supervisor_pid IS NOT NULL
    ) AS running
)sql";

/// Turns an error that stops a check into a finding. What the checks read is there in every sound
/// ledger, so an error that nothing else explains is damage.
template <class Check>
Finding guarded(const char* subject, Check check) {
    try {
        return check();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::internal)
            return {Level::problem, subject, error.message(), error.hint(), error.code()};
        return {
            Level::problem, subject, "damaged: " + error.message(), kRestore,
            ErrorCode::not_a_ledger};
    }
}

Finding check_version() {
    if (!has_wal_reset_bug(sqlite3_libversion_number())) {
        return {Level::ok, "sqlite", fmt::format("version {}", sqlite3_libversion()), ""};
    }
    return {
        Level::note, "sqlite",
        fmt::format(
            "version {} can lose commits during a checkpoint; the write lock prevents that",
            sqlite3_libversion()),
        "write to the ledger only with atlasjob, not with other SQLite programs"};
}

/// What is wrong with a file beside the ledger; nullopt if it does not exist.
std::optional<FileFault> fault_of(Connection& connection, const std::string& path) {
    struct stat ledger {};
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || ::stat(connection.path().c_str(), &ledger) != 0)
        return {};
    return fault_of_file(path, status, FileOwner::of(ledger));
}

bool exists(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0;
}

/// Checks that the write lock can be taken: while another process holds it, no writer proceeds.
Finding check_writer_lock(Connection& connection) {
    const std::string path = connection.path() + ".gate";
    if (!exists(path)) return {Level::note, "write lock", "the next writer creates its file", ""};
    if (const auto fault = fault_of(connection, path))
        return {Level::problem, "write lock", fault->text(), fault->fix, ErrorCode::unavailable};
    try {
        const WriterLock::Hold hold = connection.writer_lock().enter(kLockTimeout);
    } catch (const Error& error) {
        return {Level::problem, "write lock", error.message(), error.hint(), error.code()};
    }
    return {Level::ok, "write lock", "available", ""};
}

Finding check_change_signal(Connection& connection) {
    const std::string path = connection.path() + ".bell";
    if (!exists(path))
        return {Level::note, "change signal", "the next writer creates its file", ""};
    if (const auto fault = fault_of(connection, path))
        return {Level::problem, "change signal", fault->text(), fault->fix, ErrorCode::unavailable};
    if (ChangeSignalWatch{connection.path()}.fd() < 0) {
        return {
            Level::note, "change signal",
            "this account has no inotify instance left: commands that wait notice changes only "
            "once a second",
            "raise fs.inotify.max_user_instances"};
    }
    return {Level::ok, "change signal", "watchers are notified of changes", ""};
}

Finding check_schema(Connection& connection) {
    std::map<int, std::string> known;
    for (const Migration& migration : all_migrations())
        known[migration.version] = migration.sha256;
    Query query{connection, kApplied};
    while (query.step()) {
        const int version = query.integer<int>("version");
        const std::string name{query.text("name")};
        if (version > connection.known_version()) continue;
        if (known.contains(version) && known[version] == query.text("sha256")) continue;
        return {
            Level::problem, "schema",
            fmt::format("migration {} ({}) differs from this program's", version, name),
            "use the atlasjob that created this ledger, or restore a backup"};
    }
    const int version = connection.user_version();
    if (version <= connection.known_version())
        return {Level::ok, "schema", fmt::format("version {}", version), ""};
    return {
        Level::note, "schema",
        fmt::format(
            "version {}; this program knows {} and can still write it", version,
            connection.known_version()),
        "upgrade this atlasjob"};
}

/// Reports changes to tables, indexes and triggers since the migrations created them.
Finding check_drift(Connection& connection) {
    if (connection.user_version() > connection.known_version())
        return {Level::ok, "schema drift", "not checked: a newer atlasjob migrated the ledger", ""};
    const std::vector<std::string> drift = schema_drift(connection);
    if (drift.empty()) return {Level::ok, "schema drift", "none", ""};
    constexpr std::size_t kShown = 3;
    std::string text;
    for (std::size_t i = 0; i < std::min(drift.size(), kShown); ++i)
        text += (i == 0 ? "" : ", ") + drift[i];
    if (drift.size() > kShown) text += fmt::format(" and {} more", drift.size() - kShown);
    return {
        Level::problem, "schema drift", text,
        "atlasjob export --admin --with-env, and import into a new ledger; or restore a backup"};
}

Finding check_wal(Connection& connection) {
    struct stat status {};
    const std::string path = connection.path() + "-wal";
    const std::int64_t bytes = ::stat(path.c_str(), &status) == 0 ? status.st_size : 0;
    const std::string text = fmt::format("{} KiB", bytes / 1024);
    if (bytes <= kLargeWalBytes) return {Level::ok, "write-ahead log", text, ""};
    return {
        Level::problem, "write-ahead log", text + ": something keeps it from being reused",
        "stop programs that have been reading the ledger for a long time, then run atlasjob gc"};
}

Finding check_counters(Connection& connection) {
    Query query{connection, kWrongCounters};
    const std::int64_t wrong = query.step() ? query.integer("counters") : 0;
    if (wrong == 0) return {Level::ok, "counters", "agree with the jobs", ""};
    return {
        Level::problem, "counters", fmt::format("{} counters do not agree with the jobs", wrong),
        "atlasjob export --admin --with-env, and import into a new ledger; report this as a bug"};
}

Finding check_references(Connection& connection) {
    Query query{connection, "PRAGMA foreign_key_check"};
    if (!query.step()) return {Level::ok, "references", "every row belongs to a job", ""};
    return {
        Level::problem, "references",
        fmt::format("a row of {} belongs to no job", query.text("table")),
        "restore a backup, or atlasjob export --admin --with-env and import into a new ledger",
        ErrorCode::not_a_ledger};
}

Finding check_imported(Connection& connection) {
    Query query{connection, kImported};
    if (!query.step()) return {Level::ok, "imported jobs", "none need attention", ""};
    const std::int64_t held = query.integer("held");
    const std::int64_t running = query.integer("running");
    if (held + running == 0) return {Level::ok, "imported jobs", "none need attention", ""};
    return {
        Level::note, "imported jobs",
        fmt::format("{} queued but held, {} running elsewhere or lost", held, running),
        "atlasjob retry JOB runs a queued one here; atlasjob finish JOB ends a running one"};
}

/// Machines that were cloned with their machine id: what ran on one would be taken for an earlier
/// boot of the other, and reaped.
Finding check_machines(Connection& connection, Time now) {
    Query query{connection, kClonedMachines};
    if (!query.bind("heard_after", now - kLease).bind("now", now).step())
        return {Level::ok, "machines", "each has a machine id of its own", ""};
    return {
        Level::problem, "machines",
        fmt::format(
            "{} booted separately but have the same machine id: they take each other's jobs for "
            "lost",
            query.text("hosts")),
        "on all but one: rm /etc/machine-id && systemd-machine-id-setup, and reboot"};
}

Finding check_content(Connection& connection) {
    return check_pages(connection, "PRAGMA quick_check(1)", "quick_check");
}

}  // namespace

bool has_wal_reset_bug(int version) {
    if (version < 3'007'000 || version >= 3'051'003) return false;
    const bool fixed_3_44 = version >= 3'044'006 && version < 3'045'000;
    const bool fixed_3_50 = version >= 3'050'007 && version < 3'051'000;
    return !fixed_3_44 && !fixed_3_50;
}

std::optional<std::string> find_damage(Connection& connection) {
    const std::array findings = {
        guarded(
            "content",
            [&] {
                return check_pages(connection, "PRAGMA integrity_check(1)", "integrity_check");
            }),
        guarded("schema", [&] { return check_drift(connection); }),
        guarded("text index", [&] { return check_texts(connection); }),
        guarded("references", [&] { return check_references(connection); })};
    for (const Finding& found : findings) {
        const ErrorCode code = found.code.value_or(ErrorCode::not_a_ledger);
        if (found.level == Level::problem && code == ErrorCode::not_a_ledger)
            return found.subject + ": " + found.text;
    }
    return {};
}

std::vector<Finding> check_health(Connection& connection, bool thorough, Time now) {
    std::vector<Finding> findings{
        check_version(),
        {Level::ok, "filesystem", "local", ""},  // Network filesystems cannot be opened.
        check_writer_lock(connection),
        check_change_signal(connection),
        guarded("schema", [&] { return check_schema(connection); }),
        guarded("schema drift", [&] { return check_drift(connection); }),
        check_wal(connection),
        guarded("machines", [&] { return check_machines(connection, now); })};
    if (!thorough) return findings;
    findings.push_back(guarded("content", [&] { return check_content(connection); }));
    findings.push_back(guarded("text index", [&] { return check_texts(connection); }));
    findings.push_back(guarded("references", [&] { return check_references(connection); }));
    findings.push_back(guarded("counters", [&] { return check_counters(connection); }));
    findings.push_back(guarded("imported jobs", [&] { return check_imported(connection); }));
    return findings;
}

}  // namespace atlasjob::sqlite

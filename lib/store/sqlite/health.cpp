#include "store/sqlite/health.h"

#include "base/error.h"
#include "store/sqlite/query.h"

#include <sqlite3.h>

#include <fmt/format.h>
#include <sys/stat.h>

#include <map>

namespace atlasjob::sqlite {

namespace {

using Level = Finding::Level;

/// Larger than this after a checkpoint's worth of pages, something keeps the WAL from being reused.
constexpr std::int64_t kLargeWalBytes = 64LL * 1024 * 1024;

constexpr const char* kApplied =
    "SELECT version, name, sha256 FROM schema_migrations ORDER BY version";
constexpr const char* kWrongCounters =
    "SELECT count(*) FROM (SELECT owner, queue, kind, status, jobs FROM counters WHERE jobs > 0 "
    "EXCEPT SELECT owner, queue, kind, status, count(*) FROM jobs GROUP BY owner, queue, kind, "
    "status)";

Finding check_version() {
    if (!has_wal_reset_bug(sqlite3_libversion_number())) {
        return {Level::ok, "sqlite", fmt::format("version {}", sqlite3_libversion()), ""};
    }
    return {
        Level::note, "sqlite",
        fmt::format(
            "version {} can lose commits beside a checkpoint; the write gate prevents that",
            sqlite3_libversion()),
        "write to the ledger with atlasjob only, not with other SQLite programs"};
}

Finding check_gate(Connection& connection) {
    if (connection.mode() == Connection::Mode::read) {
        struct stat status {};
        const std::string path = connection.path() + ".gate";
        if (::stat(path.c_str(), &status) == 0) return {Level::ok, "gate", "in force", ""};
        return {Level::note, "gate", "the next writer makes its file", ""};
    }
    const Gate::Hold hold = connection.gate().enter();
    return {Level::ok, "gate", "in force", ""};
}

Finding check_schema(Connection& connection) {
    std::map<int, std::string> known;
    for (const Migration& migration : all_migrations())
        known[migration.version] = migration.sha256;
    Query query{connection, kApplied};
    while (query.step()) {
        const int version = query.integer<int>(0);
        if (known.contains(version) && known[version] == query.text(2)) continue;
        return {
            Level::problem, "schema",
            fmt::format("step {} ({}) is not the one this program has", version, query.text(1)),
            "use the atlasjob that made this ledger, or restore a backup"};
    }
    return {Level::ok, "schema", fmt::format("version {}", connection.user_version()), ""};
}

Finding check_wal(Connection& connection) {
    struct stat status {};
    const std::string path = connection.path() + "-wal";
    const std::int64_t bytes = ::stat(path.c_str(), &status) == 0 ? status.st_size : 0;
    const std::string text = fmt::format("{} KiB", bytes / 1024);
    if (bytes <= kLargeWalBytes) return {Level::ok, "write-ahead log", text, ""};
    return {
        Level::problem, "write-ahead log", text + ": something has kept it from being reused",
        "end programs that have read the ledger for long, then run atlasjob gc"};
}

Finding check_counters(Connection& connection) {
    Query query{connection, kWrongCounters};
    const std::int64_t wrong = query.step() ? query.integer(0) : 0;
    if (wrong == 0) return {Level::ok, "counters", "agree with the jobs", ""};
    return {
        Level::problem, "counters", fmt::format("{} of them do not agree with the jobs", wrong),
        "restore a backup, or report this as a bug of atlasjob"};
}

Finding check_pages(Connection& connection) {
    Query query{connection, "PRAGMA quick_check(1)"};
    const std::string answer = query.step() ? std::string{query.text(0)} : "no answer";
    if (answer == "ok") return {Level::ok, "content", "every page is sound", ""};
    return {Level::problem, "content", "damaged: " + answer, "restore a backup"};
}

}  // namespace

bool has_wal_reset_bug(int version) {
    if (version < 3'007'000 || version >= 3'051'003) return false;
    const bool fixed_3_44 = version >= 3'044'006 && version < 3'045'000;
    const bool fixed_3_50 = version >= 3'050'007 && version < 3'051'000;
    return !fixed_3_44 && !fixed_3_50;
}

std::vector<Finding> check_health(Connection& connection, bool thorough) {
    std::vector<Finding> findings{
        check_version(), check_gate(connection), check_schema(connection), check_wal(connection)};
    if (thorough) {
        findings.push_back(check_pages(connection));
        findings.push_back(check_counters(connection));
    }
    return findings;
}

}  // namespace atlasjob::sqlite

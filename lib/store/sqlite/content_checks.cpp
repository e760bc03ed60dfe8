#include "store/sqlite/content_checks.h"

#include "store/sqlite/connection/query.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

namespace atlasjob::sqlite {

namespace {

using Level = Finding::Level;

constexpr const char* kFileSize = R"sql(
    SELECT page_count * page_size AS bytes
    FROM pragma_page_count(), pragma_page_size()
)sql";
/// By how many bytes the file is too short. SQLite reads a missing last page as zeros and may find
/// nothing wrong with it. Returns 0 (unknown) while the WAL has newer pages.
std::int64_t missing_bytes(Connection& connection) {
    struct stat file {};
    struct stat wal {};
    if (::stat((connection.path() + "-wal").c_str(), &wal) == 0 && wal.st_size > 0) return 0;
    Query query{connection, kFileSize};
    if (!query.step() || ::stat(connection.path().c_str(), &file) != 0) return 0;
    return std::max<std::int64_t>(query.integer("bytes") - file.st_size, 0);
}

constexpr const char* kTextsFormat = R"sql(
    SELECT v AS version
    FROM job_texts_config
    WHERE k = 'version'
)sql";
constexpr const char* kProbeTexts = R"sql(
    SELECT count(*) AS texts
    FROM job_texts
    WHERE job_texts MATCH '"abc"'
)sql";

}  // namespace

Finding check_texts(Connection& connection) {
    constexpr int kFormat = 4;  // sqlite.org/fts5.html, "The %_config table"
    Query format{connection, kTextsFormat};
    if (!format.step() || format.integer("version") != kFormat) {
        return {
            Level::problem, "text index", "damaged: its format is unknown", kRestore,
            ErrorCode::not_a_ledger};
    }
    Query probe{connection, kProbeTexts};
    probe.step();
    return {Level::ok, "text index", "can be read", ""};
}

Finding check_pages(Connection& connection, const char* pragma, const char* column) {
    Query query{connection, pragma};
    std::string result = query.step() ? std::string{query.text(column)} : "no result";
    if (const std::int64_t missing = missing_bytes(connection); missing > 0 && result == "ok")
        result = fmt::format("the file's last {} bytes are missing", missing);
    if (result == "ok") return {Level::ok, "content", "no damage found", ""};
    return {Level::problem, "content", "damaged: " + result, kRestore, ErrorCode::not_a_ledger};
}

}  // namespace atlasjob::sqlite

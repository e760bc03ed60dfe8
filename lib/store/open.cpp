#include "store/open.h"

#include "base/clock.h"
#include "base/environment_path.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "ledger/address_files.h"
#include "store/sqlite/file/file_checks.h"
#include "store/sqlite/sqlite_store.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>

namespace atlasjob {

namespace {

constexpr const char* kLedgerVariable = "ATLASJOB_LEDGER";
constexpr std::string_view kSqlite = "sqlite:";

/// The scheme that a text starts with ("postgresql"), without the colon. Empty if there is
/// none, as in a path with a colon after the first slash.
std::string_view scheme_of(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || text.find('/') < colon) return {};
    return text.substr(0, colon);
}

/// The text of a URL without its user, password and parameters.
std::string without_secrets(std::string_view url) {
    std::string text{url.substr(0, url.find('?'))};
    if (text.size() < url.size()) text += "?...";
    const std::size_t authority = text.find("//");
    const std::size_t at = text.rfind('@');
    if (authority == std::string::npos || at == std::string::npos || at < authority) return text;
    return text.replace(authority + 2, at - authority - 2, "...");
}

/// weakly_canonical with retries: it fails if a directory of the path is moved away while it runs.
std::filesystem::path resolve_path(std::string_view path, std::error_code& failed) {
    constexpr int kTries = 3;
    std::filesystem::path real;
    for (int tries = 0; tries < kTries; ++tries) {
        real = std::filesystem::weakly_canonical(std::filesystem::absolute(path, failed), failed);
        if (failed != std::errc::no_such_file_or_directory) break;
    }
    return real;
}

std::string absolute_path(std::string_view path) {
    std::error_code failed;
    // The write-ahead log and the write lock are named after the real file.
    const auto real = resolve_path(path, failed);
    if (failed) {
        throw Error(
            ErrorCode::unavailable,
            fmt::format("cannot use the ledger path {}: {}", path, failed.message()),
            "give another path with --ledger");
    }
    return real;
}

/// The file to open. Resolves a symbolic link that was created after the ledger was located:
/// siblings are named after the real file, and a store never opens a link.
std::string real_path(const std::string& path) {
    std::error_code ignored;
    return std::filesystem::is_symlink(path, ignored) ? absolute_path(path) : path;
}

/// Whether an address is a relative path, which is another ledger in every working directory.
bool is_relative(std::string_view address) {
    if (address.starts_with(kSqlite)) return !address.substr(kSqlite.size()).starts_with('/');
    return !address.starts_with('/') && scheme_of(address).empty();
}

}  // namespace

LedgerAddress parse_address(std::string_view text) {
    std::string_view path = text;
    const std::string_view scheme = scheme_of(text);
    if (text.starts_with(kSqlite)) {
        path.remove_prefix(kSqlite.size());
    } else if (scheme == "file") {
        throw Error(
            ErrorCode::invalid_argument,
            fmt::format("the ledger \"{}\" is a file: URI, which is not supported", text),
            fmt::format("give a path; for a file of that name give ./{}", text));
    } else if (scheme == "postgresql" || scheme == "postgres") {
        throw Error(
            ErrorCode::invalid_argument,
            fmt::format(
                "the ledger \"{}\" is on PostgreSQL, which this build does not support",
                without_secrets(text)),
            "give the path of an SQLite ledger");
    }
    if (path.empty()) {
        throw Error(
            ErrorCode::invalid_argument, fmt::format("the ledger \"{}\" has no path", text),
            "give the path of a file");
    }
    return LedgerFiles::address_of(absolute_path(path));
}

std::string default_ledger(std::string_view home) {
    return std::string{home} + "/.local/state/atlasjob/ledger.db";
}

std::string ledger_from_environment(std::string_view other_way) {
    if (auto named = environment(kLedgerVariable)) {
        if (!is_relative(*named)) return *named;
        throw Error(
            ErrorCode::unavailable,
            fmt::format("cannot locate the ledger: {} is not an absolute path", kLedgerVariable),
            fmt::format("{}, or set it to an absolute path", other_way));
    }
    if (const auto home = environment_path("HOME")) return default_ledger(*home);
    throw Error(
        ErrorCode::unavailable, "cannot locate the ledger: " + why_no_path("HOME"),
        fmt::format("{} or set {}", other_way, kLedgerVariable));
}

SchemaSteps inspect_schema(const LedgerAddress& address) {
    const auto migrations = sqlite::all_migrations();
    SchemaSteps steps;
    steps.version = sqlite::version_of(real_path(LedgerFiles::of(address).path), migrations);
    steps.known = sqlite::schema_version(migrations);
    for (const sqlite::Migration& migration : migrations)
        if (migration.version > steps.version) steps.missing.emplace_back(migration.name);
    return steps;
}

void migrate_ledger(
    const LedgerAddress& address,
    const std::function<void(std::span<const OlderAttempt>)>& waiting,
    const Clock& clock) {
    const std::string path = real_path(LedgerFiles::of(address).path);
    sqlite::ChangeSignalWatch changes{path};
    for (;;) {
        const auto older = sqlite::migrate_ledger(path, sqlite::all_migrations(), clock.now());
        if (older.empty()) return;
        waiting(older);
        changes.wait(std::chrono::seconds{1});
    }
}

std::vector<Finding> check_files(const LedgerAddress& address) {
    return sqlite::check_files(LedgerFiles::of(address).path);
}

void disable_memory_statistics() {
    sqlite::disable_memory_statistics();
}

std::unique_ptr<Store> open_store(const LedgerAddress& address, OpenMode mode, const Clock& clock) {
    using sqlite::Connection;
    static constexpr std::array kModes = {
        Connection::Mode::read, Connection::Mode::write, Connection::Mode::create};
    const auto access = kModes.at(static_cast<std::size_t>(mode));
    return std::make_unique<sqlite::SqliteStore>(
        real_path(LedgerFiles::of(address).path), access, sqlite::all_migrations(), clock);
}

}  // namespace atlasjob

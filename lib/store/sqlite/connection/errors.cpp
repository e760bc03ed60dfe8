#include "store/sqlite/connection/errors.h"

#include "base/file.h"

#include <sqlite3.h>

#include <fcntl.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>

namespace atlasjob::sqlite {

namespace {

struct ErrorMapping {
    int primary;  ///< The low byte of an extended result code.
    ErrorCode code;
    std::string_view why;
    std::string_view fix;
};

// clang-format off
constexpr std::array kErrorMappings = {
    ErrorMapping{SQLITE_BUSY,     ErrorCode::unavailable,  "it is locked by another program",  "try again; stop the program that is writing to it"},
    ErrorMapping{SQLITE_LOCKED,   ErrorCode::unavailable,  "it is locked by another program",  "try again"},
    // A process that was stopped in the middle of opening the write-ahead log.
    ErrorMapping{SQLITE_PROTOCOL, ErrorCode::unavailable, "another process holds its lock", "try again; see whether a process that uses it is stopped"},
    ErrorMapping{SQLITE_FULL,     ErrorCode::unavailable,  "the disk is full",                 "free some space and try again"},
    ErrorMapping{SQLITE_READONLY, ErrorCode::unavailable,  "it, or its directory, is read-only", "check the permissions, or give another path with --ledger"},
    ErrorMapping{SQLITE_PERM,     ErrorCode::unavailable,  "permission denied",                "check the permissions"},
    ErrorMapping{SQLITE_CANTOPEN, ErrorCode::unavailable,  "it cannot be opened",              "check the path and its permissions"},
    ErrorMapping{SQLITE_IOERR,    ErrorCode::unavailable,  "reading or writing it failed",     "check the disk; see atlasjob doctor"},
    ErrorMapping{SQLITE_NOMEM,    ErrorCode::unavailable,  "out of memory",                    "free some memory and try again"},
    ErrorMapping{SQLITE_CORRUPT,  ErrorCode::not_a_ledger, "it is damaged",                    "see atlasjob doctor; restore a backup"},
    ErrorMapping{SQLITE_NOTADB,   ErrorCode::not_a_ledger, "it is not an SQLite file, or damaged", "give the path of a ledger with --ledger"},
};
// clang-format on

const ErrorMapping* find_mapping(int extended_code) {
    for (const ErrorMapping& mapping : kErrorMappings) {
        if (mapping.primary == (extended_code & 0xFF)) return &mapping;
    }
    return nullptr;
}

/// SQLite does not say why it cannot open a file.
bool is_out_of_files() {
    return !open_file("/dev/null", O_RDONLY) && errno == EMFILE;
}

}  // namespace

Error translated(const SQLite::Exception& failure, std::string_view ledger, std::string_view verb) {
    const int code = failure.getExtendedErrorCode();
    const std::string detail = fmt::format("cannot {} the ledger {}", verb, ledger);
    if ((code & 0xFF) == SQLITE_CANTOPEN && is_out_of_files()) {
        return {
            ErrorCode::unavailable, fmt::format("{}: {}", detail, errno_text(EMFILE)),
            "raise the limit and try again"};
    }
    if (const ErrorMapping* mapping = find_mapping(code)) {
        return {
            mapping->code,
            fmt::format("{}: {} (SQLite {}: {})", detail, mapping->why, code, failure.what()),
            mapping->fix};
    }
    return {
        ErrorCode::internal, fmt::format("{}: SQLite {}: {}", detail, code, failure.what()),
        "this is a bug in atlasjob: please report it"};
}

Error commit_failed(const SQLite::Exception& failure, std::string_view ledger) {
    if (failure.getErrorCode() == SQLITE_FULL) return translated(failure, ledger, "write");
    const ErrorMapping* mapping = find_mapping(failure.getExtendedErrorCode());
    return {
        ErrorCode::outcome_unknown,
        fmt::format(
            "cannot commit to the ledger {}: {} (SQLite {}: {})", ledger,
            mapping != nullptr ? mapping->why : "the commit failed", failure.getExtendedErrorCode(),
            failure.what()),
        "it is unknown whether the change was kept: check the job before you try again"};
}

}  // namespace atlasjob::sqlite

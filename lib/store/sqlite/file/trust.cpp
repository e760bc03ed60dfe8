#include "store/sqlite/file/trust.h"

#include "base/error.h"
#include "base/owned_file.h"
#include "store/open.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace atlasjob::sqlite {

namespace {

/// How many of kSiblings to check before opening a ledger; the others are checked when opened.
constexpr std::size_t kForReaders = 3;
constexpr std::size_t kForWriters = 5;

std::optional<FileFault> fault_of_sibling(const std::string& path, const FileOwner& owner) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return {};
    return fault_of_file(path, status, owner);
}

std::optional<FileFault> fault_of_siblings(
    const std::string& ledger, const FileOwner& owner, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        if (auto fault = fault_of_sibling(ledger + kSiblings.at(i), owner)) return fault;
    return {};
}

/// Trusts only files that belong to `account` (the siblings: or root) and that nobody else may
/// write.
std::optional<FileFault> fault_of_ledger(const std::string& path, uid_t account) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0)
        return FileFault{path, "is not accessible: " + errno_text(errno), {}};
    if (status.st_uid != account) {
        return FileFault{
            path, fmt::format("belongs to another account ({})", account_text(status.st_uid)), {}};
    }
    if (others_may_write(status)) return FileFault{path, "can be written by others", {}};
    return fault_of_siblings(path, {account, status.st_gid}, kSiblings.size());
}

std::optional<FileFault> fault_of_logs(const std::string& root, uid_t account) {
    struct stat status {};
    if (::lstat(root.c_str(), &status) != 0) return {};
    return fault_of_directory(root, status, account);
}

}  // namespace

std::optional<std::string> why_untrusted(const std::string& ledger) {
    const uid_t account = ::geteuid();
    if (const auto fault = fault_of_ledger(ledger, account)) {
        return fault->path == ledger ? "the ledger " + fault->text() : fault->text();
    }
    if (const auto fault = fault_of_directories(ledger, account))
        return "the directory " + fault->text();
    if (const auto fault = fault_of_logs(ledger + ".logs", account)) return fault->text();
    return {};
}

bool is_safe_from_others(const std::string& ledger) {
    const uid_t account = ::geteuid();
    struct stat status {};
    if (::lstat(ledger.c_str(), &status) != 0) return false;
    if (status.st_uid != account || others_may_write(status)) return false;
    const std::string directory = ledger.substr(0, std::max<std::size_t>(ledger.rfind('/'), 1));
    return ::lstat(directory.c_str(), &status) == 0
           && (status.st_uid == 0 || status.st_uid == account) && !others_may_write(status);
}

void refuse_planted_siblings(const std::string& ledger, bool writing) {
    struct stat ledger_status {};
    const bool exists = ::stat(ledger.c_str(), &ledger_status) == 0;
    const FileOwner owner =
        exists ? FileOwner::of(ledger_status) : FileOwner{::geteuid(), ::getegid()};
    if (const auto fault = fault_of_siblings(ledger, owner, writing ? kForWriters : kForReaders))
        refuse_file(*fault);
}

void refuse_shared_directory(const std::string& ledger) {
    const std::string directory = std::filesystem::path{ledger}.parent_path();
    struct stat status {};
    if (::stat(directory.c_str(), &status) != 0) return;
    const auto fault = fault_of_directory(directory, status, ::geteuid());
    if (!fault) return;
    throw Error(
        ErrorCode::unavailable,
        fmt::format("no ledger is created in {}: it {}", directory, fault->what),
        fault->fix + ", or give another path with --ledger");
}

}  // namespace atlasjob::sqlite

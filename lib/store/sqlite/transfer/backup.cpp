#include "store/sqlite/transfer/backup.h"

#include "base/error.h"
#include "base/file.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace atlasjob::sqlite {

namespace {

/// Pages per step: 2 MiB, so that progress is shown and Ctrl-C works.
constexpr int kPagesAtATime = 512;

[[noreturn]] void throw_unwritable(const std::string& file, std::string_view why) {
    throw Error(
        ErrorCode::unavailable, fmt::format("cannot write the backup {}: {}", file, why),
        "check the path, its permissions and the disk, or give another path");
}

bool exists(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0;
}

bool has_content(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && status.st_size > 0;
}

/// Never replaces a database that is in use, this ledger or another: its WAL or journal would be
/// applied to the copy.
void refuse_to_replace(const std::string& ledger, const BackupRequest& request) {
    const auto target = file_identity(request.file);
    if (target && target == file_identity(ledger)) {
        throw Error(
            ErrorCode::refused, fmt::format("{} is the ledger itself", request.file),
            "give another path");
    }
    if (exists(request.file) && !request.replace) {
        throw Error(
            ErrorCode::refused, fmt::format("{} already exists", request.file),
            "give another path, or replace it with --force");
    }
    for (const char* sibling : {"-wal", "-journal"}) {
        if (!has_content(request.file + sibling)) continue;
        throw Error(
            ErrorCode::refused,
            fmt::format("{0}{1} exists and belongs to the database {0}", request.file, sibling),
            "stop the program that uses that database, or give another path");
    }
}

/// A temporary file beside the target, accessible to its owner only. Removed unless put in place.
class DraftFile {
  public:
    explicit DraftFile(const std::string& file) : file_(file), path_(file + ".XXXXXX") {
        const UniqueFd fd{::mkostemp(path_.data(), O_CLOEXEC)};
        if (!fd) throw_unwritable(file_, errno_text(errno));
    }
    DraftFile(const DraftFile&) = delete;
    DraftFile& operator=(const DraftFile&) = delete;
    ~DraftFile() {
        if (path_.empty()) return;
        ::unlink((path_ + "-journal").c_str());
        ::unlink(path_.c_str());
    }

    const std::string& path() const { return path_; }

    /// Syncs the file and renames it to the target.
    void put_in_place(bool replace) {
        sync(path_, O_RDWR);
        if (replace) remove_siblings();
        if (!(replace ? rename_over() : rename_new())) throw_unwritable(file_, errno_text(errno));
        path_.clear();
        sync_folder();
    }

  private:
    /// Removes what readers of the replaced file have left; open descriptors stay valid.
    void remove_siblings() const {
        ::unlink((file_ + "-wal").c_str());
        ::unlink((file_ + "-shm").c_str());
    }
    bool rename_over() const { return ::rename(path_.c_str(), file_.c_str()) == 0; }
    /// Fails if the target has been created meanwhile.
    bool rename_new() const {
        if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, file_.c_str(), RENAME_NOREPLACE) == 0)
            return true;
        // Not every filesystem supports this flag.
        return errno == EINVAL && ::link(path_.c_str(), file_.c_str()) == 0
               && ::unlink(path_.c_str()) == 0;
    }
    void sync(const std::string& path, int flags) const {
        const UniqueFd fd = open_file(path, flags);
        if (!fd || ::fsync(fd.get()) != 0) throw_unwritable(file_, errno_text(errno));
    }

    /// The copy is whole and in place, and stays.
    void sync_folder() const {
        const UniqueFd fd =
            open_file(std::filesystem::absolute(file_).parent_path(), O_RDONLY | O_DIRECTORY);
        if (fd && ::fsync(fd.get()) == 0) return;
        throw Error(
            ErrorCode::unavailable,
            fmt::format(
                "{} is complete, but its name may not survive a power failure: its directory "
                "cannot "
                "be synced: {}",
                file_, errno_text(errno)),
            "check the disk, and make another backup elsewhere");
    }

    std::string file_;
    std::string path_;
};

struct FinishBackup {
    void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
};

/// Blames the backup file, unless the ledger itself is damaged.
[[noreturn]] void throw_failed(const std::string& file, int code) {
    if ((code & 0xFF) != SQLITE_CORRUPT) throw_unwritable(file, sqlite3_errstr(code));
    throw Error(
        ErrorCode::not_a_ledger, "cannot copy the ledger: it is damaged", "see atlasjob doctor");
}

void copy_pages(
    Connection& connection,
    SQLite::Database& copy,
    const std::string& file,
    const PartDone& part_done) {
    const std::unique_ptr<sqlite3_backup, FinishBackup> backup{
        sqlite3_backup_init(copy.getHandle(), "main", connection.handle(), "main")};
    if (!backup) throw_failed(file, sqlite3_extended_errcode(copy.getHandle()));
    for (int code = SQLITE_OK; code != SQLITE_DONE;) {
        // Runs on the caller's snapshot, so concurrent writes do not restart the backup.
        code = sqlite3_backup_step(backup.get(), kPagesAtATime);
        if (code != SQLITE_OK && code != SQLITE_DONE) throw_failed(file, code);
        const std::int64_t total = sqlite3_backup_pagecount(backup.get());
        part_done(total - sqlite3_backup_remaining(backup.get()), total);
    }
}

}  // namespace

void copy_ledger(Connection& connection, const BackupRequest& request, const PartDone& part_done) {
    refuse_to_replace(connection.path(), request);
    DraftFile draft{request.file};
    try {
        SQLite::Database copy{draft.path(), SQLite::OPEN_READWRITE};
        copy_pages(connection, copy, request.file, part_done);
    } catch (const SQLite::Exception& failure) {
        throw_unwritable(request.file, failure.what());
    }
    draft.put_in_place(request.replace);
}

}  // namespace atlasjob::sqlite

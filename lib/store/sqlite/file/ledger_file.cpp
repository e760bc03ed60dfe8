#include "store/sqlite/file/ledger_file.h"

#include "base/error.h"
#include "base/text.h"
#include "store/sqlite/file/trust.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <vector>

namespace atlasjob::sqlite {

bool has_content(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && status.st_size > 0;
}

std::string directory_of(const std::string& path) {
    return std::filesystem::path{path}.parent_path();
}

namespace {

constexpr std::string_view kMagic{"SQLite format 3\0", 16};
constexpr std::size_t kHeaderSize = 100;

/// A filesystem that two machines can mount at the same time.
struct SharedFilesystem {
    std::uint64_t magic;  ///< statfs(2) f_type
    std::string_view name;
};

constexpr std::uint64_t kFuse = 0x65735546;
constexpr std::array kSharedFilesystems = {
    SharedFilesystem{0x6969, "NFS"},          SharedFilesystem{0xFE534D42, "SMB"},
    SharedFilesystem{0xFF534D42, "CIFS"},     SharedFilesystem{0x517B, "SMB"},
    SharedFilesystem{0x01021997, "9P"},       SharedFilesystem{0x00C36400, "Ceph"},
    SharedFilesystem{0x5346414F, "AFS"},      SharedFilesystem{0x6B414653, "AFS"},
    SharedFilesystem{0x73757245, "Coda"},     SharedFilesystem{0x0BD00BD0, "Lustre"},
    SharedFilesystem{0x47504653, "GPFS"},     SharedFilesystem{0x01161970, "GFS2"},
    SharedFilesystem{0x7461636F, "OCFS2"},    SharedFilesystem{0x786F4256, "vboxsf"},
    SharedFilesystem{0xBACBACBC, "VMware"},   SharedFilesystem{0x19830326, "BeeGFS"},
    SharedFilesystem{0x20030528, "OrangeFS"}, SharedFilesystem{kFuse, "FUSE"},
};

/// Types of FUSE mounts that are local: a disk of this machine (ntfs-3g), and the root of a
/// container without privileges. virtiofs, sshfs and unknown ones may be shared.
constexpr std::array<std::string_view, 2> kLocalFuse = {"fuseblk", "fuse.fuse-overlayfs"};

[[noreturn]] void throw_unusable(const std::string& what, const std::string& path, int error) {
    throw Error(
        ErrorCode::unavailable, fmt::format("{} {}: {}", what, path, errno_text(error)),
        "check the path and its permissions, or give another path with --ledger");
}

/// The first bytes of a file, as far as SQLite's header; fewer if it is shorter.
std::string read_head(int fd, const std::string& path) {
    std::array<char, kHeaderSize> head{};
    const ssize_t count = ::pread(fd, head.data(), head.size(), 0);
    if (count < 0) throw_unusable("cannot read the ledger", path, errno);
    return {head.data(), static_cast<std::size_t>(count)};
}

/// A number of the header, big-endian (sqlite.org/fileformat2.html, 1.3).
std::uint32_t header_number(std::string_view head, std::size_t offset) {
    std::uint32_t number = 0;
    for (std::size_t i = offset; i < offset + 4; ++i)
        number = number << 8U | static_cast<unsigned char>(head[i]);
    return number;
}

/// By how many bytes the file is shorter than its header says; 0 if the header does not know.
std::int64_t missing_bytes(int fd, const std::string& path) {
    const std::string head = read_head(fd, path);
    struct stat status {};
    if (::fstat(fd, &status) != 0 || !head.starts_with(kMagic)) return 0;
    if (head.size() < kHeaderSize) return static_cast<std::int64_t>(kHeaderSize - head.size());
    // A program that does not keep the number of pages leaves these two different.
    if (header_number(head, 24) != header_number(head, 92)) return 0;
    const std::uint32_t size = header_number(head, 16) >> 16U;
    const std::int64_t page = size == 1 ? 65'536 : size;
    return std::max<std::int64_t>(page * header_number(head, 28) - status.st_size, 0);
}

/// SQLite reads a missing page as zeros: a list would be shorter, and nothing said about it. With a
/// write-ahead log the file may be short: a checkpoint writes the header before the last pages.
void refuse_cut_off(int fd, const std::string& path) {
    if (missing_bytes(fd, path) == 0 || has_content(path + "-wal")) return;
    // Again, as a checkpoint may have ended, and the log been removed, in between.
    const std::int64_t missing = missing_bytes(fd, path);
    if (missing == 0) return;
    throw Error(
        ErrorCode::not_a_ledger,
        fmt::format("the ledger {} is damaged: its last {} bytes are missing", path, missing),
        "restore a backup (docs/operations.md)");
}

void sync_directory(const std::string& directory) {
    const UniqueFd fd = open_file(directory, O_RDONLY | O_DIRECTORY);
    if (fd) ::fsync(fd.get());
}

void create_durable_directories(const std::filesystem::path& directory) {
    if (directory.empty() || std::filesystem::exists(directory)) return;
    create_durable_directories(directory.parent_path());
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
        throw_unusable("cannot create the directory", directory, errno);
    }
    sync_directory(directory.parent_path());
}

}  // namespace

FileState inspect_file(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return FileState::absent;
        throw_unusable("cannot use the ledger", path, errno);
    }
    static constexpr std::string_view kFix = "give the path of a ledger with --ledger";
    if (S_ISDIR(status.st_mode)) {
        throw Error(
            ErrorCode::not_a_ledger, fmt::format("{} is a directory, not a ledger", path), kFix);
    }
    if (!S_ISREG(status.st_mode)) {
        throw Error(ErrorCode::not_a_ledger, fmt::format("{} is not a regular file", path), kFix);
    }
    const UniqueFd fd = open_file(path, O_RDONLY | O_NONBLOCK);
    if (!fd) throw_unusable("cannot read the ledger", path, errno);
    std::string head = read_head(fd.get(), path);
    // A ledger that is just being created gets its header before its log: if there is a log by now,
    // there must be a header, so read it again.
    const bool logged = head.empty() && has_content(path + "-wal");
    if (logged) head = read_head(fd.get(), path);
    if (logged && head.empty()) {
        // SQLite would discard the WAL, which is all that is left of the ledger.
        throw Error(
            ErrorCode::not_a_ledger,
            fmt::format("the ledger {} was emptied; its write-ahead log is still there", path),
            "restore a backup, or move both files away to start a new ledger");
    }
    if (head.empty()) return FileState::empty;
    if (!head.starts_with(kMagic)) {
        throw Error(
            ErrorCode::not_a_ledger,
            fmt::format(
                "{} is not a ledger: it is not an SQLite file, or its header is damaged", path),
            kFix);
    }
    refuse_cut_off(fd.get(), path);
    return FileState::sqlite;
}

void refuse_read_only(const std::string& path) {
    if (::access(path.c_str(), F_OK) != 0) return;
    const std::string directory = directory_of(path);
    const bool can_lock = ::access((path + ".gate").c_str(), W_OK) == 0;
    const bool file = ::access(path.c_str(), W_OK) != 0;
    if (!file && (can_lock || ::access(directory.c_str(), W_OK) == 0)) return;
    const int error = errno;
    throw Error(
        ErrorCode::unavailable,
        fmt::format(
            "the ledger {} is read-only: cannot write {}: {}", path, file ? path : directory,
            errno_text(error)),
        "check the permissions, or copy it to a directory that this account can write");
}

namespace {

/// Accepts a file that another process has created meanwhile, but not a dangling symbolic link.
void require_file(const std::string& path) {
    if (inspect_file(path) != FileState::absent) return;
    throw Error(
        ErrorCode::unavailable,
        fmt::format("cannot create the ledger {}: it is a dangling symbolic link", path),
        "remove the link, or give its target with --ledger");
}

}  // namespace

void create_file(const std::string& path) {
    const std::filesystem::path directory = std::filesystem::path{path}.parent_path();
    create_durable_directories(directory);
    refuse_shared_directory(path);
    // O_EXCL does not follow a dangling symbolic link, so its target is not created.
    const UniqueFd fd = open_file(path, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (!fd && errno == EEXIST) return require_file(path);
    if (!fd) throw_unusable("cannot create the ledger", path, errno);
    ::fsync(fd.get());
    // SQLite syncs the directory for its other files, but not for the database.
    sync_directory(directory);
}

namespace {

/// The type of the mount that a file is on, as /proc/self/mountinfo names it (proc(5)); empty if it
/// cannot be found.
std::string mount_type_of(const std::string& path) {
    struct stat status {};
    const auto mounts = read_file("/proc/self/mountinfo");
    if (::stat(path.c_str(), &status) != 0 || !mounts) return {};
    const std::string device = fmt::format("{}:{}", major(status.st_dev), minor(status.st_dev));
    for (const std::string_view line : split(*mounts, '\n')) {
        const auto fields = split(line, ' ');
        const auto separator = std::ranges::find(fields, std::string_view{"-"});
        if (fields.size() < 3 || fields[2] != device || fields.end() - separator < 2) continue;
        return std::string{*std::next(separator)};
    }
    return {};
}

bool is_local_fuse(const std::string& path) {
    return std::ranges::find(kLocalFuse, mount_type_of(path)) != kLocalFuse.end();
}

}  // namespace

void refuse_shared_filesystem(const std::string& path) {
    std::filesystem::path existing{path};
    struct statfs status {};
    while (::statfs(existing.c_str(), &status) != 0) {
        if (!existing.has_relative_path()) return;
        existing = existing.parent_path();
    }
    const auto type = static_cast<std::uint32_t>(status.f_type);
    const auto* found = std::ranges::find(kSharedFilesystems, type, &SharedFilesystem::magic);
    if (found == kSharedFilesystems.end()) return;
    if (found->magic == kFuse && is_local_fuse(existing)) return;
    throw Error(
        ErrorCode::unavailable,
        fmt::format(
            "the ledger {} would be on a filesystem that other machines can mount, too ({}), where "
            "it "
            "is not safe",
            path, found->name),
        "give a path on a local disk with --ledger");
}

namespace {

/// A file that this process has open, with its current path. The path names no file if the file was
/// removed or never had one (a pipe).
struct OpenFile {
    FileIdentity identity;
    std::string path;
};

/// Lists the open files without opening or closing any: closing a descriptor of a ledger would drop
/// SQLite's locks on it.
std::vector<OpenFile> open_files() {
    std::vector<OpenFile> files;
    std::error_code failed;
    std::filesystem::directory_iterator entry{"/proc/self/fd", failed};
    for (const std::filesystem::directory_iterator end; entry != end; entry.increment(failed)) {
        std::error_code closed;
        const auto path = std::filesystem::read_symlink(entry->path(), closed);
        const auto identity = file_identity(entry->path());
        if (identity && !closed) files.push_back({*identity, path});
    }
    return files;
}

bool is_open(const std::vector<OpenFile>& files, const std::string& path) {
    const auto identity = file_identity(path);
    return identity && std::ranges::any_of(files, [&](const OpenFile& file) {
               return file.identity == *identity;
           });
}

}  // namespace

std::optional<std::string> find_moved_ledger(const FileIdentity& ledger) {
    const std::vector<OpenFile> files = open_files();
    for (const OpenFile& file : files) {
        const bool found = file.identity == ledger && file_identity(file.path) == ledger;
        if (found && is_open(files, file.path + "-wal") && is_open(files, file.path + "-shm"))
            return file.path;
    }
    return {};
}

Error ledger_moved(const std::string& path) {
    return {
        ErrorCode::ledger_moved,
        fmt::format("the ledger {} was moved, removed or replaced while it was open", path),
        "try again, or give its new path with --ledger"};
}

}  // namespace atlasjob::sqlite

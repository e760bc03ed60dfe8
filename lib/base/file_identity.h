#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace atlasjob {

/// Identifies a file regardless of its name, by device and inode. Everything here is thread-safe.
struct FileIdentity {
    dev_t device = 0;
    ino_t inode = 0;

    friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// The file at `path`, following symbolic links; nullopt if stat(2) fails.
[[nodiscard]] std::optional<FileIdentity> file_identity(const std::string& path);

/// Whether `path`, without following a symbolic link, still names the open file. A lock on a file
/// that has been removed or replaced excludes nobody.
[[nodiscard]] bool is_named(int fd, const std::string& path);

/// Remembers which file was at a path when this object was created.
class PathIdentity {
  public:
    explicit PathIdentity(std::string path);

    /// Whether that file is still at the path. False if there was none.
    [[nodiscard]] bool is_there() const;
    /// Whether a different file is at the path now. False if there is none.
    [[nodiscard]] bool is_replaced() const;
    /// "<device>:<inode>"; empty if there was no file.
    [[nodiscard]] std::string text() const;

  private:
    std::string path_;
    std::optional<FileIdentity> file_;
};

}  // namespace atlasjob

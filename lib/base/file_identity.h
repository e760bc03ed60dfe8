#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace atlasjob {

/// Which file it is, whatever it is called: device and inode. All of this is thread-safe.
struct FileIdentity {
    dev_t device = 0;
    ino_t inode = 0;

    friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// The file at `path`, links followed; nullopt when there is none or it cannot be looked at.
std::optional<FileIdentity> file_identity(const std::string& path);

/// Whether `path` itself, links not followed, names the open file. A lock on a file that was
/// removed or replaced keeps nobody out.
bool is_named(int fd, const std::string& path);

/// A path and the file that was there when this was made.
class PathIdentity {
  public:
    explicit PathIdentity(std::string path);

    /// Whether that file is at the path now. False, too, when there was none.
    bool is_there() const;
    /// Whether another file is at the path now; false when there is none.
    bool is_replaced() const;
    /// "<device>:<inode>", empty where there was no file.
    std::string text() const;

  private:
    std::string path_;
    std::optional<FileIdentity> file_;
};

}  // namespace atlasjob

#pragma once

#include "base/file.h"
#include "base/owned_file.h"

#include <string>
#include <string_view>

namespace atlasjob {

/// The owner of the ledger to which `logs_root` (`<ledger>.logs`) belongs; this account if there is
/// no such ledger.
FileOwner ledger_owner(std::string_view logs_root);

/// An open directory of a ledger's output: the root (`<ledger>.logs`) or a two-letter folder in it.
/// Opened one path component at a time; none may be a symbolic link, belong to an account other
/// than root or the ledger's owner, or be writable by others. So other accounts can neither forge
/// output nor swap the directory while it is in use. Files are accessed relative to its
/// descriptor. Directories and files created by root are given to the ledger's owner.
class LogFolder {
  public:
    /// The folder at `<root>/<name>`; nullopt if it or the root does not exist. Throws
    /// Error(unavailable) if either cannot be opened or fails the checks above.
    static std::optional<LogFolder> find(const std::string& path);
    /// The same, but creates the root and the folder if needed.
    static LogFolder make(const std::string& path);
    /// The same for the root itself.
    static std::optional<LogFolder> find_root(const std::string& logs_root);
    static LogFolder make_root(const std::string& logs_root);

    int fd() const { return fd_.get(); }
    const std::string& path() const { return path_; }
    const FileOwner& owner() const { return owner_; }
    FilePlace place(const std::string& name) const;
    std::vector<std::string> names() const { return names_in(fd_.get()); }

    /// The status of a file of that kind (S_IFMT) with a single link that belongs to the ledger's
    /// owner or root; nullopt for any other.
    std::optional<struct stat> status_of(const std::string& name, mode_t kind) const;
    /// Opens such a file. On failure returns an invalid descriptor and sets errno: ENOENT for any
    /// other file.
    UniqueFd open(const std::string& name, int flags, mode_t kind) const;
    bool remove(const std::string& name) const;
    bool rename(const std::string& from, const std::string& to) const;

  private:
    LogFolder(UniqueFd fd, std::string path, FileOwner owner)
        : fd_(std::move(fd)), path_(std::move(path)), owner_(owner) {}

    UniqueFd fd_;
    std::string path_;
    FileOwner owner_;
};

/// A path split at its last slash.
struct PathParts {
    std::string directory;
    std::string name;
};
PathParts split_path(const std::string& path);

/// The root of a ledger's output, for a process that writes there for a long time: follows the
/// directory when it is moved, alone or with the ledger. Not thread-safe.
class LogRoot {
  public:
    /// Does not access the file system.
    explicit LogRoot(std::string path) : path_(std::move(path)) {}

    /// The current path of the directory. Opens the directory once it exists and follows it from
    /// then on; until then returns the path given to the constructor.
    const std::string& path();
    /// Whether the directory was opened and has been removed since. It must not be created again.
    bool is_gone();

  private:
    void follow();

    std::string path_;
    UniqueFd fd_;
};

}  // namespace atlasjob

#pragma once

#include "base/file.h"
#include "base/owned_file.h"

#include <string>
#include <string_view>

namespace atlasjob {

/// The owner of the ledger that `logs_root` (`<ledger>.logs`) is named after; this account when
/// there is no such ledger.
FileOwner ledger_owner(std::string_view logs_root);

/// A directory of a ledger's output, opened step by step: its root (`<ledger>.logs`) first, then
/// the two-letter folder in it. Neither may be a link, belong to another account than root or the
/// ledger's owner, or be written by others: what is in it is then theirs, and nobody can put
/// something else in its place while it is worked with. Files in it are reached by their names
/// alone. What root makes is the owner's.
class LogFolder {
  public:
    /// The folder at `<root>/<name>`; nullopt when it or its root is not there. Throws
    /// Error(unavailable) when one of them was planted or cannot be opened.
    static std::optional<LogFolder> find(const std::string& path);
    /// The same, but makes what is not there.
    static LogFolder make(const std::string& path);
    /// The root itself.
    static std::optional<LogFolder> find_root(const std::string& logs_root);
    static LogFolder make_root(const std::string& logs_root);

    int fd() const { return fd_.get(); }
    const std::string& path() const { return path_; }
    const FileOwner& owner() const { return owner_; }
    FilePlace place(const std::string& name) const;
    std::vector<std::string> names() const { return names_in(fd_.get()); }

    /// The status of a file of that kind (S_IFMT) that belongs to the ledger's owner or root, under
    /// one name; nullopt for any other.
    std::optional<struct stat> status_of(const std::string& name, mode_t kind) const;
    /// Opens a file of that kind; an invalid descriptor and errno on failure, ENOENT for one that
    /// is not the owner's.
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

/// A path in parts: what is before its last slash, and what is behind.
struct PathParts {
    std::string directory;
    std::string name;
};
PathParts split_path(const std::string& path);

/// The directory of a ledger's output, for whoever writes there for long: it may be moved
/// meanwhile, alone or with the ledger. Not thread-safe.
class LogRoot {
  public:
    /// Touches nothing.
    explicit LogRoot(std::string path) : path_(std::move(path)) {}

    /// Where it is now. From the first call on which it is there it is followed wherever it goes;
    /// before, it is where it was said to be.
    const std::string& path();
    /// Whether it has been there and is nowhere any more: nothing is to be made in its place.
    bool is_gone();

  private:
    void follow();

    std::string path_;
    UniqueFd fd_;
};

}  // namespace atlasjob

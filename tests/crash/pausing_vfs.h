#pragma once

#include <functional>

namespace atlasjob::test {

/// A layer over SQLite's VFS. Once armed, it calls `in_window` when a checkpoint has read the
/// header of the WAL index but has not yet taken its read lock: the window in which SQLite
/// before 3.51.3 must not see a commit of another connection.
///
/// The layer detects this point by the call xUnfetch(file, 0, nullptr), which a checkpoint makes
/// there if the header has changed since it was last read. It applies to connections opened during
/// its lifetime.
class PausingVfs {
  public:
    PausingVfs();
    PausingVfs(const PausingVfs&) = delete;
    PausingVfs& operator=(const PausingVfs&) = delete;
    /// All connections must be closed before.
    ~PausingVfs();

    void arm(std::function<void()> in_window);
    /// Whether `in_window` has been called.
    bool fired() const;
};

}  // namespace atlasjob::test

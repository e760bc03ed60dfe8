#pragma once

#include <functional>

namespace atlasjob::test {

/// A layer over SQLite's own file system calls that runs `in_window` once, at the moment after it
/// was armed when a checkpoint has read the header of the WAL's index and has not yet taken its
/// read lock: the window in which SQLite before 3.51.3 must not see a commit of anybody else.
///
/// The moment is recognised by xUnfetch(file, 0, nullptr), which a checkpoint calls there, and only
/// when the header it read is another than the one it knew. Connections made while the layer lives
/// go through it.
class PausingVfs {
  public:
    PausingVfs();
    PausingVfs(const PausingVfs&) = delete;
    PausingVfs& operator=(const PausingVfs&) = delete;
    /// All connections must be closed.
    ~PausingVfs();

    void arm(std::function<void()> in_window);
    /// Whether what was armed has run.
    bool fired() const;
};

}  // namespace atlasjob::test

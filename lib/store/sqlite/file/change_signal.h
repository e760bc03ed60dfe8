#pragma once

#include "base/file.h"
#include "ledger/store.h"

#include <string>

namespace atlasjob::sqlite {

/// Rings `<ledger>.bell` after a commit: reads its one byte, which inotify tells to every watcher
/// and which leaves nothing to be synced. (Opening and closing a file tells nothing; changing its
/// times makes the next commit 5 to 20 % slower on ext4.) Not thread-safe.
class ChangeSignal {
  public:
    explicit ChangeSignal(std::string ledger);

    /// Makes the file, so that watchers who come before the first ring hear it. Never fails.
    void create() noexcept;
    /// Never fails: a bell that cannot be rung is made up for by the watchers' own slow look.
    void ring() noexcept;

  private:
    std::string ledger_;
    std::string path_;
    UniqueFd fd_;
};

/// Watches the bell. The descriptor is that of an inotify instance and stays the same.
class ChangeSignalWatch final : public ChangeWatch {
  public:
    explicit ChangeSignalWatch(std::string ledger);

    int fd() const override { return inotify_.get(); }
    bool wait(milliseconds timeout) override;

  private:
    bool arm();
    bool drain();

    std::string path_;
    UniqueFd inotify_;
    int watch_ = -1;  ///< -1: there is no bell yet, or no longer.
};

}  // namespace atlasjob::sqlite

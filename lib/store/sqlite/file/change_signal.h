#pragma once

#include "base/file.h"
#include "ledger/store.h"

#include <string>

namespace atlasjob::sqlite {

/// Notifies watchers of a commit by reading the one byte of `<ledger>.bell`: inotify reports that
/// to every watcher, and nothing has to be synced. (Opening and closing a file sends no event;
/// changing its times dirties an inode, which makes the next commit 5 to 20 % slower on ext4. A
/// watch on the WAL would fire before the commit is visible.) Not thread-safe.
class ChangeSignal {
  public:
    explicit ChangeSignal(std::string ledger);

    /// Creates the file, so that watchers can watch it before the first notification. Never fails.
    void create() noexcept;
    /// Never fails: watchers also poll at a low rate, so a lost notification is only a delay.
    void notify() noexcept;

  private:
    std::string ledger_;
    std::string path_;
    UniqueFd fd_;
};

/// Watches `<ledger>.bell`. fd() is an inotify instance. If the account has none left (desktops use
/// them up), fd() is -1 and wait() only sleeps, so that callers' polls carry them; every wait()
/// tries again.
class ChangeSignalWatch final : public ChangeWatch {
  public:
    explicit ChangeSignalWatch(std::string ledger);

    int fd() const override { return inotify_.get(); }
    bool wait(milliseconds timeout) override;

  private:
    bool open();
    bool arm();
    bool drain();

    std::string path_;
    UniqueFd inotify_;
    int watch_ = -1;  ///< -1: the file does not exist (yet).
};

}  // namespace atlasjob::sqlite

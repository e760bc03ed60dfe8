#pragma once

#include "base/file.h"
#include "ledger/log_store.h"
#include "logs/log_files.h"

#include <optional>
#include <string>
#include <vector>

namespace atlasjob {

/// Notifies through inotify that there may be more output of a job. Not thread-safe.
class LogWatch {
  public:
    /// fd() is -1 if no inotify instance is available.
    LogWatch(const std::string& logs_root, const JobId& job_id);

    /// Readable once there may be more output; then call drain().
    int fd() const { return inotify_.get(); }
    /// Discards pending notifications. Call it before reading the output, so that output written
    /// after the read notifies again.
    void drain();

  private:
    void arm();
    int add_watch(std::size_t at) const;

    std::vector<std::string> directories_;  ///< The job's directory first, then its parents.
    UniqueFd inotify_;
    std::size_t armed_;  ///< Index of the watched one in directories_; its size: none.
    int watch_ = -1;
};

/// Reads on across log rotation. An open file is read to its end even if it is dropped or removed
/// meanwhile.
class FileLogFollower final : public LogFollower {
  public:
    FileLogFollower(std::string logs_root, const JobId& job_id, Attempts attempts);

    std::vector<LogLine> skip_to_tail(const TailRequest& request) override;
    bool read_some(const Calls& calls) override;
    int watch() override;

  private:
    std::vector<LogFile> remaining_files() const;
    bool is_in_file(const LogFile& file) const;
    bool is_first_remaining() const;
    bool read_chunk(const Calls& calls);
    bool open_next(const Calls& calls);
    void enter(const LogFile& file, const Calls& calls);
    bool has_successor() const;
    void close_file();

    std::string logs_root_;
    JobId job_id_;
    Attempts attempts_;
    int attempt_;
    int last_segment_ = 0;  ///< The last segment of the attempt that was read or is open.
    UniqueFd file_;
    bool active_ = false;  ///< The open file was still being written when it was opened.
    std::string pending_;  ///< The beginning of an incomplete record.
    std::optional<LogWatch> watch_;
};

}  // namespace atlasjob

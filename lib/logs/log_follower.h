#pragma once

#include "base/file.h"
#include "logs/log_files.h"
#include "logs/log_reader.h"

#include <functional>

namespace atlasjob {

/// Reads a job's output in the order in which it was written, across log rotation and on to later
/// attempts, while more is being written. An open file is read to its end even if it is dropped or
/// removed meanwhile. Not thread-safe.
class LogFollower {
  public:
    struct Attempts {
        int first = 1;
        std::optional<int> last{};  ///< nullopt: no limit.
    };
    struct Calls {
        std::function<void(const LogRecord& record)> record;
        /// Output is missing here: it was dropped to stay within the job's log limit.
        std::function<void()> dropped;
    };

    LogFollower(std::string logs_root, const JobId& job_id, Attempts attempts);

    /// Returns the last lines of the first attempt; read_some() continues after them.
    std::vector<LogLine> skip_to_tail(const TailRequest& request);
    /// Passes the next records to `calls`; false if there are none now. Throws Error(unavailable)
    /// if the output may not be read.
    bool read_some(const Calls& calls);

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
};

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

}  // namespace atlasjob

#pragma once

#include "base/file.h"
#include "logs/log_files.h"
#include "logs/log_reader.h"

#include <functional>

namespace atlasjob {

/// Reads a job's output as it was written and goes on while more is written: across rotation, and
/// on to later attempts. A file that is open is read to its end, also when it is dropped or removed
/// meanwhile. Belongs to one thread.
class LogFollower {
  public:
    struct Attempts {
        int first = 1;
        std::optional<int> last{};  ///< Nothing: whatever follows.
    };
    struct Calls {
        std::function<void(const LogRecord& record)> record;
        /// Output is missing here: it was dropped to keep the job's log limit.
        std::function<void()> dropped;
    };

    LogFollower(std::string logs_root, const JobId& job_id, Attempts attempts);

    /// The last lines of the first attempt; what comes after them is read next.
    std::vector<LogLine> skip_to_tail(const TailRequest& request);
    /// Passes on some of what is there. False when there is no more now. Throws unavailable for
    /// output that may not be read.
    bool read_some(const Calls& calls);

  private:
    std::vector<LogFile> files_ahead() const;
    bool is_in_file(const LogFile& file) const;
    bool is_first_ahead() const;
    bool read_chunk(const Calls& calls);
    bool open_next(const Calls& calls);
    void enter(const LogFile& file, const Calls& calls);
    bool is_succeeded() const;
    void leave();

    std::string logs_root_;
    JobId job_id_;
    Attempts attempts_;
    int attempt_;
    int passed_ = 0;  ///< The last segment of the attempt that lies behind or is open.
    UniqueFd file_;
    bool active_ = false;  ///< The open file is (or was, when it was opened) being written.
    std::string pending_;  ///< The beginning of a record whose end is not there yet.
};

/// Tells that there may be more output of a job, within the moment in which it is written.
class LogWatch {
  public:
    /// Without inotify (its instances are used up) fd() is -1.
    LogWatch(const std::string& logs_root, const JobId& job_id);

    /// Readable once there may be more; call drain() then.
    int fd() const { return inotify_.get(); }
    /// Forgets what has been told so far. Call it before reading: what comes later is told again.
    void drain();

  private:
    void arm();
    int add_watch(std::size_t at) const;

    std::vector<std::string> directories_;  ///< The job's own first, then the ones above it.
    UniqueFd inotify_;
    std::size_t armed_;  ///< Which of them is watched; their number: none.
    int watch_ = -1;
};

}  // namespace atlasjob

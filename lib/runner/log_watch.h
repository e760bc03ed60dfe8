#pragma once

#include "base/file.h"
#include "runner/log_files.h"

namespace atlasjob {

/// Tells that there may be more output of a job, within the moment in which it is written.
class LogWatch {
  public:
    /// Without inotify (its instances are used up) fd() is -1.
    LogWatch(const std::string& logs_root, const JobId& job_id);

    /// Readable once there may be more; call swallow() then.
    int fd() const { return inotify_.get(); }
    /// Forgets what has been told so far. Call it before reading: what comes later is told again.
    void swallow();

  private:
    void arm();
    int add_watch(std::size_t at) const;

    std::vector<std::string> directories_;  ///< The job's own first, then the ones above it.
    UniqueFd inotify_;
    std::size_t armed_;  ///< Which of them is watched; their number: none.
    int watch_ = -1;
};

}  // namespace atlasjob

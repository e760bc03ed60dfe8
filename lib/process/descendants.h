#pragma once

#include "process/process_handle.h"

#include <functional>
#include <string>

namespace atlasjob {

/// Sends `signo` to every process of the session that `leader` opened, whatever group it is in.
/// `leader` is a child not yet reaped: until then nobody else can have its number. sent when at
/// least one got it. A stopped process acts on it only once SIGCONT follows (SIGKILL excepted).
Signalled signal_session(const ProcessHandle& leader, int signo);

/// The processes of a session whose leader may be long gone.
std::vector<ProcessHandle> find_session(pid_t session);

/// The processes whose environment, as it was when they began, holds all of `assignments`
/// ("NAME=value"). Only those whose environment we may read; never this process.
std::vector<ProcessHandle> find_marked(std::span<const std::string> assignments);

/// Makes this process the one that inherits the orphans among its descendants, so that whatever a
/// command leaves running can be found, setsid'ed processes included. Make one before the command
/// is spawned. This stays a property of the process; so does that SIGCHLD is not ignored.
///
/// A command's descendants all hang below its process or below an orphan that was adopted: once
/// its process has ended and strays() is empty, nothing of it is left.
class Subreaper {
  public:
    /// `spared` says which processes are nobody's strays, whoever started them.
    explicit Subreaper(std::function<bool(pid_t)> spared = {});

    /// The adopted orphans that are alive. May reap some that have ended. Not among them: `leader`,
    /// children from before this object, spared ones, and processes of our own session, which a
    /// command of a session of its own cannot have started.
    std::vector<ProcessHandle> strays(pid_t leader) const;
    /// Reaps the orphans that have ended; never one of `own`, nor a child from before this object.
    void reap_orphans(std::span<const pid_t> own) const;

  private:
    std::function<bool(pid_t)> spared_;
    std::vector<pid_t> before_;
    pid_t session_;
};

}  // namespace atlasjob

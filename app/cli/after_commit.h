#pragma once

#include "cli/context.h"

#include <functional>
#include <string>
#include <vector>

namespace atlasjob::cli {

/// A committed change.
struct Change {
    std::string what;  ///< "recorded as ID", "job 3 is queued again"
    std::string hint;  ///< How to inspect it: "see atlasjob status ID".
};

/// A change of the job `id`, with a hint to see its status.
Change change_of(const JobId& id, std::string what);

/// The change made by a submit: the job was recorded, or an active job has its key.
Change change_of(const Submitted& submitted);

/// Runs what a command does after its change is durable: print it, wait for its end. If a step
/// fails, the others still run, and its error names the committed change, so that users do not
/// repeat the command. Belongs to one thread.
class AfterCommit {
  public:
    explicit AfterCommit(const Context& context, std::string_view program = "atlasjob")
        : context_(context), program_(program) {}

    /// Runs a step that prints the change. A failure is kept as "WHAT, but the answer cannot be
    /// printed: why".
    void show(const Change& change, const std::function<void()>& step);
    /// Runs a follow-up step. A failure is kept as "WHAT, but CONSEQUENCE: why".
    void follow(
        const Change& change, std::string_view consequence, const std::function<void()>& step);
    /// Prints the kept failures to stderr and returns `exit_status`. If that is 0 and there are
    /// failures, throws the last one as Error(unavailable) instead of printing it.
    int conclude(int exit_status = 0);

  private:
    const Context& context_;
    std::string_view program_;
    std::vector<Error> failures_;
};

}  // namespace atlasjob::cli

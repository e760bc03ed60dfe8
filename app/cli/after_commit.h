#pragma once

#include "cli/context.h"

#include <functional>
#include <string>
#include <vector>

namespace atlasjob::cli {

/// What a verb has changed for good.
struct Change {
    std::string what;  ///< "recorded as ID", "job 3 is queued again"
    std::string hint;  ///< How to see it: "see atlasjob status ID".
};

/// A change of the job that is `what`: with how to see it.
Change change_of(const JobId& id, std::string what);

/// The steps of a verb once its change is durable: showing it, starting what must follow. A step
/// that fails does not stop the others; its error names what was changed, so that nobody repeats
/// the verb. Belongs to one thread.
class AfterCommit {
  public:
    explicit AfterCommit(const Context& context, std::string_view program = "atlasjob")
        : context_(context), program_(program) {}

    /// Does what shows the change: whatever it throws is kept as "WHAT, but cannot be shown: why".
    void show(const Change& change, const std::function<void()>& step);
    /// Does what must follow: the same as "WHAT, but CONSEQUENCE: why".
    void follow(
        const Change& change, std::string_view consequence, const std::function<void()>& step);
    /// Returns the exit status of the verb, given the one it would have. If that is 0, throws the
    /// last failure as Error(unavailable); the others are printed on stderr.
    int conclude(int exit_status = 0);

  private:
    const Context& context_;
    std::string_view program_;
    std::vector<Error> failures_;
};

}  // namespace atlasjob::cli

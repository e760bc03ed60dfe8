#pragma once

#include <map>
#include <string>
#include <vector>

namespace atlasjob::test {

/// What contradicts itself in a ledger, one sentence each; none: pages are healthy, every row tells
/// the same story as its events, attempts, dependencies and spec, every step of every story was
/// legal, attempts are numbered without a gap, with growing fences and at most one of them open,
/// the counters count what is there, and no process is two workers. Reads it with plain SQL, as a
/// stranger.
std::vector<std::string> contradictions(const std::string& ledger);

/// Watches over jobs that have ended, from one look to the next.
class EndedJobs {
  public:
    /// One sentence for each job that had ended at the last look and has not been retried or
    /// forgotten since, but tells another story now.
    std::vector<std::string> look(const std::string& ledger);

  private:
    struct Ended {
        std::string how;  ///< Status and time of the end: another end is another story.
        std::string row;
    };

    std::map<std::string, Ended> seen_;
};

}  // namespace atlasjob::test

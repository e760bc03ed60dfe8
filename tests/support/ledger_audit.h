#pragma once

#include <map>
#include <string>
#include <vector>

namespace atlasjob::test {

/// Finds inconsistencies in a ledger; returns one sentence for each. An empty result means: the
/// pages are healthy; every row agrees with its events, attempts, dependencies and spec; every
/// transition was legal; attempts are numbered without gaps, with increasing fences and at most one
/// of them open; the counters are right; and no process is registered as two workers. Reads the
/// file with plain SQL, not through the store.
std::vector<std::string> contradictions(const std::string& ledger);

/// Checks that ended jobs do not change between two calls.
class EndedJobs {
  public:
    /// One sentence for each job that had ended by the previous call, was neither retried nor
    /// deleted since, and has changed.
    std::vector<std::string> changes(const std::string& ledger);

  private:
    struct Ended {
        std::string end;  ///< Status and time; a different one means that the job ended again.
        std::string row;
    };

    std::map<std::string, Ended> previous_;
};

}  // namespace atlasjob::test

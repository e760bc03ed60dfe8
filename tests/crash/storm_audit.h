#pragma once

#include <string>
#include <vector>

namespace atlasjob::test {

/// What the parties of a storm have said, to be held against the ledger.
struct StormWords {
    std::vector<std::string> acknowledged;  ///< job_ids that submit has printed.
    std::vector<std::string> runs;          ///< "job_id attempt" of every start of a command.
};

/// What the ledger does not have, or has otherwise; one sentence each:
/// - every acknowledged job is there;
/// - every run belongs to an attempt of which the ledger knows that its command was spawned;
/// - no job ran more often than its attempts that failed or were taken back allow;
/// - every job that ended done has run.
std::vector<std::string> broken_promises(const std::string& ledger, const StormWords& words);

/// Jobs that have not ended, one sentence each.
std::vector<std::string> unended(const std::string& ledger);

/// Where nobody was killed: jobs that were taken back, or did not run once for each attempt.
std::vector<std::string> repeated_without_reason(
    const std::string& ledger, const StormWords& words);

}  // namespace atlasjob::test

#pragma once

#include <string>
#include <vector>

namespace atlasjob::test {

/// The output of the processes of a storm, to be compared with the ledger.
struct StormOutput {
    std::vector<std::string> acknowledged;  ///< job_ids printed by submit.
    std::vector<std::string> runs;          ///< "job_id attempt" for every run of a command.
};

/// One sentence for each violation of these rules:
/// - every acknowledged job is in the ledger;
/// - every run belongs to an attempt that the ledger records as spawned;
/// - no job ran more often than its failed and reaped attempts allow;
/// - every job that is done has run.
std::vector<std::string> find_faults(const std::string& ledger, const StormOutput& output);

/// One sentence for each job that has not ended.
std::vector<std::string> unended(const std::string& ledger);

/// For a round without kills: one sentence for each job that was reaped or did not run exactly once
/// per attempt.
std::vector<std::string> find_needless_repeats(
    const std::string& ledger, const StormOutput& output);

}  // namespace atlasjob::test

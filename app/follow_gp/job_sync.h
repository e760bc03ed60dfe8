#pragma once

#include "follow_gp/gp_job.h"
#include "logs/output_log.h"
#include "runner/attempt/attempt_reporter.h"

namespace atlasjob::follow_gp {

/// Keeps the ledger's picture of a job like its server's: status word, progress, messages. What has
/// been said is never said again. Belongs to the loop's thread; what it is given must outlive it.
class JobSync {
  public:
    JobSync(AttemptReporter& ledger, OutputLog& log) : ledger_(ledger), log_(log) {}

    /// True when there was anything new.
    bool take(const GpJob& job);

  private:
    bool take_messages(const GpJob& job);
    bool take_state(const GpJob& job);

    AttemptReporter& ledger_;
    OutputLog& log_;
    std::size_t messages_seen_ = 0;
    std::string word_;
    std::optional<double> progress_;
    std::optional<std::string> progress_text_;
};

}  // namespace atlasjob::follow_gp

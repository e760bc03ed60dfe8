#pragma once

#include "follow_gp/gp_job.h"
#include "ledger/log_store.h"
#include "runner/attempt/attempt_reporter.h"

namespace atlasjob::follow_gp {

/// Copies a job's status word, progress and messages from the server to the ledger, each change
/// once. Used from the loop's thread only; the constructor's arguments must outlive it.
class JobSync {
  public:
    JobSync(AttemptReporter& ledger, LogWriter& log) : ledger_(ledger), log_(log) {}

    /// Stores what has changed; returns whether anything had.
    bool take(const GpJob& job);

  private:
    bool take_messages(const GpJob& job);
    bool take_state(const GpJob& job);

    AttemptReporter& ledger_;
    LogWriter& log_;
    std::size_t message_count_ = 0;
    std::string word_;
    std::optional<double> progress_;
    std::optional<std::string> progress_text_;
};

}  // namespace atlasjob::follow_gp

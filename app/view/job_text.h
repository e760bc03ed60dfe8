#pragma once

#include "ledger/job.h"
#include "view/style.h"

#include <string>
#include <vector>

namespace atlasjob::view {

/// What a job is called where there is one line for it: its name, else its command, else its kind.
std::string title_of(const Job& job);

/// Something that keeps a job from starting, and what can be done about it, where anything can.
struct PendingReason {
    std::string text;          ///< "queue gpu is paused"
    std::string command = {};  ///< "atlasjob resume gpu"
    std::string effect = {};   ///< "lets its jobs start again"
};

/// What stands on a job's page beside the job itself.
struct JobPageContext {
    Time now;
    Style style;
    std::vector<std::string> log_tail = {};  ///< The last lines of its output; empty: not shown.
    std::string log_path = {};               ///< Where the output is; empty: nowhere.
    std::vector<PendingReason> pending_reasons = {};  ///< What keeps it from starting.
};

/// A job's page for people: headline, progress, what is known of it, why it failed, what to do
/// next. Needs Detail::full. Ends with a line end.
std::string job_text(const Job& job, const JobPageContext& context);

}  // namespace atlasjob::view

#pragma once

#include "ledger/job.h"
#include "view/style.h"

#include <string>
#include <vector>

namespace atlasjob::view {

/// What a job is called where there is one line for it: its name, else its command, else its kind.
std::string title_of(const Job& job);

/// "42%", or nothing where the job says nothing of its progress. Never rounded up.
std::string percent_text(const Job& job);

/// What stands on a job's page beside the job itself.
struct JobPageContext {
    Time now;
    Style style;
    std::vector<std::string> log_tail;        ///< The last lines of its output; empty: not shown.
    std::string log_path;                     ///< Where the output is; empty: nowhere.
    std::vector<std::string> waits_for = {};  ///< What keeps it from starting.
};

/// A job's page for people: headline, progress, what is known of it, why it failed, what to do
/// next. Needs Detail::full. Ends with a line end.
std::string job_text(const Job& job, const JobPageContext& context);

}  // namespace atlasjob::view

#pragma once

#include "ledger/job.h"
#include "view/style.h"

#include <string>
#include <vector>

namespace atlasjob::view {

/// The one-line title of a job: its name, else its command, else its kind.
std::string title_of(const Job& job);

/// Why a job does not start, and a command to change that, if there is one.
struct PendingReason {
    std::string text;          ///< "queue gpu is paused"
    std::string command = {};  ///< "atlasjob resume gpu"
    std::string effect = {};   ///< "resumes it"
};

/// Context of a job's page.
struct JobPageContext {
    Time now;
    Style style;
    std::vector<std::string> log_tail = {};  ///< The last lines of its output; not shown if empty.
    std::string log_path = {};               ///< Path of the output; empty if there is none.
    std::string missing_output = {};  ///< What is missing of it, with its path; empty if nothing.
    std::vector<PendingReason> pending_reasons = {};  ///< Why it does not start.
};

/// A job's page for people: headline, progress, properties, why it failed or is pending, next
/// steps. Needs Detail::full. Ends with a line end.
std::string job_text(const Job& job, const JobPageContext& context);

}  // namespace atlasjob::view

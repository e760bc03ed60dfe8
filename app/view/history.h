#pragma once

#include "ledger/job.h"
#include "view/style.h"

namespace atlasjob::view {

/// One event as a line for people, with its line end. (event_json is in job_json.h.)
std::string event_text(const Event& event, Time now, const Style& style);

}  // namespace atlasjob::view

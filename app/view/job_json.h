#pragma once

#include "ledger/store.h"
#include "view/json_object.h"

#include <string>

namespace atlasjob::view {

/// The job as JSON: every key always there, always in the same order, on one line. `now` decides
/// whether it is stale. The environment is not part of it. Needs Detail::full.
void append_job_json(std::string& out, const Job& job, Time now);
std::string job_json(const Job& job, Time now);
/// The same as members of an object that has others too.
void add_job(JsonObject& object, const Job& job, Time now);

/// One row of the history: {"seq","job_id","at","type","from","to","actor","reason"}.
std::string event_json(const Event& event);

/// {"jobs":[…],"next_cursor":…,"total":N}; the cursor is null on the last page. `order` is the one
/// that the page was asked for in.
std::string page_json(const JobPage& page, Time now, const ListOrder& order = {});

}  // namespace atlasjob::view

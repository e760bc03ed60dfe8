#pragma once

#include "ledger/store.h"
#include "view/json_object.h"

#include <string>

namespace atlasjob::view {

/// The job as JSON on one line, with every key present and always in the same order. `now`
/// determines whether it is stale. Does not include the environment. Needs Detail::full.
void append_job_json(std::string& out, const Job& job, Time now);
std::string job_json(const Job& job, Time now);
/// Adds the job's members to an object that has others too.
void add_job(JsonObject& object, const Job& job, Time now);
/// Adds a member with what an attempt used: an object, or null.
void add_usage(JsonObject& object, std::string_view key, const std::optional<Usage>& usage);

/// One event: {"seq","job_id","at","type","from","to","actor","reason"}.
std::string event_json(const Event& event);

/// {"jobs":[…],"next_cursor":…,"total":N}; the cursor is null on the last page. `order` is the
/// order of the query.
std::string page_json(const JobPage& page, Time now, const ListOrder& order = {});

}  // namespace atlasjob::view

#pragma once

#include "ledger/record.h"

#include <set>
#include <string_view>
#include <vector>

namespace atlasjob::test {

/// Complete records that between them have a value in every field that an import takes: a failed
/// job, and a running one that is frozen.
std::vector<JobRecord> full_records();

/// The imported fields of `record` that have another value than in an empty job.
std::set<std::string_view> fields_given(const JobRecord& record);

}  // namespace atlasjob::test

#pragma once

#include "ledger/record.h"

#include <string>
#include <vector>

namespace atlasjob::test {

/// A job of alice in one state, named after what distinguishes it.
struct JobState {
    std::string name;
    JobRecord record;
    /// The status words of cidx, bgjob, arcgis and reftrix, in the order of the contracts' table;
    /// atlas uses the status itself.
    std::string cidx;
    std::string bgjob;
    std::string arcgis;
    std::string reftrix;
};

/// The ArcGIS task of all these jobs.
inline constexpr const char* kTaskUrl = "https://gis.example.com/rest/GP/GPServer/Merge%20it";

/// Every status with every possible reason, and whatever else contracts distinguish. All times are
/// between 12:00 and 12:02 on 2026-11-22.
std::vector<JobState> job_states();

/// The queue of the state "paused"; the caller must pause it.
inline constexpr const char* kPausedQueue = "quiet";

}  // namespace atlasjob::test

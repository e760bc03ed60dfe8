#pragma once

#include "ledger/store.h"

namespace atlasjob {

/// The job that `text` names ("42", a job_id, "last"). Throws invalid_argument when it names
/// none, expired when the job was pruned, not_found when there is none or it is somebody else's:
/// the two cannot be told apart.
Job require_job(Store& store, std::string_view text, const Principal& principal, Detail detail);

}  // namespace atlasjob

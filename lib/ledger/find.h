#pragma once

#include "ledger/store.h"

namespace atlasjob {

/// What `text` names, which need not exist: "42", a job_id, "last". Throws invalid_argument when it
/// names no job. Touches no ledger.
JobRef require_job_name(std::string_view text);

/// The job that `text` names ("42", a job_id, "last"). Throws invalid_argument when it names
/// none, expired when the job was pruned, not_found when there is none or it is somebody else's:
/// the two cannot be told apart.
Job require_job(Store& store, std::string_view text, const Principal& principal, Detail detail);

}  // namespace atlasjob

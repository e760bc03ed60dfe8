#pragma once

#include "base/error.h"
#include "ledger/store.h"

namespace atlasjob {

/// The Error (unavailable) where a command needs a ledger and there is none at its path.
Error missing_ledger(const std::string& path);

/// Parses `text` as the name of a job: "42", a job_id or "last". Throws invalid_argument if it is
/// none of these. Does not check that the job exists.
[[nodiscard]] JobRef require_job_name(std::string_view text);

/// The job that `text` names ("42", a job_id or "last"). Throws invalid_argument if `text` is none
/// of these, expired if the job was pruned, and not_found if it does not exist or `principal` may
/// not see it; the error does not reveal which.
[[nodiscard]] Job require_job(
    Store& store, std::string_view text, const Principal& principal, Detail detail);

}  // namespace atlasjob

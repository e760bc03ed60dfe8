#pragma once

#include "store/sqlite/rows.h"

namespace atlasjob::sqlite {

// Store::request_cancel and retry within the caller's write transaction.

CancelResult request_cancel(
    Connection& connection, const JobId& id, const CancelRequest& request, Time now);
void retry_job(Connection& connection, const JobId& id, const std::string& actor, Time now);

}  // namespace atlasjob::sqlite

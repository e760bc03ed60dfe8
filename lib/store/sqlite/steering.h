#pragma once

#include "store/sqlite/rows.h"

namespace atlasjob::sqlite {

// Store::request_cancel, retry, edit and note_event within the caller's write transaction.

CancelResult request_cancel(
    Connection& connection, const JobId& id, const CancelRequest& request, Time now);
void retry_job(Connection& connection, const JobId& id, const std::string& actor, Time now);
void edit_job(
    Connection& connection,
    const JobId& id,
    const JobEdit& edit,
    const std::string& actor,
    Time now);
void note_event(
    Connection& connection,
    const JobId& id,
    const std::string& type,
    const std::string& actor,
    Time now);

}  // namespace atlasjob::sqlite

#pragma once

#include "ledger/store.h"
#include "store/sqlite/query.h"

namespace atlasjob::sqlite {

// Store's verbs of workers within the caller's transaction.

std::int64_t insert_worker(Connection& connection, const NewWorker& worker, Time now);
bool renew_worker(Connection& connection, std::int64_t worker_id, bool draining, Time now);
void delete_worker(Connection& connection, std::int64_t worker_id);
std::vector<Worker> load_workers(Connection& connection);

}  // namespace atlasjob::sqlite

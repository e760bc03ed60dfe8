#pragma once

#include "cli/context.h"
#include "jobs/wait.h"
#include "jobs/watched_ledger.h"

namespace atlasjob::cli {

/// How commands watch jobs: `store` may be open for reading only; another one is opened to reap a
/// job. Both arguments must outlive it.
jobs::WatchDeps watching(const Context& context, Store& store);

/// The ledger of the command, which may be moved or replaced while it is watched.
jobs::WatchedLedger watched_ledger(const Context& context);

}  // namespace atlasjob::cli

#include "cli/jobs/job_watch.h"

#include "cli/jobs/job_verbs.h"

namespace atlasjob::cli {

namespace {

void reap(const Context& context, const JobId& id) {
    const JobVerbs verbs{context};
    const auto store = context.open_existing();
    verbs.report(jobs::reap(verbs.over(*store), id).worker);
}

}  // namespace

jobs::WatchDeps watching(const Context& context, Store& store) {
    return {
        store, context.principal(), context.address(),
        [&context](const JobId& id) { reap(context, id); },
        [&context] { return on_demand_worker(context); }};
}

jobs::WatchedLedger watched_ledger(const Context& context) {
    return jobs::WatchedLedger{context.address()};
}

}  // namespace atlasjob::cli

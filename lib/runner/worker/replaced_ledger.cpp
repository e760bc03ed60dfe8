#include "runner/worker/replaced_ledger.h"

#include "process/identity.h"

#include <fmt/format.h>

#include <utility>

namespace atlasjob {

namespace {

void deregister_ourselves(Store& store) {
    for (const Worker& worker : store.workers())
        if (worker.is.process == current_process()) store.unregister_worker(worker.id);
}

}  // namespace

void ReplacedLedger::see_to(const Clock& clock) {
    PathIdentity there{successor_.ledger};
    if (!open_ || !ours_.is_replaced() || (seen_to_ && seen_to_->is_there())) return;
    const auto store = open_();
    deregister_ourselves(*store);
    ensure_worker(*store, clock, successor_);
    seen_to_.emplace(std::move(there));
}

Error replaced_error(const std::string& ledger) {
    return {
        ErrorCode::ledger_moved,
        fmt::format("the worker has left: the ledger {} was moved, removed or replaced", ledger),
        "start it again with atlasjob worker"};
}

}  // namespace atlasjob

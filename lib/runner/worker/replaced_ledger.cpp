#include "runner/worker/replaced_ledger.h"

#include "process/identity.h"

#include <fmt/format.h>

#include <utility>

namespace atlasjob {

namespace {

void deregister_this_process(Store& store) {
    for (const Worker& worker : store.workers())
        if (worker.is.process == current_process()) store.unregister_worker(worker.id);
}

}  // namespace

void ReplacedLedger::ensure_served() {
    PathIdentity current = successor_.ledger.identity();
    if (!open_ || !original_.is_replaced() || (handled_ && handled_->is_there())) return;
    const auto store = open_();
    deregister_this_process(*store);
    ensure_worker(*store, successor_);
    handled_.emplace(std::move(current));
}

Error replaced_error(const LedgerAddress& ledger) {
    return {
        ErrorCode::ledger_moved,
        fmt::format(
            "the worker exited: the ledger {} was moved, removed or replaced", ledger.display()),
        "start it again with `atlasjob worker`"};
}

}  // namespace atlasjob

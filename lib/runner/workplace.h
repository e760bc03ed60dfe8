#pragma once

#include "process/strays.h"
#include "runner/change_listener.h"
#include "runner/ledger_thread.h"
#include "runner/outlet.h"
#include "runner/own_program.h"

namespace atlasjob {

/// What a supervisor works with, for one attempt or for one after the other. This process becomes
/// the sub-reaper of its descendants and stays it. The Store belongs to `ledger`'s thread
/// meanwhile.
struct Workplace {
    explicit Workplace(Store& store)
        : adoption(is_ledger_process), changes(loop, store), ledger(store, loop) {}

    Loop loop;
    BrokenPipesIgnored pipes;
    Adoption adoption;
    ChangeListener changes;
    // Last: the Store is the caller's until all else is there.
    LedgerThread ledger;
};

}  // namespace atlasjob

#pragma once

#include "base/clock.h"
#include "client/atlasjob.h"
#include "ledger/store.h"
#include "store/open.h"

namespace atlasjob::client {

/// Shared by a Ledger and the jobs begun on it: whichever goes last closes the store.
struct Ledger::State {
    LedgerLocation location;
    /// Where the next job begins. Jobs keep the one that they were begun in.
    std::shared_ptr<Store> store;
    std::string principal;
    SystemClock clock;

    /// In the ledger that is there now, which may be another than the one that was opened.
    Submitted submit(const NewJob& job, Time now);
};

struct RunningJob::State {
    explicit State(const AttemptKey& key) : attempt(key) {}

    AttemptKey attempt;
    std::shared_ptr<Ledger::State> ledger;
    std::shared_ptr<Store> store;
    std::string id;
    std::int64_t number = 0;
    bool open = true;  ///< Not ended, and not lost as far as we know.
    Answer last = Answer::go_on;
    Report waiting;  ///< What no write has brought to the ledger yet.
    bool has_waiting = false;
    std::optional<Time> written_at;  ///< When progress was last written.

    Answer take(Answer answer);
    Answer write_report(Time now);
    Answer end(const Outcome& outcome);
};

}  // namespace atlasjob::client

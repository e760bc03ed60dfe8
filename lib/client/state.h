#pragma once

#include "base/clock.h"
#include "client/atlasjob.h"
#include "ledger/store.h"
#include "store/open.h"

namespace atlasjob::client {

/// Shared by a Ledger and its jobs.
struct Ledger::State {
    LedgerLocation location;
    /// For new jobs; a job keeps the store it began in. Closed with its last user.
    std::shared_ptr<Store> store;
    std::string principal;
    SystemClock clock;

    /// Submits to the ledger that is at the path now, which may have been replaced since it was
    /// opened. Throws if there is none; never creates one.
    Submitted submit(const NewJob& job, Time now);
};

struct RunningJob::State {
    explicit State(const AttemptKey& key) : attempt(key) {}

    AttemptKey attempt;
    std::shared_ptr<Ledger::State> ledger;
    std::shared_ptr<Store> store;
    std::string id;
    std::int64_t number = 0;
    bool open = true;  ///< Neither ended nor known to be lost.
    Answer last = Answer::go_on;
    Report pending;  ///< Not yet written to the ledger.
    bool has_pending = false;
    std::optional<Time> written_at;  ///< When progress was last written.

    Answer record_answer(Answer answer);
    Answer write_report(Time now);
    Answer end(const Outcome& outcome);
};

}  // namespace atlasjob::client

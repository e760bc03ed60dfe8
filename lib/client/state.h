#pragma once

#include "base/clock.h"
#include "client/atlasjob.h"
#include "ledger/store.h"

namespace atlasjob::client {

/// Shared by a Ledger and the jobs begun on it: whichever goes last closes the store.
struct Ledger::State {
    std::unique_ptr<Store> store;
    std::string principal;
    SystemClock clock;
};

struct RunningJob::State {
    explicit State(const AttemptKey& key) : attempt(key) {}

    AttemptKey attempt;
    std::shared_ptr<Ledger::State> ledger;
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

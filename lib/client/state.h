#pragma once

#include "base/clock.h"
#include "client/atlasjob.h"
#include "jobs/jobs.h"
#include "ledger/store.h"
#include "store/open.h"

namespace atlasjob::client {

/// Shared by a Ledger and its jobs.
struct Ledger::State {
    LedgerAddress address;
    /// For new jobs; a job keeps the store it began in. Closed with its last user.
    std::shared_ptr<Store> store;
    std::unique_ptr<LogStore> logs;
    std::string principal;
    SystemClock clock;

    /// Submits to the ledger that is at the path now, which may have been replaced since it was
    /// opened. Throws if there is none; never creates one.
    Submitted submit(const NewJob& job);
    /// The verbs of lib/jobs over `store`: without a worker or hooks, because this is not our
    /// program, so neither could be started, and its children are not ours.
    jobs::Deps over(Store& verbs) const;
};

struct RunningJob::State {
    explicit State(const AttemptKey& key) : attempt(key) {}

    AttemptKey attempt;
    std::shared_ptr<Ledger::State> ledger;
    std::shared_ptr<Store> store;
    std::string id;
    std::int64_t number = 0;
    bool open = true;  ///< Neither ended nor known to be lost.
    Reply last = Reply::ok;
    Report pending;  ///< Not yet written to the ledger.
    bool has_pending = false;
    std::optional<Time> written_at;  ///< When progress was last written.

    Reply note_reply(Reply reply);
    Reply write_report(Time now);
    Reply end(const Outcome& outcome);
    jobs::Deps deps() const { return ledger->over(*store); }
};

}  // namespace atlasjob::client

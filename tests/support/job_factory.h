#pragma once

#include "ledger/store.h"
#include "support/fake_clock.h"

#include <string>
#include <vector>

namespace atlasjob::test {

inline const Principal kAlice{"alice", false};
inline const Principal kBob{"bob", false};
inline const Principal kAdmin{"root", true};

/// The identity of a process that never existed, of an earlier boot of this machine.
ProcessIdentity some_process(std::int64_t pid = 4711);

/// A claim by a worker of `queues` (empty: all queues) with the default lease.
ClaimRequest worker(std::vector<std::string> queues = {});

/// Typical outcomes of an attempt.
Outcome ended_done();
Outcome ended_error();
Outcome ended_cancelled();

/// Creates jobs of any status in one line, using only the verbs of a store. They belong to alice
/// unless the spec has another owner. Throws std::logic_error if the store does not cooperate.
class JobFactory {
  public:
    /// Both must outlive the factory. It advances `clock` only to skip a backoff.
    JobFactory(Store& store, FakeClock& clock) : store_(store), clock_(clock) {}

    /// Specs of a job that runs a command and of one that an external executor starts.
    NewJob command_spec() const;
    NewJob created_spec() const;

    JobId queued() { return queued(command_spec()); }
    JobId queued(const NewJob& spec);

    /// A job with an open attempt: claimed if it has a command, otherwise started.
    AttemptKey running() { return running(command_spec()); }
    AttemptKey running(const NewJob& spec);
    /// Opens the next attempt of a queued job.
    AttemptKey open_attempt(const JobId& id);

    /// A job of that status. Returns the key of its last attempt; for a queued job, a key it never
    /// had.
    AttemptKey in(Status status) { return in(status, command_spec()); }
    AttemptKey in(Status status, const NewJob& spec);

    /// The job in full detail. It must exist.
    Job get(const JobId& id);
    std::vector<Event> events(const JobId& id);
    /// The history in short: "submit -> queued, claim queued -> running".
    std::string history(const JobId& id);

  private:
    AttemptKey end_attempts(AttemptKey attempt, Status status);

    Store& store_;
    FakeClock& clock_;
};

}  // namespace atlasjob::test

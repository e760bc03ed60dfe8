#pragma once

#include "ledger/store.h"
#include "support/fake_clock.h"

#include <string>
#include <vector>

namespace atlasjob::test {

inline const Principal kAlice{"alice", false};
inline const Principal kBob{"bob", false};
inline const Principal kAdmin{"root", true};

/// The identity of a process that never was.
ProcessIdentity some_process(std::int64_t pid = 4711);

/// A worker that claims from `queues`, or from all when there are none, with the usual lease.
ClaimRequest worker(std::vector<std::string> queues = {});

/// Ends of an attempt.
Outcome ended_done();
Outcome ended_error();
Outcome ended_cancelled();

/// Makes jobs of any status in one line, by the verbs of a store alone. Everything belongs to alice
/// unless the spec says otherwise. Throws std::logic_error when the store does not play along.
class JobFactory {
  public:
    /// Both must outlive the factory. It moves `clock` only where an attempt must wait for its
    /// turn.
    JobFactory(Store& store, FakeClock& clock) : store_(store), clock_(clock) {}

    /// What to submit: a job that runs a command, and one that somebody else executes.
    NewJob command_spec() const;
    NewJob created_spec() const;

    JobId queued() { return queued(command_spec()); }
    JobId queued(const NewJob& spec);

    /// A job with an open attempt: claimed when it has a command, else started.
    AttemptKey running() { return running(command_spec()); }
    AttemptKey running(const NewJob& spec);
    /// Opens the next attempt of a queued job.
    AttemptKey open_attempt(const JobId& id);

    /// A job of that status. The key is its last attempt's; a queued job never had the one in it.
    AttemptKey in(Status status) { return in(status, command_spec()); }
    AttemptKey in(Status status, const NewJob& spec);

    /// The job in full detail; it must be there.
    Job get(const JobId& id);
    std::vector<Event> events(const JobId& id);
    /// Its history in short: "submit -> queued, claim queued -> running".
    std::string history(const JobId& id);

  private:
    AttemptKey end_attempts(AttemptKey attempt, Status status);

    Store& store_;
    FakeClock& clock_;
};

}  // namespace atlasjob::test

#pragma once

#include "support/job_factory.h"

#include <random>

namespace atlasjob::test {

/// Fills a ledger using only the verbs of its store: jobs in every status, with several attempts,
/// lost attempts, pending cancels, notes, dependencies, labels, keys, texts in many scripts,
/// arguments that are not valid UTF-8, and results from none to large. The same `seed` gives the
/// same jobs except for their ids.
class RandomLedger {
  public:
    RandomLedger(Store& store, FakeClock& clock, unsigned seed)
        : store_(store), clock_(clock), jobs_(store, clock), random_(seed) {}

    void add(int jobs);

  private:
    int up_to(int max) { return static_cast<int>(random_() % (static_cast<unsigned>(max) + 1)); }
    bool maybe() { return up_to(1) == 0; }
    std::string text();
    std::string json();
    NewJob spec();
    void add_command(NewJob& job);
    void run_lifecycle(const JobId& id);
    void work(AttemptKey attempt);
    void end(const AttemptKey& attempt);

    Store& store_;
    FakeClock& clock_;
    JobFactory jobs_;
    std::mt19937 random_;
    std::vector<JobId> ids_;
};

}  // namespace atlasjob::test

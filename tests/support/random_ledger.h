#pragma once

#include "support/job_factory.h"

#include <random>

namespace atlasjob::test {

/// Fills a ledger by the verbs of its store alone: jobs in every status, with several attempts,
/// lost ones, cancels on their way, notes, dependencies, labels, keys, texts in all scripts, words
/// that are no text at all, and results from nothing to large ones. The same `seed` makes the same,
/// but for the job_ids.
class RandomLedger {
  public:
    RandomLedger(Store& store, FakeClock& clock, unsigned seed)
        : store_(store), clock_(clock), jobs_(store, clock), random_(seed) {}

    void add(int jobs);

  private:
    int up_to(int most) { return static_cast<int>(random_() % (static_cast<unsigned>(most) + 1)); }
    bool maybe() { return up_to(1) == 0; }
    std::string text();
    std::string json();
    NewJob spec();
    void add_command(NewJob& job);
    void live(const JobId& id);
    void work(AttemptKey attempt);
    void end(const AttemptKey& attempt);

    Store& store_;
    FakeClock& clock_;
    JobFactory jobs_;
    std::mt19937 random_;
    std::vector<JobId> made_;
};

}  // namespace atlasjob::test

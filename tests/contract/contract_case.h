#pragma once

#include "base/error.h"
#include "contract/store_factory.h"
#include "support/catch_string_makers.h"
#include "support/fake_clock.h"
#include "support/job_factory.h"
#include "support/job_text.h"

#include <memory>
#include <optional>
#include <string>

namespace atlasjob::test {

/// The fixture of all tests of the suite: a new ledger of each kind in turn, a store opened on it,
/// a fake clock and a job factory.
struct ContractCase {
    ContractCase();

    Time now() const { return clock.now(); }
    /// The job in full detail, and the same as text.
    Job get(const JobId& id) { return jobs.get(id); }
    std::string text(const JobId& id) { return job_text(jobs.get(id)); }
    std::optional<Finished> finish(const AttemptKey& attempt, const Outcome& outcome) const {
        return store->finish(attempt, outcome, "supervisor");
    }

    FakeClock clock;
    std::unique_ptr<Ledger> ledger;
    std::unique_ptr<Store> store;
    JobFactory jobs;
};

/// The code of the Error that `verb` throws, or nullopt if it throws none.
template <class Verb>
std::optional<ErrorCode> error_of(Verb verb) {
    try {
        verb();
    } catch (const Error& error) {
        return error.code();
    }
    return {};
}

}  // namespace atlasjob::test

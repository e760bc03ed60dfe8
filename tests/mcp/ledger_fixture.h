#pragma once

#include "ledger/store.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <string>

namespace atlasjob::test {

/// A job of golden/atlas.json: its record, and the answer that the contract requires.
struct GoldenJob {
    nlohmann::ordered_json record;
    std::string answer;  ///< Compact JSON.
};
std::map<std::string, GoldenJob> golden_jobs();

/// A ledger in a temporary directory.
class LedgerFixture {
  public:
    LedgerFixture();

    std::string path() const { return dir_ / "ledger.db"; }
    const TempDir& dir() const { return dir_; }
    Store& store() { return *store_; }
    /// The clock of store().
    FakeClock& clock() { return clock_; }
    /// Closes the store, so that the whole ledger is in one file.
    void close() { store_.reset(); }

    /// Adds a job with the recorded state and times, through the store's verbs.
    void add(const nlohmann::ordered_json& record);
    /// Adds a job of alice that is done at the time used in the golden files; `result` is JSON.
    JobId add_done(const std::optional<std::string>& target, const std::string& result);
    /// Adds a queued job of `owner`.
    JobId add_queued(const std::string& owner);

  private:
    TempDir dir_;
    FakeClock clock_;
    std::unique_ptr<Store> store_;
};

}  // namespace atlasjob::test

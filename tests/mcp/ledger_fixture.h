#pragma once

#include "ledger/store.h"
#include "support/temp_dir.h"

#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <string>

namespace atlasjob::test {

/// The jobs of golden/atlas.json: what is recorded and what the contract then answers.
struct GoldenJob {
    nlohmann::ordered_json record;
    std::string answer;  ///< Compact.
};
std::map<std::string, GoldenJob> golden_jobs();

/// A ledger in a directory of its own.
class LedgerFixture {
  public:
    LedgerFixture();

    std::string path() const { return dir_ / "ledger.db"; }
    const TempDir& dir() const { return dir_; }
    Store& store() { return *store_; }
    /// Closes the store: all of the ledger is then in its one file.
    void close() { store_.reset(); }

    /// Brings a job into the recorded state at the recorded times, by the store's verbs.
    void add(const nlohmann::ordered_json& record);
    /// A job of alice's that ended well at the golden time. `result` is JSON.
    JobId add_done(const std::optional<std::string>& target, const std::string& result);
    /// A queued job of that owner.
    JobId add_queued(const std::string& owner);

  private:
    TempDir dir_;
    std::unique_ptr<Store> store_;
};

}  // namespace atlasjob::test

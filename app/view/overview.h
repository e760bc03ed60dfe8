#pragma once

#include "ledger/store.h"
#include "view/style.h"

#include <array>
#include <span>
#include <string>
#include <vector>

namespace atlasjob::view {

/// How many jobs there are in each status.
class Totals {
  public:
    Totals() = default;
    explicit Totals(std::span<const Count> counts);

    std::int64_t of(Status status) const { return jobs_.at(static_cast<std::size_t>(status)); }
    std::int64_t all() const;

  private:
    std::array<std::int64_t, kStatuses.size()> jobs_{};
};

/// What `status` shows when it is asked about no job in particular.
struct Overview {
    Totals totals;
    std::vector<Job> active;  ///< Queued and running, newest first.
    std::vector<Job> recent;  ///< Ended, newest first.
};

/// {"queued":N,…,"total":N}
std::string totals_json(const Totals& totals);
/// {"totals":{…},"active":[…],"recent":[…]}, the jobs as in job_json.
std::string overview_json(const Overview& overview, Time now);
/// "1 queued  2 running  …", on a line.
std::string totals_text(const Totals& totals, const Style& style);
std::string overview_text(const Overview& overview, Time now, const Style& style);

/// Jobs as a table with a head, one line a job; a line that says so when there are none.
std::string jobs_text(std::span<const Job> jobs, Time now, const Style& style);

}  // namespace atlasjob::view

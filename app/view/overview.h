#pragma once

#include "ledger/store.h"
#include "view/style.h"

#include <array>
#include <span>
#include <string>
#include <vector>

namespace atlasjob::view {

/// The number of jobs in each status.
class Totals {
  public:
    Totals() = default;
    explicit Totals(std::span<const Count> counts);

    std::int64_t of(Status status) const { return jobs_.at(static_cast<std::size_t>(status)); }
    std::int64_t all() const;

  private:
    std::array<std::int64_t, kStatuses.size()> jobs_{};
};

/// What `status` shows without a JOB.
struct Overview {
    Totals totals;
    std::vector<Job> active;  ///< Queued and running, newest first.
    std::vector<Job> recent;  ///< Ended, newest first.
};

/// {"queued":N,…,"total":N}
std::string totals_json(const Totals& totals);
/// {"totals":{…},"active":[…],"recent":[…]}, the jobs as in job_json.
std::string overview_json(const Overview& overview, Time now);
/// "1 queued  2 running  …" on one line.
std::string totals_text(const Totals& totals, const Style& style);
std::string overview_text(const Overview& overview, Time now, const Style& style);

/// A table of jobs with a header, or "no jobs".
std::string jobs_text(std::span<const Job> jobs, Time now, const Style& style);

}  // namespace atlasjob::view

#pragma once

#include "contract/contract_case.h"

#include <vector>

namespace atlasjob::test {

using Ids = std::vector<JobId>;

/// Helpers for tests that read jobs.
struct ReadingCase : ContractCase {
    /// Submits a job without a command after applying `change` to its spec.
    template <class Change>
    JobId add(Change change) {
        NewJob spec = jobs.created_spec();
        change(spec);
        clock.advance(1s);
        return jobs.queued(spec);
    }
    JobId add() {
        return add([](NewJob&) {});
    }
    std::vector<JobId> listed(const ListQuery& query, const Principal& principal = kAdmin) {
        std::vector<JobId> ids;
        for (const Job& job : store->list(query, principal).jobs)
            ids.push_back(job.job_id);
        return ids;
    }
    /// Lists with an empty query modified by `change`.
    template <class Change>
    std::vector<JobId> listed_where(Change change) {
        ListQuery query;
        change(query);
        CHECK(store->list(query, kAdmin).total == std::ssize(listed(query)));
        return listed(query);
    }
};

}  // namespace atlasjob::test

#include "jobs/jobs.h"
#include "ledger/find.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

namespace atlasjob::jobs {

namespace {

/// Sorts jobs so that dependencies come first, by visiting each job after its dependencies.
class Sorter {
  public:
    explicit Sorter(std::vector<Job> jobs) : jobs_(std::move(jobs)), visited_(jobs_.size()) {
        for (std::size_t at = 0; at < jobs_.size(); ++at)
            positions_.emplace(jobs_[at].job_id, at);
    }

    std::vector<Job> sort() {
        for (std::size_t at = 0; at < jobs_.size(); ++at)
            visit(at);
        return std::move(sorted_);
    }

  private:
    /// A chain may be too long for recursion.
    void visit(std::size_t first) {
        std::vector<std::size_t> pending{first};
        while (!pending.empty()) {
            const std::size_t at = pending.back();
            if (visited_[at] == Visit::none) {
                visited_[at] = Visit::entered;
                push_dependencies(jobs_[at], pending);
                continue;
            }
            pending.pop_back();
            if (std::exchange(visited_[at], Visit::left) == Visit::entered)
                sorted_.push_back(jobs_[at]);
        }
    }

    /// The dependency that comes first in the order given is visited first, so it is pushed last.
    void push_dependencies(const Job& job, std::vector<std::size_t>& pending) const {
        const auto first = static_cast<std::ptrdiff_t>(pending.size());
        for (const auto* ids : {&job.after, &job.after_ended}) {
            for (const JobId& id : *ids) {
                const auto found = positions_.find(id);
                if (found != positions_.end() && visited_[found->second] == Visit::none)
                    pending.push_back(found->second);
            }
        }
        std::sort(pending.begin() + first, pending.end(), std::greater{});
    }

    enum class Visit : char { none, entered, left };

    std::vector<Job> jobs_;
    std::map<JobId, std::size_t> positions_;
    std::vector<Visit> visited_;
    std::vector<Job> sorted_;
};

}  // namespace

JobId resolve_job_or_tombstone(Store& store, const std::string& name, const Principal& principal) {
    const JobRef ref = require_job_name(name);
    if (const auto job = store.get(ref, principal, Detail::summary)) return job->job_id;
    const auto tombstone = store.tombstone(ref, principal);
    const auto deleted = tombstone ? JobId::parse(tombstone->job_id) : std::nullopt;
    return deleted ? *deleted : require_job(store, name, principal, Detail::summary).job_id;
}

std::vector<JobId> resolve_dependencies(
    Store& store, const std::vector<std::string>& names, const Principal& principal) {
    std::vector<JobId> ids;
    ids.reserve(names.size());
    for (const std::string& name : names)
        ids.push_back(resolve_job_or_tombstone(store, name, principal));
    return ids;
}

std::vector<Job> in_dependency_order(std::vector<Job> jobs) {
    return Sorter{std::move(jobs)}.sort();
}

std::vector<Job> cancelled_dependents(Store& store, const std::vector<Job>& jobs) {
    std::set<JobId> known;
    for (const Job& job : jobs)
        known.insert(job.job_id);
    std::vector<Job> dependents;
    for (const Job& job : jobs) {
        for (const Job& dependent : store.cancelled_dependents(job.job_id)) {
            if (!known.insert(dependent.job_id).second) continue;
            const Principal owner{dependent.owner, false};
            if (auto full = store.get(JobRef::of(dependent.job_id), owner, Detail::full))
                dependents.push_back(std::move(*full));
        }
    }
    return dependents;
}

}  // namespace atlasjob::jobs

#include "cli/jobs/active_jobs.h"

#include "cli/jobs/job_watch.h"

namespace atlasjob::cli {

namespace {

constexpr int kPage = 500;

}  // namespace

ActiveJobs::ActiveJobs(const Context& context, Store& store, JobFilter filter)
    : context_(context), store_(store) {
    query_.filter = std::move(filter);
    query_.filter.statuses = {Status::queued, Status::running};
    query_.limit = kPage;
}

bool ActiveJobs::poll() {
    std::map<JobId, jobs::JobWatch> watches;
    bool is_active = false;
    for (const JobId& id : list()) {
        const auto known = watches_.find(id);
        auto watch = known == watches_.end() ? jobs::JobWatch{watching(context_, store_), id}
                                             : std::move(known->second);
        is_active = !watch.poll() || is_active;
        watches.emplace(id, std::move(watch));
    }
    watches_ = std::move(watches);
    return is_active;
}

std::vector<JobId> ActiveJobs::list() const {
    std::vector<JobId> ids;
    ListQuery query = query_;
    do {
        const JobPage page = store_.list(query, context_.principal());
        for (const Job& job : page.jobs)
            ids.push_back(job.job_id);
        query.before_seq = page.next_seq;
    } while (query.before_seq);
    return ids;
}

}  // namespace atlasjob::cli

#include "mcp/jobs/job_completion.h"

namespace atlasjob::mcp {

namespace {

constexpr int kMaxCandidates = 1000;

}  // namespace

std::vector<std::string> complete_job_id(const ToolContext& context, std::string_view prefix) {
    std::vector<std::string> ids;
    if (!context.principal) return ids;
    ListQuery query;
    query.filter.owners = {context.principal->name};
    query.limit = kMaxCandidates;
    const JobPage page = context.ledger.read_or(
        JobPage{}, [&](Store& store) { return store.list(query, *context.principal); });
    for (const Job& job : page.jobs) {
        if (ids.size() == kMaxCompletions) break;
        if (job.job_id.view().starts_with(prefix)) ids.push_back(job.job_id.str());
    }
    return ids;
}

}  // namespace atlasjob::mcp

#include "cli/jobs/job_page.h"

#include "cli/jobs/pending_reasons.h"
#include "logs/log_reader.h"
#include "view/job_json.h"
#include "view/job_text.h"

namespace atlasjob::cli {

namespace {

constexpr int kShownActive = 20;
constexpr int kShownRecent = 10;
constexpr std::size_t kShownLogLines = 10;

void add_log(const Context& context, const Job& job, view::JobPageContext& page) {
    const std::string root = context.location().logs_root;
    page.log_path = log_path(root, job.job_id, job.attempt);
    if (job.status != Status::error) return;
    for (const LogLine& line : tail_log(root, job.job_id, job.attempt, kShownLogLines))
        page.log_tail.push_back(line.text);
}

}  // namespace

std::string job_page(const Context& context, Store& store, const Job& job) {
    const Time now = context.now();
    if (context.options().json) return view::job_json(job, now) + '\n';
    view::JobPageContext page{now, context.style()};
    page.pending_reasons = pending_reasons(context, store, job);
    if (job.log_bytes > 0 || job.status == Status::error) add_log(context, job, page);
    return view::job_text(job, page);
}

view::Overview overview_of(const Context& context, Store& store) {
    const Principal principal = context.principal();
    ListQuery active;
    active.statuses = {Status::queued, Status::running};
    active.limit = kShownActive;
    ListQuery recent;
    recent.statuses = {Status::done, Status::error, Status::cancelled};
    recent.limit = kShownRecent;
    return {
        view::Totals{store.count(principal)}, store.list(active, principal).jobs,
        store.list(recent, principal).jobs};
}

std::string overview_page(const Context& context, Store& store) {
    const view::Overview overview = overview_of(context, store);
    const Time now = context.now();
    return context.options().json ? view::overview_json(overview, now) + '\n'
                                  : view::overview_text(overview, now, context.style());
}

}  // namespace atlasjob::cli

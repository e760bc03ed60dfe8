#include "cli/jobs/job_page.h"

#include "base/error.h"
#include "cli/jobs/pending_reasons.h"
#include "ledger/log_store.h"
#include "ledger/missing_output.h"
#include "view/job_json.h"
#include "view/job_text.h"

namespace atlasjob::cli {

namespace {

constexpr int kShownActive = 20;
constexpr int kShownRecent = 10;
constexpr std::size_t kShownLogLines = 10;

void add_log(const Context& context, const Job& job, view::JobPageContext& page) {
    const auto logs = context.open_logs();
    page.log_path = logs->display(job.job_id, job.attempt).value_or("");
    try {
        if (const auto missing = missing_output(*logs, job)) page.missing_output = missing->text;
        if (job.status != Status::error) return;
        const auto log = logs->follow(job.job_id, {job.attempt, job.attempt});
        for (LogLine& line : log->skip_to_tail({kShownLogLines, {}, kTailBytes}))
            page.log_tail.push_back(std::move(line.text));
    } catch (const Error&) {
        // The rest of the job is still shown; the logs command reports the error.
        page.log_tail.clear();
    }
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
    active.filter.statuses = {Status::queued, Status::running};
    active.limit = kShownActive;
    ListQuery recent;
    recent.filter.statuses = {Status::done, Status::error, Status::cancelled};
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

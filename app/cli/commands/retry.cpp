#include "cli/after_commit.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/jobs/job_verbs.h"
#include "cli/options/arguments.h"
#include "cli/options/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace atlasjob::cli {

namespace {

/// Jobs selected by filters without --status; done jobs are retried only on request.
constexpr std::array kFailed = {Status::error, Status::cancelled};
constexpr std::size_t kNamedDependents = 20;

/// "job 2", "jobs 2 and 3", "jobs 2, 3 and 4"
std::string name_jobs(const std::vector<Job>& jobs) {
    std::string text;
    for (std::size_t at = 0; at < jobs.size(); ++at) {
        const bool last = at + 1 == jobs.size();
        text += fmt::format("{}{}", at == 0 ? "" : last ? " and " : ", ", jobs[at].seq);
    }
    return fmt::format("job{} {}", jobs.size() == 1 ? "" : "s", text);
}

class Retry final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.flag(
            "--dependents", dependents_, "also retry the jobs that were cancelled because of them");
        selection_.declare(arguments);
    }
    void check() override { selection_.check(); }

    int run(Context& context) override {
        const JobVerbs verbs{context};
        const auto store = context.open_existing();
        const jobs::Deps deps = verbs.over(*store);
        EnsuredWorker worker;
        std::vector<Job> retried;
        AfterCommit after{context};
        const auto retry_one = [&](const Job& job) {
            // Their queues differ: one of them may have no worker.
            worker = merged(std::move(worker), jobs::retry(deps, job, [&] {
                                show(context, *store, job, after);
                            }));
            retried.push_back(job);
        };
        const int exit_status =
            selection_.each(context, *store, retry_one, [&](std::vector<Job>& jobs) {
                if (!dependents_) return;
                std::ranges::move(
                    jobs::cancelled_dependents(*store, jobs), std::back_inserter(jobs));
            });
        note_dependents(context, *store, retried, after);
        verbs.report(worker);
        return after.conclude(exit_status);
    }

  private:
    static void show(const Context& context, Store& store, const Job& job, AfterCommit& after) {
        const std::string summary = fmt::format("job {} is queued again", job.seq);
        after.show(change_of(job.job_id, summary), [&] {
            if (context.options().json) return context.answer_job(store, job.job_id);
            context.confirm(summary + '\n');
        });
    }

    /// Names the jobs that stay cancelled although what they depend on is queued again.
    static void note_dependents(
        const Context& context, Store& store, const std::vector<Job>& retried, AfterCommit& after) {
        if (context.options().quiet || retried.empty()) return;
        const Change change{
            fmt::format(
                "{} {} queued again", name_jobs(retried), retried.size() == 1 ? "is" : "are"),
            "see atlasjob list --status cancelled"};
        after.follow(change, "the jobs cancelled because of it cannot be listed", [&] {
            name_dependents(context, jobs::cancelled_dependents(store, retried));
        });
    }

    static void name_dependents(const Context& context, const std::vector<Job>& dependents) {
        if (dependents.empty()) return;
        if (dependents.size() > kNamedDependents) {
            return note_unless_quiet(
                context, fmt::format(
                             "{} jobs are still cancelled because of retried ones; see atlasjob "
                             "list --status cancelled",
                             dependents.size()));
        }
        std::string seqs;
        for (const Job& job : dependents)
            seqs += fmt::format(" {}", job.seq);
        note_unless_quiet(
            context,
            fmt::format(
                "{} {} still cancelled because of a retried job; run `atlasjob retry{}`, or use "
                "--dependents next time",
                name_jobs(dependents), dependents.size() == 1 ? "is" : "are", seqs));
    }

    Selection selection_{
        {"retry", kEndedStatuses, kFailed, true, SelectionOrder::dependencies_first}};
    bool dependents_ = false;
};

}  // namespace

std::unique_ptr<Command> make_retry() {
    return std::make_unique<Retry>();
}

}  // namespace atlasjob::cli

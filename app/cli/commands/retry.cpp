#include "cli/after_commit.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/jobs/job_verbs.h"
#include "cli/options/arguments.h"
#include "cli/options/selection.h"

#include <fmt/format.h>

#include <array>

namespace atlasjob::cli {

namespace {

/// Jobs selected by filters without --status; done jobs are retried only on request.
constexpr std::array kFailed = {Status::error, Status::cancelled};

class Retry final : public Command {
  public:
    void declare(Arguments& arguments) override { selection_.declare(arguments); }
    void check() override { selection_.check(); }

    int run(Context& context) override {
        const JobVerbs verbs{context};
        const auto store = context.open_existing();
        const jobs::Deps deps = verbs.over(*store);
        EnsuredWorker worker;
        AfterCommit after{context};
        const int exit_status = selection_.each(context, *store, [&](const Job& job) {
            const EnsuredWorker ensured =
                jobs::retry(deps, job, [&] { show(context, *store, job, after); });
            // Their queues differ: one of them may have no worker.
            if (ensured.refused || !ensured.served) worker = ensured;
        });
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

    Selection selection_{{"retry", kEndedStatuses, kFailed}};
};

}  // namespace

std::unique_ptr<Command> make_retry() {
    return std::make_unique<Retry>();
}

}  // namespace atlasjob::cli

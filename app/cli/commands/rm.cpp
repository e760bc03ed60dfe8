#include "cli/after_commit.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/jobs/job_verbs.h"
#include "cli/options/arguments.h"
#include "cli/options/selection.h"
#include "view/job_json.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

class Rm final : public Command {
  public:
    void declare(Arguments& arguments) override { selection_.declare(arguments); }
    void check() override { selection_.check(); }

    int run(Context& context) override {
        const JobVerbs verbs{context, JobVerbs::Starts::no_worker};
        const auto store = context.open_existing();
        const jobs::Deps deps = verbs.over(*store);
        AfterCommit after{context};
        const int exit_status = selection_.each(
            context, *store, [&](const Job& job) { remove(context, deps, job, after); });
        return after.conclude(exit_status);
    }

  private:
    static void remove(
        const Context& context, const jobs::Deps& deps, const Job& job, AfterCommit& after) {
        jobs::remove(deps, job.job_id);
        const std::string summary = fmt::format("job {} was deleted", job.seq);
        after.show({summary, "see atlasjob events"}, [&] {
            if (context.options().json)
                return context.answer(view::job_json(job, context.now()) + '\n');
            context.confirm(summary + '\n');
        });
    }

    Selection selection_{{"delete", kEndedStatuses, kEndedStatuses}};
};

}  // namespace

std::unique_ptr<Command> make_rm() {
    return std::make_unique<Rm>();
}

}  // namespace atlasjob::cli

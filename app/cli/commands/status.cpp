#include "cli/command.h"
#include "cli/context.h"
#include "cli/jobs/job_page.h"
#include "cli/jobs/status_watch.h"
#include "cli/options/arguments.h"
#include "cli/options/selection.h"

namespace atlasjob::cli {

namespace {

class StatusCommand final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.flag("-w,--watch", watch_, "update the view live; press q or Ctrl-C to quit");
        selection_.declare(arguments);
    }

    void check() override {
        if (selection_.any()) selection_.check();
    }

    int run(Context& context) override {
        const auto store = context.open_to_read();
        if (watch_) return watch(context, *store);
        if (!selection_.any()) {
            context.answer(overview_page(context, *store));
            return 0;
        }
        bool first = true;
        return selection_.each(context, *store, [&](const Job& job) {
            if (!first && !context.options().json) context.answer("\n");
            context.answer(job_page(context, *store, job));
            first = false;
        });
    }

  private:
    int watch(const Context& context, Store& store) const {
        if (!selection_.any()) {
            watch_overview(context, store);
            return 0;
        }
        std::vector<JobId> jobs;
        const int exit_status =
            selection_.each(context, store, [&](const Job& job) { jobs.push_back(job.job_id); });
        if (!jobs.empty()) watch_jobs(context, store, jobs);
        return exit_status;
    }

    Selection selection_{{"show", kStatuses, {}, false}};
    bool watch_ = false;
};

}  // namespace

std::unique_ptr<Command> make_status() {
    return std::make_unique<StatusCommand>();
}

}  // namespace atlasjob::cli

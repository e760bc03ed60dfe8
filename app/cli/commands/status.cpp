#include "cli/command.h"
#include "cli/context.h"
#include "cli/jobs/job_page.h"
#include "cli/jobs/status_watch.h"
#include "cli/options/arguments.h"
#include "cli/options/selection.h"
#include "ledger/find.h"

namespace atlasjob::cli {

namespace {

class StatusCommand final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.jobs(words_);
        arguments.flag("-w,--watch", watch_, "update the view live; press q or Ctrl-C to quit");
    }

    int run(Context& context) override {
        const auto store = context.open_to_read();
        if (watch_) return watch(context, *store);
        if (words_.empty()) {
            context.answer(overview_page(context, *store));
            return 0;
        }
        bool first = true;
        return for_each_job(context, *store, [&](const Job& job) {
            if (!first && !context.options().json) context.answer("\n");
            context.answer(job_page(context, *store, job));
            first = false;
        });
    }

  private:
    int watch(const Context& context, Store& store) const {
        if (words_.empty()) {
            watch_overview(context, store);
            return 0;
        }
        std::vector<JobId> jobs;
        const int exit_status =
            for_each_job(context, store, [&](const Job& job) { jobs.push_back(job.job_id); });
        if (!jobs.empty()) watch_jobs(context, store, jobs);
        return exit_status;
    }

    /// Calls `show` for every job that can be read. The first error decides the exit status.
    int for_each_job(
        const Context& context, Store& store, const std::function<void(const Job&)>& show) const {
        int exit_status = 0;
        for (const std::string& word : words_) {
            const auto show_one = [&] {
                show(require_job(store, word, context.principal(), Detail::full));
            };
            if (words_.size() == 1) {
                show_one();
                return 0;
            }
            const int one = guarded(context, show_one);
            exit_status = exit_status == 0 ? one : exit_status;
        }
        return exit_status;
    }

    std::vector<std::string> words_;
    bool watch_ = false;
};

}  // namespace

std::unique_ptr<Command> make_status() {
    return std::make_unique<StatusCommand>();
}

}  // namespace atlasjob::cli

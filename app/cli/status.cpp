#include "base/error.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/waiting.h"
#include "ledger/find.h"
#include "runner/log_reader.h"
#include "view/findings.h"
#include "view/job_json.h"
#include "view/job_text.h"
#include "view/overview.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

constexpr int kShownActive = 20;
constexpr int kShownRecent = 10;
constexpr std::size_t kShownLogLines = 10;

class StatusCommand final : public Command {
  public:
    void declare(Arguments& arguments) override { arguments.words(words_, "JOB"); }

    int run(Context& context) override {
        const auto store = context.open_to_read();
        if (words_.empty()) {
            show_overview(context, *store);
            return 0;
        }
        return show_jobs(context, *store);
    }

  private:
    /// All that can be shown are shown; the first that cannot decides the exit status.
    int show_jobs(const Context& context, Store& store) const {
        int exit_status = 0;
        bool first = true;
        for (const std::string& word : words_) {
            try {
                const Job job = require_job(store, word, context.principal(), Detail::full);
                if (!first && !context.options().json) context.answer("\n");
                show_job(context, store, job);
                first = false;
            } catch (const Error& error) {
                if (words_.size() == 1) throw;
                tell(context, error);
                if (exit_status == 0) exit_status = error_row(error.code()).exit_status;
            }
        }
        return exit_status;
    }

    static void tell(const Context& context, const Error& error) {
        write_note(
            context.options().json ? view::error_json(error) + '\n'
                                   : fmt::format("atlasjob: {}\n", error.what()));
    }

    static void show_job(const Context& context, Store& store, const Job& job) {
        const Time now = context.now();
        if (context.options().json) return context.answer(view::job_json(job, now) + '\n');
        view::JobPageContext page{now, context.style(), {}, {}, {}};
        page.waits_for = waits_for(store, job, context.principal(), now);
        if (job.log_bytes > 0 || job.status == Status::error) add_log(context, job, page);
        context.answer(view::job_text(job, page));
    }

    static void add_log(const Context& context, const Job& job, view::JobPageContext& page) {
        const std::string root = context.location().logs_root;
        page.log_path = log_path(root, job.job_id, job.attempt);
        if (job.status != Status::error) return;
        for (const LogLine& line : tail_log(root, job.job_id, job.attempt, kShownLogLines))
            page.log_tail.push_back(line.text);
    }

    static void show_overview(const Context& context, Store& store) {
        const Principal principal = context.principal();
        const Time now = context.now();
        ListQuery active;
        active.statuses = {Status::queued, Status::running};
        active.limit = kShownActive;
        ListQuery recent;
        recent.statuses = {Status::done, Status::error, Status::cancelled};
        recent.limit = kShownRecent;
        const view::Overview overview{
            view::Totals{store.count(principal)}, store.list(active, principal).jobs,
            store.list(recent, principal).jobs};
        context.answer(
            context.options().json ? view::overview_json(overview, now) + '\n'
                                   : view::overview_text(overview, now, context.style()));
    }

    std::vector<std::string> words_;
};

}  // namespace

std::unique_ptr<Command> make_status() {
    return std::make_unique<StatusCommand>();
}

}  // namespace atlasjob::cli

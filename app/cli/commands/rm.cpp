#include "base/error.h"
#include "cli/after_commit.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options/arguments.h"
#include "cli/options/selection.h"
#include "ledger/find.h"
#include "logs/log_files.h"
#include "view/job_json.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

class Rm final : public Command {
  public:
    void declare(Arguments& arguments) override { arguments.jobs(words_); }

    void check() override {
        if (!words_.empty()) return;
        throw Error(
            ErrorCode::invalid_argument, "no JOB given", "name the jobs by number or job_id");
    }

    int run(Context& context) override {
        const auto store = context.open_existing();
        AfterCommit after{context};
        if (words_.size() == 1) {
            remove(context, *store, words_[0], after);
            return after.conclude();
        }
        int exit_status = 0;
        for (const std::string& word : words_) {
            const int one = guarded(context, [&] { remove(context, *store, word, after); });
            exit_status = exit_status == 0 ? one : exit_status;
        }
        return after.conclude(exit_status);
    }

  private:
    static void remove(
        const Context& context, Store& store, const std::string& word, AfterCommit& after) {
        const Job job = require_job(store, word, context.principal(), Detail::full);
        const PrunedJob pruned = store.forget(job.job_id, context.now());
        // The row is deleted first, so that no existing job lacks its output. Output that cannot be
        // removed now is removed by gc, because it belongs to no job.
        remove_logs(context.location().logs_root, pruned.job_id, pruned.attempts);
        const std::string summary = fmt::format("job {} was deleted", job.seq);
        after.show({summary, "see atlasjob events"}, [&] {
            if (context.options().json)
                return context.answer(view::job_json(job, context.now()) + '\n');
            context.confirm(summary + '\n');
        });
    }

    std::vector<std::string> words_;
};

}  // namespace

std::unique_ptr<Command> make_rm() {
    return std::make_unique<Rm>();
}

}  // namespace atlasjob::cli

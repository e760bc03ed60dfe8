#include "base/error.h"
#include "cli/after_commit.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/jobs/job_verbs.h"
#include "cli/options/arguments.h"
#include "cli/options/selection.h"
#include "ledger/find.h"
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
        const JobVerbs verbs{context, JobVerbs::Starts::no_worker};
        const auto store = context.open_existing();
        const jobs::Deps deps = verbs.over(*store);
        AfterCommit after{context};
        if (words_.size() == 1) {
            remove(context, deps, words_[0], after);
            return after.conclude();
        }
        int exit_status = 0;
        for (const std::string& word : words_) {
            const int one = guarded(context, [&] { remove(context, deps, word, after); });
            exit_status = exit_status == 0 ? one : exit_status;
        }
        return after.conclude(exit_status);
    }

  private:
    static void remove(
        const Context& context,
        const jobs::Deps& deps,
        const std::string& word,
        AfterCommit& after) {
        const Job job = require_job(deps.store, word, context.principal(), Detail::full);
        jobs::remove(deps, job.job_id);
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

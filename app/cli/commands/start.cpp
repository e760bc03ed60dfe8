#include "cli/after_commit.h"
#include "cli/command.h"
#include "cli/jobs/current_job.h"
#include "cli/jobs/job_verbs.h"
#include "cli/options/arguments.h"
#include "ledger/find.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

class Start final : public Command {
  public:
    void declare(Arguments& arguments) override { arguments.jobs(words_, 1); }

    void check() override { static_cast<void>(CurrentJob{words_}); }

    int run(Context& context) override {
        const Principal principal = context.principal();
        const JobVerbs verbs{context};
        const auto store = context.open_existing();
        const Job job = require_job(*store, CurrentJob{words_}.job(), principal, Detail::summary);
        verbs.report(jobs::start(verbs.over(*store), job));
        AfterCommit after{context};
        after.show(change_of(job.job_id, fmt::format("job {} was started", job.seq)), [&] {
            context.answer_job(*store, job.job_id);
        });
        return after.conclude();
    }

  private:
    std::vector<std::string> words_;
};

}  // namespace

std::unique_ptr<Command> make_start() {
    return std::make_unique<Start>();
}

}  // namespace atlasjob::cli

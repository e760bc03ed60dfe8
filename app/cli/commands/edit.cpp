#include "base/error.h"
#include "cli/after_commit.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/jobs/job_verbs.h"
#include "cli/options/arguments.h"
#include "cli/options/spec_values.h"
#include "ledger/find.h"
#include "ledger/limits.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

class Edit final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.jobs(words_, 1);
        arguments.value(
            "--priority",
            [&](const std::string& text) {
                edit_.priority = parse_number("--priority", text, -kMaxPriority, kMaxPriority);
            },
            "N", "higher runs first");
        arguments.text("--queue", edit_.queue, "QUEUE", "queue to move it to");
        arguments.value(
            "--at", [&](const std::string& text) { at_ = parse_time_text("--at", text); }, "TIME",
            "start at this time; at once if it is now or has passed");
        arguments.duration("--in", in_, "start after this delay");
    }

    void check() override {
        if (words_.empty()) {
            throw Error(
                ErrorCode::invalid_argument, "no JOB given",
                "name the job by its number or job_id");
        }
        if (in_ && at_) {
            throw Error(
                ErrorCode::invalid_argument, "--at and --in are mutually exclusive",
                "give one of them");
        }
        if (!in_ && !at_ && !edit_.priority && !edit_.queue) {
            throw Error(
                ErrorCode::invalid_argument, "no change given",
                "use --priority, --queue, --at or --in");
        }
        if (edit_.queue) check_queue(*edit_.queue);
    }

    int run(Context& context) override {
        const Principal principal = context.principal();
        const JobVerbs verbs{context};
        const auto store = context.open_existing();
        const Job job = require_job(*store, words_[0], principal, Detail::summary);
        JobEdit edit = edit_;
        const Time now = context.now();
        if (in_) edit.run_after = now + *in_;
        if (at_) edit.run_after = at_->resolve(now);
        const std::string summary = fmt::format("job {} was edited", job.seq);
        AfterCommit after{context};
        const auto show = [&] {
            after.show(change_of(job.job_id, summary), [&] {
                if (context.options().json) return context.answer_job(*store, job.job_id);
                context.confirm(summary + '\n');
            });
        };
        const EnsuredWorker worker = jobs::edit(verbs.over(*store), job, edit, show);
        if (at_ && *edit.run_after < now) note_past(context);
        verbs.report(worker);
        return after.conclude();
    }

  private:
    std::vector<std::string> words_;
    JobEdit edit_;
    std::optional<TimeText> at_;
    std::optional<milliseconds> in_;
};

}  // namespace

std::unique_ptr<Command> make_edit() {
    return std::make_unique<Edit>();
}

}  // namespace atlasjob::cli

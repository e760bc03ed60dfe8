#include "base/error.h"
#include "cli/after_commit.h"
#include "cli/command.h"
#include "cli/jobs/current_job.h"
#include "cli/jobs/job_verbs.h"
#include "cli/options/arguments.h"
#include "cli/options/spec_values.h"
#include "ledger/find.h"
#include "ledger/limits.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

class Finish final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.jobs(words_, 1);
        arguments.value(
            "--result",
            [&](const std::string& text) { outcome_.result = require_json("--result", text); },
            "JSON", "the job's result");
        arguments.text(
            "--error", outcome_.error, "TEXT", "the job failed: error message, one sentence");
        arguments.text("--error-code", outcome_.error_code, "CODE", "machine-readable error code");
        arguments.flag("--cancelled", cancelled_, "the job was stopped on request");
    }

    void check() override {
        static_cast<void>(CurrentJob{words_});
        if (cancelled_ && outcome_.error) {
            throw Error(
                ErrorCode::invalid_argument, "--cancelled and --error are mutually exclusive",
                "give one of them");
        }
        if (outcome_.error_code && !outcome_.error) {
            throw Error(
                ErrorCode::invalid_argument, "--error-code requires --error", "add --error TEXT");
        }
        if (outcome_.error_code && outcome_.error_code->empty()) {
            throw Error(
                ErrorCode::invalid_argument, "--error-code must not be empty",
                "give a code, or leave it out");
        }
        check_error();
        if (outcome_.error) outcome_.status = Status::error;
        if (cancelled_) {
            outcome_.status = Status::cancelled;
            outcome_.reason = Reason::user;
        }
    }

    int run(Context& context) override {
        const CurrentJob current_job{words_};
        const Principal principal = context.principal();
        const JobVerbs verbs{context, JobVerbs::Starts::no_worker};
        const auto store = context.open_existing();
        const Job job = require_job(*store, current_job.job(), principal, Detail::summary);
        const auto finished =
            jobs::finish(verbs.over(*store), current_job.key(job.job_id), outcome_);
        if (!finished) refuse_lost_attempt(context, *store, job);
        const Change change = change_of(job.job_id, fmt::format("job {} is finished", job.seq));
        AfterCommit after{context};
        after.show(change, [&] { context.answer_job(*store, job.job_id); });
        return after.conclude();
    }

  private:
    void check_error() const {
        if (!outcome_.error) return;
        if (outcome_.error->empty() || clipped(*outcome_.error) != *outcome_.error) {
            throw Error(
                ErrorCode::invalid_argument,
                fmt::format(
                    "--error \"{}\": empty, too long or not valid UTF-8",
                    clipped(*outcome_.error, 200)),
                fmt::format("use a sentence of 1 to {} bytes of UTF-8", kMaxText));
        }
    }

    std::vector<std::string> words_;
    Outcome outcome_;
    bool cancelled_ = false;
};

}  // namespace

std::unique_ptr<Command> make_finish() {
    return std::make_unique<Finish>();
}

}  // namespace atlasjob::cli

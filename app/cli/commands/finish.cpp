#include "base/error.h"
#include "cli/after_commit.h"
#include "cli/command.h"
#include "cli/commands/on_end.h"
#include "cli/jobs/current_job.h"
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
            "JSON", "what came out");
        arguments.text("--error", outcome_.error, "TEXT", "it went wrong: one sentence");
        arguments.text("--error-code", outcome_.error_code, "CODE", "a word for programs");
        arguments.flag("--cancelled", cancelled_, "it was stopped on request");
    }

    void check() override {
        static_cast<void>(CurrentJob{words_});
        if (cancelled_ && outcome_.error) {
            throw Error(
                ErrorCode::invalid_argument, "--cancelled and --error: a job ends one way",
                "give one of them");
        }
        if (outcome_.error_code && !outcome_.error) {
            throw Error(
                ErrorCode::invalid_argument, "--error-code: there is no --error it belongs to",
                "give --error TEXT too");
        }
        if (outcome_.error_code && outcome_.error_code->empty()) {
            throw Error(
                ErrorCode::invalid_argument, "--error-code \"\": not allowed",
                "give a word, or leave it out");
        }
        check_error();
        if (outcome_.error) outcome_.status = Status::error;
        if (cancelled_) {
            outcome_.status = Status::cancelled;
            outcome_.reason = Reason::user;
        }
    }

    int run(Context& context) override {
        const CurrentJob executing{words_};
        const Principal principal = context.principal();
        const auto store = context.open_existing();
        const Job job = require_job(*store, executing.job(), principal, Detail::summary);
        const auto finished =
            store->finish(executing.key(job.job_id), outcome_, principal.name, context.now());
        if (!finished) refuse_lost_attempt(context, *store, job);
        const Change change =
            change_of(job.job_id, fmt::format("the end of job {} is recorded", job.seq));
        AfterCommit after{context};
        after.follow(
            change, kNoHook, [&] { start_owed_hooks(*store, context.clock(), on_end(context)); });
        after.show(change, [&] { context.answer_job(*store, job.job_id); });
        return after.conclude();
    }

  private:
    void check_error() const {
        if (!outcome_.error) return;
        if (outcome_.error->empty() || clipped(*outcome_.error) != *outcome_.error) {
            throw Error(
                ErrorCode::invalid_argument,
                fmt::format("--error \"{}\": not allowed", clipped(*outcome_.error, 200)),
                fmt::format("give a sentence of 1-{} bytes of UTF-8", kMaxText));
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

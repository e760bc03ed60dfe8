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

constexpr int kCancelRequested = 3;

// Named so to avoid confusion with the command.
using JobReport = atlasjob::Report;

class ReportCommand final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.jobs(words_, 1);
        arguments.value(
            "--progress", [&](const std::string& text) { report_.progress = parse_progress(text); },
            "0.4|40%", "progress as a fraction or percentage");
        arguments.text("--phase", report_.phase, "TEXT", "current phase of the work");
        arguments.text("--message", report_.message, "TEXT", "status message for people");
        arguments.integer("--current", report_.current, "N", "number of items done");
        arguments.integer("--total", report_.total, "N", "total number of items");
        arguments.value(
            "--result",
            [&](const std::string& text) { report_.result = require_json("--result", text); },
            "JSON", "the job's result (only inside a running job; otherwise use finish)");
    }

    void check() override {
        const CurrentJob current_job{words_};
        if (report_.result && !current_job.inside()) {
            throw Error(
                ErrorCode::invalid_argument, "--result works only inside the job itself",
                "pass the result to atlasjob finish");
        }
        atlasjob::check(report_);
    }

    int run(Context& context) override {
        const CurrentJob current_job{words_};
        const JobVerbs verbs{context, JobVerbs::Starts::no_worker};
        const auto store = context.open_existing();
        const Job job =
            require_job(*store, current_job.job(), context.principal(), Detail::summary);
        const auto reply = jobs::report(verbs.over(*store), current_job.key(job.job_id), report_);
        if (!reply) refuse_lost_attempt(context, *store, job);
        AfterCommit after{context};
        after.show(
            change_of(job.job_id, fmt::format("the report of job {} was recorded", job.seq)),
            [&] { context.answer_job(*store, job.job_id); });
        return after.conclude(reply->cancel_requested_at ? kCancelRequested : 0);
    }

  private:
    std::vector<std::string> words_;
    JobReport report_;
};

}  // namespace

std::unique_ptr<Command> make_report() {
    return std::make_unique<ReportCommand>();
}

}  // namespace atlasjob::cli

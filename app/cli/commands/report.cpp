#include "base/error.h"
#include "cli/after_commit.h"
#include "cli/command.h"
#include "cli/jobs/current_job.h"
#include "cli/options/arguments.h"
#include "cli/options/spec_values.h"
#include "ledger/find.h"
#include "ledger/limits.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

constexpr int kCancelRequested = 3;

// The type and the command share their name.
using JobReport = atlasjob::Report;

class ReportCommand final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.jobs(words_, 1);
        arguments.value(
            "--progress", [&](const std::string& text) { report_.progress = parse_progress(text); },
            "0.4|40%", "how far it is");
        arguments.text("--phase", report_.phase, "TEXT", "what it is doing");
        arguments.text("--message", report_.message, "TEXT", "anything people should know");
        arguments.integer("--current", report_.current, "N", "how many are done");
        arguments.integer("--total", report_.total, "N", "of how many");
        arguments.value(
            "--result",
            [&](const std::string& text) { report_.result = require_json("--result", text); },
            "JSON", "what came out (inside a running job; finish says it for others)");
    }

    void check() override {
        const CurrentJob executing{words_};
        if (report_.result && !executing.inside()) {
            throw Error(
                ErrorCode::invalid_argument, "--result works only inside the job itself",
                "pass the result to atlasjob finish");
        }
        atlasjob::check(report_);
    }

    int run(Context& context) override {
        const CurrentJob executing{words_};
        const auto store = context.open_existing();
        const Job job = require_job(*store, executing.job(), context.principal(), Detail::summary);
        const auto beat = store->report(executing.key(job.job_id), report_, context.now());
        if (!beat) refuse_lost_attempt(context, *store, job);
        AfterCommit after{context};
        after.show(
            change_of(job.job_id, fmt::format("the report of job {} is recorded", job.seq)),
            [&] { context.answer_job(*store, job.job_id); });
        return after.conclude(beat->cancel_requested_at ? kCancelRequested : 0);
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

#include "runner/maintenance/gc.h"

#include "base/error.h"
#include "cli/after_commit.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/jobs/job_verbs.h"
#include "cli/options/arguments.h"
#include "view/reports.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

class Gc final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.flag("--dry-run", options_.dry_run, "show what would be done without doing it");
        arguments.duration(
            "--keep-done", options_.retention.done, "keep done jobs this long (default: 7d)");
        arguments.duration(
            "--keep-error", options_.retention.error, "keep failed jobs this long (default: 30d)");
        arguments.duration(
            "--keep-cancelled", options_.retention.cancelled,
            "keep cancelled jobs this long (default: 7d)");
        arguments.integer(
            "--max-seconds", max_seconds_, "N", "stop after N seconds; the next run continues");
    }

    void check() override {
        if (max_seconds_ && (*max_seconds_ < 1 || *max_seconds_ > 86'400)) {
            throw Error(
                ErrorCode::invalid_argument,
                fmt::format("--max-seconds \"{}\": out of range", *max_seconds_),
                "use a number from 1 to 86400");
        }
    }

    int run(Context& context) override {
        if (!options_.dry_run) options_.worker = on_demand_worker(context);
        const auto store = options_.dry_run ? context.open_to_read() : context.open_existing();
        options_.ledger = context.address();
        options_.actor = context.principal().name;
        options_.on_end = on_end(context);
        if (max_seconds_) options_.time_limit = std::chrono::seconds{*max_seconds_};
        const GcReport report = collect_garbage(*store, *context.open_logs(), options_);
        AfterCommit after{context};
        after.show(
            {options_.dry_run ? "nothing was changed" : "garbage collection is done",
             "see atlasjob events"},
            [&] { show(context, report); });
        note_refusal(context, report.worker_refused);
        note_logout(context, report.worker_ends_at_logout);
        note_worker_error(context, report.worker_error);
        return after.conclude();
    }

  private:
    static void show(const Context& context, const GcReport& report) {
        if (context.options().json) return context.answer(view::gc_json(report) + '\n');
        if (!context.options().quiet || !report.did_nothing())
            context.answer(view::gc_text(report));
    }

    GcOptions options_;
    std::optional<std::int64_t> max_seconds_;
};

}  // namespace

std::unique_ptr<Command> make_gc() {
    return std::make_unique<Gc>();
}

}  // namespace atlasjob::cli

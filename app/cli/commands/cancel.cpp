#include "base/error.h"
#include "cli/after_commit.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/jobs/job_verbs.h"
#include "cli/jobs/job_watch.h"
#include "cli/options/arguments.h"
#include "cli/options/config_file.h"
#include "cli/options/selection.h"
#include "cli/options/spec_values.h"
#include "cli/terminal/progress_bar.h"
#include "ledger/limits.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

std::string_view outcome_text(CancelResult result) {
    switch (result) {
        case CancelResult::cancelled:
            return "was cancelled before it started";
        case CancelResult::requested:
            return "was asked to stop";
        case CancelResult::already_requested:
            return "had already been asked to stop";
        case CancelResult::already_terminal:
            return "has already ended";
    }
    return {};
}

class Cancel final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.duration(
            "--grace", request_.grace,
            "time between the kill signal and KILL (default: the job's --grace, or 10s)");
        arguments.text("--reason", request_.text, "TEXT", "reason, stored in the job's error");
        arguments.flag("--wait", wait_, "wait until the jobs have ended");
        selection_.declare(arguments);
    }

    void check() override {
        selection_.check();
        if (request_.text && clipped(*request_.text) != *request_.text) {
            throw Error(
                ErrorCode::invalid_argument, "--reason is too long or not valid UTF-8",
                fmt::format("use at most {} bytes of UTF-8", kMaxText));
        }
    }

    int run(Context& context) override {
        request_.actor = context.principal().name;
        read_default_grace(context);
        const JobVerbs verbs{context, JobVerbs::Starts::no_worker};
        const auto store = context.open_existing();
        const jobs::Deps deps = verbs.over(*store);
        std::vector<Change> changes;
        std::vector<JobId> ids;
        AfterCommit after{context};
        const int exit_status = selection_.each(context, *store, [&](const Job& job) {
            changes.push_back(cancel_one(context, deps, job, after));
            ids.push_back(job.job_id);
        });
        for (std::size_t at = 0; at < ids.size(); ++at)
            show_result(context, *store, {ids[at], changes[at]}, after);
        return after.conclude(exit_status);
    }

    /// The config file's grace is for jobs without their own, so it is not taken as if it had been
    /// given.
    bool takes_default(std::string_view option) const override { return option != "grace"; }

  private:
    void read_default_grace(const Context& context) {
        const auto& values = context.config().values;
        const auto found = values.find("cancel.grace");
        if (found != values.end())
            request_.default_grace = parse_span("cancel.grace", found->second.texts[0]);
    }

    struct CancelledJob {
        const JobId& id;
        const Change& change;
    };

    void show_result(
        const Context& context, Store& store, const CancelledJob& job, AfterCommit& after) const {
        if (wait_) {
            after.follow(job.change, "waiting for its end failed", [&] {
                wait_until_ended(context, job.id);
            });
        }
        after.show(job.change, [&] { context.answer_job(store, job.id); });
    }

    /// Cancels one job and returns the change.
    Change cancel_one(
        const Context& context, const jobs::Deps& deps, const Job& job, AfterCommit& after) const {
        const CancelResult result = jobs::cancel(deps, job.job_id, request_);
        // A job that was selected by filters and has ended meanwhile is no error.
        if (result == CancelResult::already_terminal && selection_.named()) {
            throw Error(
                ErrorCode::refused,
                fmt::format("cannot cancel: job {} {}", job.seq, outcome_text(result)),
                fmt::format("see atlasjob status {}", job.seq));
        }
        const std::string summary = fmt::format("job {} {}", job.seq, outcome_text(result));
        Change change = change_of(job.job_id, summary);
        after.show(change, [&] {
            if (!context.options().json) context.confirm(summary + '\n');
        });
        return change;
    }

    static void wait_until_ended(const Context& context, const JobId& id) {
        const SigintGuard sigint_guard;
        const auto store = context.open_to_read();
        const auto change_watch = store->watch_changes();
        jobs::JobWatch watch{watching(context, *store), id};
        const jobs::WatchedLedger ledger = watched_ledger(context);
        while (!ledger.read([&] { return watch.poll(); }))
            jobs::sleep_on(*change_watch);
    }

    // A job that is cancelled cancels the queued jobs that wait for it.
    Selection selection_{
        {"cancel", kActiveStatuses, kActiveStatuses, true, SelectionOrder::dependents_first}};
    CancelRequest request_;
    bool wait_ = false;
};

}  // namespace

std::unique_ptr<Command> make_cancel() {
    return std::make_unique<Cancel>();
}

}  // namespace atlasjob::cli

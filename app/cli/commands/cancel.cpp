#include "base/error.h"
#include "cli/after_commit.h"
#include "cli/command.h"
#include "cli/commands/on_end.h"
#include "cli/context.h"
#include "cli/jobs/job_watch.h"
#include "cli/jobs/watched_ledger.h"
#include "cli/options/arguments.h"
#include "cli/options/selection.h"
#include "cli/terminal/progress_bar.h"
#include "ledger/limits.h"

#include <fmt/format.h>

#include <array>

namespace atlasjob::cli {

namespace {

constexpr std::array kActive = {Status::queued, Status::running};

std::string_view said_of(CancelResult result) {
    switch (result) {
        case CancelResult::cancelled:
            return "cancelled: it never runs";
        case CancelResult::requested:
            return "asked to stop";
        case CancelResult::already_requested:
            return "asked to stop before";
        case CancelResult::already_terminal:
            return "had already ended";
    }
    return {};
}

class Cancel final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.duration("--grace", request_.grace, "between TERM and KILL (default: 10s)");
        arguments.text("--reason", request_.text, "TEXT", "why; goes into the job's error");
        arguments.flag("--wait", wait_, "return once they have ended");
        selection_.declare(arguments);
    }

    void check() override {
        selection_.check(kActive);
        if (request_.text && clipped(*request_.text) != *request_.text) {
            throw Error(
                ErrorCode::invalid_argument, "--reason: not allowed",
                fmt::format("give at most {} bytes of UTF-8", kMaxText));
        }
    }

    int run(Context& context) override {
        request_.actor = context.principal().name;
        const auto store = context.open_existing();
        std::vector<Change> done;
        std::vector<JobId> asked;
        AfterCommit after{context};
        const int exit_status = selection_.each(context, *store, kActive, [&](const Job& job) {
            done.push_back(cancel_one(context, *store, job, after));
            asked.push_back(job.job_id);
        });
        for (std::size_t at = 0; at < asked.size(); ++at)
            show_asked(context, *store, {asked[at], done[at]}, after);
        return after.conclude(exit_status);
    }

  private:
    struct Asked {
        const JobId& id;
        const Change& change;
    };

    void show_asked(
        const Context& context, Store& store, const Asked& asked, AfterCommit& after) const {
        if (wait_) {
            after.follow(asked.change, "its end cannot be awaited", [&] {
                wait_until_ended(context, asked.id);
            });
        }
        after.show(asked.change, [&] { context.answer_job(store, asked.id); });
    }

    /// Returns what was done.
    Change cancel_one(
        const Context& context, Store& store, const Job& job, AfterCommit& after) const {
        const CancelResult result = store.request_cancel(job.job_id, request_, context.now());
        // One that the filters found and that ended since needs no cancelling.
        if (result == CancelResult::already_terminal && selection_.named()) {
            throw Error(
                ErrorCode::refused,
                fmt::format("nothing to cancel: job {} {}", job.seq, said_of(result)),
                fmt::format("see atlasjob status {}", job.seq));
        }
        const std::string said = fmt::format("job {} {}", job.seq, said_of(result));
        Change change = change_of(job.job_id, said);
        if (result == CancelResult::cancelled) {
            after.follow(change, kNoHook, [&] {
                start_owed_hooks(store, context.clock(), on_end(context));
            });
        }
        after.show(change, [&] {
            if (!context.options().json) context.confirm(said + '\n');
        });
        return change;
    }

    static void wait_until_ended(const Context& context, const JobId& id) {
        const SigintGuard interruption;
        const auto store = context.open_to_read();
        const auto bell = store->watch_changes();
        JobWatch watch{context, *store, id};
        const WatchedLedger ledger{context};
        while (!ledger.read([&] { return watch.look(); }))
            sleep_on(*bell, {});
    }

    Selection selection_{"cancel"};
    CancelRequest request_;
    bool wait_ = false;
};

}  // namespace

std::unique_ptr<Command> make_cancel() {
    return std::make_unique<Cancel>();
}

}  // namespace atlasjob::cli

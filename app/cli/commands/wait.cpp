#include "base/error.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/jobs/job_watch.h"
#include "cli/options/arguments.h"
#include "cli/options/selection.h"
#include "cli/terminal/live_screen.h"
#include "cli/terminal/progress_bar.h"
#include "cli/terminal/terminal_progress.h"
#include "jobs/jobs.h"
#include "view/job_json.h"
#include "view/progress.h"
#include "view/style.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace atlasjob::cli {

namespace {

constexpr int kJobFailed = 1;
constexpr int kJobCancelled = 3;
constexpr int kWorkerLost = 5;
constexpr int kTimedOut = 75;

int exit_status_of(const jobs::JobEnd& end) {
    switch (end.status) {
        case Status::error:
            return end.reason == Reason::worker_lost ? kWorkerLost : kJobFailed;
        case Status::cancelled:
            return kJobCancelled;
        case Status::queued:
        case Status::running:
        case Status::done:
            break;
    }
    return 0;
}

/// One of the jobs, in the order given.
struct Awaited {
    std::string word;
    std::optional<JobId> id;         ///< nullopt if there is no such job.
    std::optional<int> exit_status;  ///< nullopt while the job is active.
    std::size_t watch = 0;           ///< Its index in the JobWatches.
    std::optional<Job> job{};        ///< The ended job.
};

using Until = jobs::JobWatches::Until;

class Wait final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.duration("--timeout", timeout_, "stop waiting after this time (exit 75)");
        arguments.flag("--any", any_, "return when any of them has ended");
        selection_.declare(arguments);
    }

    void check() override { selection_.check(); }

    int run(Context& context) override {
        const SigintGuard sigint_guard;
        deadline_ = jobs::Deadline{timeout_};
        watches_.emplace(any_ ? Until::one_ended : Until::all_ended);
        const auto store = context.open_to_read();
        // Created before the first poll, so that no change in between is missed.
        const auto change_watch = store->watch_changes();
        std::vector<Awaited> jobs = find(context, *store);
        if (jobs.empty()) return 0;  // The filters select none.
        const jobs::WatchedLedger ledger = watched_ledger(context);
        if (shows_bars(context)) {
            wait_with_bars(context, *store, ledger, jobs, *change_watch);
        } else {
            while (ledger.read([&] { return poll(context, jobs); })
                   && jobs::sleep_on(*change_watch, deadline_)) {
            }
        }
        return conclude(context, *store, jobs);
    }

  private:
    static bool shows_bars(const Context& context) {
        return !context.options().json && !context.options().quiet
               && LiveScreen::is_possible(STDERR_FILENO);
    }

    /// Draws progress bars on stderr, because stdout is for answers. The last ones stay visible.
    void wait_with_bars(
        const Context& context,
        Store& store,
        const jobs::WatchedLedger& ledger,
        std::vector<Awaited>& jobs,
        ChangeWatch& change_watch) {
        const bool has_progress = shows_progress(STDERR_FILENO, context.options().color);
        LiveScreen screen{STDERR_FILENO, LiveScreen::Place::below};
        for (bool is_waiting = true; is_waiting;) {
            is_waiting = ledger.read([&] { return poll(context, jobs); });
            const std::vector<Job> shown =
                ledger.read([&] { return shown_jobs(context, store, jobs); });
            screen.draw(bars(context, shown));
            if (has_progress) screen.show_progress(progress_sequence(shown));
            const auto left = deadline_.until_next_look();
            if (left.count() <= 0) return;
            if (is_waiting) screen.sleep_on(change_watch, left);
        }
    }

    static std::string bars(const Context& context, const std::vector<Job>& jobs) {
        return view::live_text(
            jobs, context.now(), style_of(STDERR_FILENO, context.options().color));
    }

    static std::vector<Job> shown_jobs(
        const Context& context, Store& store, const std::vector<Awaited>& jobs) {
        std::vector<Job> shown;
        for (const Awaited& awaited : jobs) {
            if (!awaited.id) continue;
            auto job = awaited.job
                           ? awaited.job
                           : store.get(JobRef::of(*awaited.id), context.principal(), Detail::full);
            if (job) shown.push_back(std::move(*job));
        }
        return shown;
    }

    std::vector<Awaited> find(const Context& context, Store& store) {
        if (selection_.named()) return find_named(context, store);
        std::vector<Awaited> jobs;
        for (const Job& job : selection_.matching(context, store)) {
            const auto watch = watches_->add({watching(context, store), job.job_id});
            jobs.push_back({std::to_string(job.seq), job.job_id, {}, watch});
        }
        return jobs;
    }

    std::vector<Awaited> find_named(const Context& context, Store& store) {
        std::vector<Awaited> jobs;
        for (const std::string& word : selection_.words()) {
            const auto find_one = [&] {
                // How a deleted job ended is still known.
                const JobId id = jobs::resolve_job_or_tombstone(store, word, context.principal());
                const auto watch = watches_->add({watching(context, store), id});
                jobs.push_back({word, id, {}, watch});
            };
            if (selection_.words().size() == 1) {
                find_one();
            } else if (const int missing = guarded(context, find_one); missing != 0) {
                jobs.push_back({word, {}, missing});
            }
        }
        return jobs;
    }

    /// Returns whether there is still something to wait for.
    bool poll(const Context& context, std::vector<Awaited>& jobs) {
        const bool is_waiting = watches_->poll();
        for (Awaited& awaited : jobs) {
            if (awaited.exit_status) continue;
            const auto& end = watches_->end(awaited.watch);
            if (!end) continue;
            awaited.exit_status = exit_status_of(*end);
            awaited.job = end->job;
            note_error(context, awaited);
        }
        return is_waiting;
    }

    /// Prints the job's error, in addition to the exit status.
    static void note_error(const Context& context, const Awaited& awaited) {
        const auto& job = awaited.job;
        if (!job || !job->error || context.options().json || context.options().quiet) return;
        if (shows_bars(context)) return;  // The bars show it.
        write_note(fmt::format(
            "job {} {}: {}\n", job->seq, to_string(job->status), view::printable(*job->error)));
    }

    int conclude(const Context& context, Store& store, const std::vector<Awaited>& jobs) const {
        const bool one_ended =
            std::ranges::any_of(jobs, [](const Awaited& a) { return a.id && a.exit_status; });
        int exit_status = 0;
        for (const Awaited& awaited : jobs) {
            // With --any, the others are ignored once one has ended.
            if (any_ && one_ended && !(awaited.id && awaited.exit_status)) continue;
            const int shown = guarded(context, [&] { answer(context, store, awaited); });
            if (!awaited.exit_status) note_timeout(context, awaited);
            if (exit_status == 0) exit_status = awaited.exit_status.value_or(kTimedOut);
            if (exit_status == 0) exit_status = shown;
        }
        return exit_status;
    }

    static void answer(const Context& context, Store& store, const Awaited& awaited) {
        if (!context.options().json || !awaited.id) return;
        // For a job deleted since it ended, answer_job throws, so that JSON is never silently
        // missing.
        if (!awaited.job) return context.answer_job(store, *awaited.id);
        context.answer(view::job_json(*awaited.job, context.now()) + '\n');
    }

    void note_timeout(const Context& context, const Awaited& awaited) const {
        if (context.options().quiet || context.options().json) return;
        write_note(fmt::format(
            "job {} is still running (timed out); run `atlasjob wait {}` again\n", awaited.word,
            awaited.word));
    }

    Selection selection_{{"wait for", kStatuses, kActiveStatuses, false}};
    std::optional<milliseconds> timeout_;
    bool any_ = false;
    std::optional<jobs::JobWatches> watches_;
    jobs::Deadline deadline_;
};

}  // namespace

std::unique_ptr<Command> make_wait() {
    return std::make_unique<Wait>();
}

}  // namespace atlasjob::cli

#include "base/error.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/jobs/job_watch.h"
#include "cli/jobs/watched_ledger.h"
#include "cli/options/arguments.h"
#include "cli/options/selection.h"
#include "cli/terminal/live_screen.h"
#include "cli/terminal/progress_bar.h"
#include "ledger/find.h"
#include "view/job_json.h"
#include "view/progress.h"
#include "view/style.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace atlasjob::cli {

namespace {

constexpr int kJobFailed = 1;
constexpr int kJobCancelled = 3;
constexpr int kWorkerLost = 5;
constexpr int kTimeUp = 75;

int exit_status_of(const JobEnd& end) {
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

/// One of the JOBs, in the place it was given.
struct Awaited {
    std::string word;
    std::optional<JobWatch> watch;   ///< Nothing: there is no such job.
    std::optional<int> exit_status;  ///< Nothing: it goes on.
    std::optional<Job> job{};        ///< As it ended.
};

class Wait final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.jobs(words_);
        arguments.duration("--timeout", timeout_, "leave with 75 after so long");
        arguments.flag("--any", any_, "return when the first of them ends");
    }

    void check() override {
        if (!words_.empty()) return;
        throw Error(
            ErrorCode::invalid_argument, "no JOB given",
            "name the jobs by number or job_id, or use last");
    }

    int run(Context& context) override {
        const SigintGuard interruption;
        deadline_ = deadline_of(timeout_);
        const auto store = context.open_to_read();
        // Before the first look, so that no change comes unheard between the two.
        const auto bell = store->watch_changes();
        std::vector<Awaited> jobs = find(context, *store);
        const WatchedLedger ledger{context};
        if (shows_bars(context)) {
            wait_with_bars(context, *store, ledger, jobs, *bell);
        } else {
            while (ledger.read([&] { return look(context, jobs); }) && sleep_on(*bell, deadline_)) {
            }
        }
        return conclude(context, *store, jobs);
    }

  private:
    static bool shows_bars(const Context& context) {
        return !context.options().json && !context.options().quiet
               && LiveScreen::is_possible(STDERR_FILENO);
    }

    /// The bars go to stderr: nothing but an answer goes to stdout. They stay as they were last.
    void wait_with_bars(
        const Context& context,
        Store& store,
        const WatchedLedger& ledger,
        std::vector<Awaited>& jobs,
        ChangeWatch& bell) {
        LiveScreen screen{STDERR_FILENO, LiveScreen::Place::below};
        for (bool goes_on = true; goes_on;) {
            goes_on = ledger.read([&] { return look(context, jobs); });
            screen.draw(ledger.read([&] { return bars(context, store, jobs); }));
            const auto left = time_left(deadline_);
            if (left.count() <= 0) return;
            if (goes_on) screen.sleep_on(bell, left);
        }
    }

    static std::string bars(
        const Context& context, Store& store, const std::vector<Awaited>& jobs) {
        std::vector<Job> shown;
        for (const Awaited& awaited : jobs) {
            if (!awaited.watch) continue;
            auto job =
                awaited.job
                    ? awaited.job
                    : store.get(JobRef::of(awaited.watch->id()), context.principal(), Detail::full);
            if (job) shown.push_back(std::move(*job));
        }
        return view::live_text(
            shown, context.now(), style_of(STDERR_FILENO, context.options().color));
    }

    std::vector<Awaited> find(const Context& context, Store& store) const {
        std::vector<Awaited> jobs;
        for (const std::string& word : words_) {
            const auto find_one = [&] {
                const Job job = require_job(store, word, context.principal(), Detail::summary);
                jobs.push_back({word, JobWatch{context, store, job.job_id}, {}});
            };
            if (words_.size() == 1) {
                find_one();
            } else if (const int missing = guarded(context, find_one); missing != 0) {
                jobs.push_back({word, {}, missing});
            }
        }
        return jobs;
    }

    /// Whether there is still something to wait for. All of them must end, so one that goes on is
    /// answer enough; the others are looked at once a second, to settle those that are lost.
    bool look(const Context& context, std::vector<Awaited>& jobs) {
        const auto now = std::chrono::steady_clock::now();
        const bool all = any_ || now - looked_at_all_ >= kLookAgain;
        if (all) looked_at_all_ = now;
        bool waiting = false;
        for (Awaited& awaited : jobs) {
            if (awaited.exit_status) continue;
            auto end = awaited.watch->look();
            waiting = waiting || !end;
            if (!end && !all) return true;
            if (!end) continue;
            awaited.exit_status = exit_status_of(*end);
            awaited.job = std::move(end->job);
            tell(context, awaited);
            if (any_) return false;
        }
        return waiting;
    }

    /// Why it did not end well, beside the exit status.
    static void tell(const Context& context, const Awaited& awaited) {
        const auto& job = awaited.job;
        if (!job || !job->error || context.options().json || context.options().quiet) return;
        if (shows_bars(context)) return;  // It stands there.
        write_note(fmt::format(
            "job {} {}: {}\n", job->seq, to_string(job->status), view::printable(*job->error)));
    }

    int conclude(const Context& context, Store& store, const std::vector<Awaited>& jobs) const {
        const bool one_ended =
            std::ranges::any_of(jobs, [](const Awaited& a) { return a.watch && a.exit_status; });
        int exit_status = 0;
        for (const Awaited& awaited : jobs) {
            // With --any the others do not count once one has ended.
            if (any_ && one_ended && !(awaited.watch && awaited.exit_status)) continue;
            const int shown = guarded(context, [&] { answer(context, store, awaited); });
            if (!awaited.exit_status) tell_time_up(context, awaited);
            if (exit_status == 0) exit_status = awaited.exit_status.value_or(kTimeUp);
            if (exit_status == 0) exit_status = shown;
        }
        return exit_status;
    }

    static void answer(const Context& context, Store& store, const Awaited& awaited) {
        if (!context.options().json || !awaited.watch) return;
        // One that has been forgotten since it ended is told as an error: no JSON is no answer.
        if (!awaited.job) return context.answer_job(store, awaited.watch->id());
        context.answer(view::job_json(*awaited.job, context.now()) + '\n');
    }

    void tell_time_up(const Context& context, const Awaited& awaited) const {
        if (context.options().quiet || context.options().json) return;
        write_note(fmt::format(
            "job {} goes on: the time was up; atlasjob wait {} waits again\n", awaited.word,
            awaited.word));
    }

    std::vector<std::string> words_;
    std::optional<milliseconds> timeout_;
    bool any_ = false;
    std::optional<std::chrono::steady_clock::time_point> deadline_;
    std::chrono::steady_clock::time_point looked_at_all_{};
};

}  // namespace

std::unique_ptr<Command> make_wait() {
    return std::make_unique<Wait>();
}

}  // namespace atlasjob::cli

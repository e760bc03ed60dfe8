#include "cli/jobs/status_watch.h"

#include "base/error.h"
#include "cli/jobs/job_page.h"
#include "cli/jobs/job_watch.h"
#include "cli/terminal/live_screen.h"
#include "cli/terminal/progress_bar.h"
#include "cli/terminal/terminal_progress.h"
#include "view/job_json.h"
#include "view/progress.h"
#include "view/time_format.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>

namespace atlasjob::cli {

namespace {

bool is_live(const Context& context) {
    return !context.options().json && LiveScreen::is_possible(STDOUT_FILENO);
}

/// The watched jobs as of the last poll.
class WatchedJobs {
  public:
    WatchedJobs(const Context& context, Store& store, const std::vector<JobId>& jobs)
        : context_(context), store_(store) {
        for (const JobId& id : jobs)
            watches_.emplace_back(watching(context, store), id);
    }

    /// Returns false once all have ended.
    bool poll() {
        jobs_.clear();
        bool is_active = false;
        deleted_.reset();
        for (jobs::JobWatch& watch : watches_) {
            auto end = watch.poll();
            if (!end) is_active = true;
            auto job = end ? std::move(end->job)
                           : store_.get(JobRef::of(watch.id()), context_.principal(), Detail::full);
            if (job) {
                jobs_.push_back(std::move(*job));
            } else if (end) {
                deleted_ = watch.id();
            }
        }
        return is_active;
    }

    /// Throws expired if a job was deleted before its end could be shown.
    void require_all() const {
        if (!deleted_) return;
        throw Error(
            ErrorCode::expired, fmt::format("job {} no longer exists", deleted_->view()),
            "see atlasjob events for its history");
    }

    const std::vector<Job>& jobs() const { return jobs_; }

    std::string pages() const {
        std::string text;
        for (const Job& job : jobs_)
            text += (text.empty() ? "" : "\n") + job_page(context_, store_, job);
        return text;
    }

  private:
    const Context& context_;
    Store& store_;
    std::vector<jobs::JobWatch> watches_;
    std::vector<Job> jobs_;
    std::optional<JobId> deleted_;
};

/// Prints a line for each job that has changed since the last call.
class ChangedLines {
  public:
    explicit ChangedLines(const Context& context) : context_(context) {}

    std::string of(const std::vector<Job>& jobs) {
        std::string text;
        for (const Job& job : jobs) {
            const auto [last, is_new] = revisions_.try_emplace(job.seq, job.rev);
            if (!is_new && last->second == job.rev) continue;
            last->second = job.rev;
            text += line(job);
        }
        return text;
    }

  private:
    std::string line(const Job& job) const {
        const Time now = context_.now();
        if (context_.options().json) return view::job_json(job, now) + '\n';
        view::Style style = context_.style();
        style.width = 0;
        return fmt::format(
            "{}  {}", view::clock_text(now, now), view::live_text({&job, 1}, now, style));
    }

    const Context& context_;
    std::map<std::int64_t, std::int64_t> revisions_;
};

/// The overview in one line, for output that is not a terminal.
std::string overview_line(const Context& context, Store& store) {
    if (context.options().json) return overview_page(context, store);
    return view::totals_text(view::Totals{store.count(context.principal())}, context.style());
}

/// Redraws the pages until all jobs have ended. False if the user closed the screen before.
bool draw_jobs(
    const Context& context, Store& store, WatchedJobs& watched, const jobs::WatchedLedger& ledger) {
    const bool has_progress = shows_progress(STDOUT_FILENO, context.options().color);
    const auto change_watch = store.watch_changes();
    LiveScreen screen{STDOUT_FILENO, LiveScreen::Place::whole_screen};
    while (ledger.read([&] { return watched.poll(); })) {
        screen.draw(ledger.read([&] { return watched.pages(); }));
        if (has_progress) screen.show_progress(progress_sequence(watched.jobs()));
        if (!screen.sleep_on(*change_watch, jobs::kPollInterval)) return false;
    }
    return true;
}

/// Prints a line for each change until all jobs have ended, or stdout is closed.
void print_changes(
    const Context& context, Store& store, WatchedJobs& watched, const jobs::WatchedLedger& ledger) {
    const auto change_watch = store.watch_changes();
    const SigintGuard sigint_guard;
    ChangedLines lines{context};
    for (bool is_active = true; is_active;) {
        is_active = ledger.read([&] { return watched.poll(); });
        if (!write_stream(lines.of(watched.jobs()))) return;
        if (is_active) jobs::sleep_on(*change_watch);
    }
    watched.require_all();
}

/// For the overview: whether anything runs. How far all jobs of an account are says nothing.
std::string running_sequence(const Context& context, Store& store) {
    const view::Totals totals{store.count(context.principal())};
    return totals.of(Status::running) > 0 ? progress_sequence(std::optional<double>{})
                                          : std::string{kClearProgress};
}

void draw_overview(const Context& context, Store& store, const jobs::WatchedLedger& ledger) {
    const bool has_progress = shows_progress(STDOUT_FILENO, context.options().color);
    const auto change_watch = store.watch_changes();
    LiveScreen screen{STDOUT_FILENO, LiveScreen::Place::whole_screen};
    do {
        screen.draw(ledger.read([&] { return overview_page(context, store); }));
        if (has_progress)
            screen.show_progress(ledger.read([&] { return running_sequence(context, store); }));
    } while (screen.sleep_on(*change_watch, jobs::kPollInterval));
}

}  // namespace

void watch_jobs(const Context& context, Store& store, const std::vector<JobId>& jobs) {
    WatchedJobs watched{context, store, jobs};
    const jobs::WatchedLedger ledger = watched_ledger(context);
    if (!is_live(context)) return print_changes(context, store, watched, ledger);
    if (!draw_jobs(context, store, watched, ledger)) return;
    // The final pages stay on the normal screen.
    context.answer(watched.pages());
    watched.require_all();
}

void watch_overview(const Context& context, Store& store) {
    const jobs::WatchedLedger ledger = watched_ledger(context);
    if (is_live(context)) return draw_overview(context, store, ledger);
    const auto change_watch = store.watch_changes();
    const SigintGuard sigint_guard;
    for (std::string last;;) {
        std::string line = ledger.read([&] { return overview_line(context, store); });
        if (line != last && !write_stream(line)) return;
        last = std::move(line);
        jobs::sleep_on(*change_watch);
    }
}

}  // namespace atlasjob::cli

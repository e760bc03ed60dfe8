#include "base/error.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/filters.h"
#include "ledger/find.h"
#include "ledger/limits.h"
#include "runner/upkeep.h"
#include "view/findings.h"
#include "view/job_json.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace atlasjob::cli {

namespace {

constexpr int kPage = 500;

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

/// A line from the terminal; empty at its end.
std::string read_answer() {
    std::array<char, 64> buffer{};
    const ssize_t count = read(STDIN_FILENO, buffer.data(), buffer.size());
    return count > 0 ? std::string{trim({buffer.data(), static_cast<std::size_t>(count)})}
                     : std::string{};
}

class Cancel final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.words(words_, "JOB");
        arguments.duration("--grace", request_.grace, "between TERM and KILL (default: 10s)");
        arguments.text("--reason", request_.text, "TEXT", "why; goes into the job's error");
        arguments.flag("--wait", wait_, "return once they have ended");
        declare_filters(arguments, filters_);
        arguments.flag("--yes", yes_, "do not ask before cancelling by filters");
    }

    void check() override {
        if (words_.empty() == !filters_.any()) {
            throw Error(
                ErrorCode::invalid_argument,
                words_.empty() ? "nothing to cancel: neither JOB nor filters given"
                               : "JOB and filters: what to cancel is not clear",
                "name the jobs, or give filters such as --status queued --kind K");
        }
        const auto& statuses = filters_.query.statuses;
        const auto ended = std::ranges::find_if(statuses, is_terminal);
        if (ended != statuses.end()) {
            throw Error(
                ErrorCode::invalid_argument,
                fmt::format("--status {}: such jobs have ended", to_string(*ended)),
                "give queued or running");
        }
        if (words_.empty() && !yes_ && !on_terminal()) {
            throw Error(
                ErrorCode::invalid_argument,
                "cancelling by filters needs a confirmation: this is not a terminal", "add --yes");
        }
        if (request_.text && clipped(*request_.text) != *request_.text) {
            throw Error(
                ErrorCode::invalid_argument, "--reason: not allowed",
                fmt::format("give at most {} bytes of UTF-8", kLongestText));
        }
    }

    int run(Context& context) override {
        const Principal principal = context.principal();
        request_.actor = principal.name;
        const auto store = context.open_to_change();
        if (words_.empty()) return cancel_matching(context, *store, principal);
        int exit_status = 0;
        std::vector<Job> asked;
        for (const std::string& word : words_) {
            const int one = guarded(context, [&] {
                Job job = require_job(*store, word, principal, Detail::summary);
                cancel_one(context, *store, job);
                asked.push_back(std::move(job));
            });
            exit_status = exit_status == 0 ? one : exit_status;
        }
        settle(context, *store, asked);
        return exit_status;
    }

  private:
    static bool on_terminal() { return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1; }

    /// One job's trouble does not keep the others from being cancelled.
    template <class Step>
    int guarded(const Context& context, Step step) const {
        try {
            step();
            return 0;
        } catch (const Error& error) {
            if (words_.size() == 1) throw;
            write_note(
                context.options().json ? view::error_json(error) + '\n'
                                       : fmt::format("atlasjob: {}\n", error.what()));
            return error_row(error.code()).exit_status;
        }
    }

    void cancel_one(const Context& context, Store& store, const Job& job) const {
        const CancelResult result = store.request_cancel(job.job_id, request_, context.now());
        if (result == CancelResult::already_terminal) {
            throw Error(
                ErrorCode::refused,
                fmt::format("nothing to cancel: job {} {}", job.seq, said_of(result)),
                fmt::format("see atlasjob status {}", job.seq));
        }
        if (!context.options().json) {
            context.confirm(fmt::format("job {} {}\n", job.seq, said_of(result)));
        }
    }

    int cancel_matching(const Context& context, Store& store, const Principal& principal) const {
        const std::vector<Job> jobs = matching(context, store, principal);
        if (jobs.empty()) {
            if (!context.options().quiet) write_note("atlasjob: no job matches\n");
            return 0;
        }
        if (!yes_ && !confirmed(jobs.size())) {
            write_note("atlasjob: nothing was cancelled\n");
            return 0;
        }
        for (const Job& job : jobs) {
            // One that ended since it was listed needs no cancelling.
            const CancelResult result = store.request_cancel(job.job_id, request_, context.now());
            if (context.options().json) continue;
            context.confirm(fmt::format("job {} {}\n", job.seq, said_of(result)));
        }
        settle(context, store, jobs);
        return 0;
    }

    std::vector<Job> matching(
        const Context& context, Store& store, const Principal& principal) const {
        ListQuery query = filters_.at(context.now());
        if (query.statuses.empty()) query.statuses = {Status::queued, Status::running};
        query.limit = kPage;
        std::vector<Job> jobs;
        for (;;) {
            JobPage page = store.list(query, principal);
            std::ranges::move(page.jobs, std::back_inserter(jobs));
            if (!page.next_seq) return jobs;
            query.before_seq = page.next_seq;
        }
    }

    static bool confirmed(std::size_t jobs) {
        write_note(fmt::format("Cancel {} job{}? [y/N] ", jobs, jobs == 1 ? "" : "s"));
        const std::string answer = read_answer();
        return answer == "y" || answer == "Y" || answer == "yes";
    }

    /// Waits if that was asked for, then shows the jobs as they are.
    void settle(const Context& context, Store& store, const std::vector<Job>& jobs) const {
        for (const Job& job : jobs) {
            if (wait_) wait_until_ended(context, store, job.job_id);
            context.answer_job(store, job.job_id);
        }
    }

    /// A job whose supervisor is gone would never end by itself: whoever waits for it settles it.
    static void wait_until_ended(const Context& context, Store& store, const JobId& id) {
        static constexpr milliseconds kLookAgain{1000};
        const auto watch = store.watch_changes();
        for (;;) {
            const auto job = store.get(JobRef::of(id), context.principal(), Detail::summary);
            if (!job || is_terminal(job->status)) return;
            settle_if_lost(context, store, id);
            static_cast<void>(watch->wait(kLookAgain));
        }
    }

    static void settle_if_lost(const Context& context, Store& store, const JobId& id) {
        GcOptions options;
        options.logs_root = context.location().logs_root;
        options.actor = context.principal().name;
        GcReport report;
        for (const RunningAttempt& attempt : store.running_attempts()) {
            if (attempt.key.job_id == id) {
                reap_if_lost(store, attempt, context.clock(), options, report);
            }
        }
    }

    std::vector<std::string> words_;
    CancelRequest request_;
    Filters filters_;
    bool wait_ = false;
    bool yes_ = false;
};

}  // namespace

std::unique_ptr<Command> make_cancel() {
    return std::make_unique<Cancel>();
}

}  // namespace atlasjob::cli

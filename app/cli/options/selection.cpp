#include "cli/options/selection.h"

#include "base/blocking_io.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/options/arguments.h"
#include "cli/program.h"
#include "jobs/jobs.h"
#include "ledger/find.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <map>

namespace atlasjob::cli {

namespace {

constexpr int kPage = 500;

bool on_terminal() {
    return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

/// Reads a line from the terminal; empty at end of input.
std::string read_answer() {
    std::array<char, 64> buffer{};
    const ssize_t count = read_some(STDIN_FILENO, buffer.data(), buffer.size());
    return count > 0 ? std::string{trim({buffer.data(), static_cast<std::size_t>(count)})}
                     : std::string{};
}

std::string words_of(std::span<const Status> statuses) {
    std::string words;
    for (const Status status : statuses)
        words += fmt::format("{}{}", words.empty() ? "" : ", ", to_string(status));
    return words;
}

}  // namespace

int guarded(const Context& context, const std::function<void()>& step) {
    try {
        step();
        return 0;
    } catch (const Error& error) {
        print_error("atlasjob", context.options().json, error);
        return error_row(error.code()).exit_status;
    }
}

void Selection::declare(Arguments& arguments) {
    arguments.jobs(words_);
    declare_filters(arguments, filters_);
    arguments.group("Options");
    if (rules_.confirms) arguments.flag("--yes", yes_, "do not ask for confirmation");
}

void Selection::check() const {
    if (!any()) {
        throw Error(
            ErrorCode::invalid_argument,
            fmt::format("nothing to {}: no JOB and no filters given", rules_.verb),
            "name the jobs by number or job_id, or select them with --status, --kind, --queue, "
            "--label, --owner, --session, --since, --until or --search");
    }
    if (named() && filters_.any()) {
        throw Error(
            ErrorCode::invalid_argument, "JOB and filters are mutually exclusive",
            "name the jobs, or select them with filters");
    }
    check_statuses();
    if (rules_.confirms && !named() && !yes_ && !on_terminal()) {
        throw Error(
            ErrorCode::invalid_argument,
            fmt::format("{} with filters needs confirmation: not a terminal", rules_.verb),
            "add --yes");
    }
}

void Selection::check_statuses() const {
    const auto& statuses = filters_.filter.statuses;
    const auto wrong = std::ranges::find_if(statuses, [&](Status status) {
        return std::ranges::find(rules_.allowed, status) == rules_.allowed.end();
    });
    if (wrong == statuses.end()) return;
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("--status {}: cannot {} such jobs", to_string(*wrong), rules_.verb),
        fmt::format("use {}", words_of(rules_.allowed)));
}

/// Named jobs, and which of them failed.
struct Selection::Found {
    std::vector<Job> jobs = {};
    std::map<JobId, std::size_t> places = {};       ///< In the order given.
    std::map<std::size_t, int> exit_statuses = {};  ///< By place, of those that failed.
    std::size_t unknown = 0;                        ///< Names that no job has.
    std::size_t failed = 0;                         ///< Those and the jobs that failed.

    /// Jobs that were not named come last.
    void note(const JobId& id, int exit_status) {
        const auto place = places.find(id);
        note(place == places.end() ? SIZE_MAX : place->second, exit_status);
    }
    void note(std::size_t place, int exit_status) {
        if (exit_status == 0) return;
        exit_statuses.emplace(place, exit_status);
        ++failed;
    }
    int exit_status() const { return exit_statuses.empty() ? 0 : exit_statuses.begin()->second; }
};

int Selection::each(
    const Context& context,
    Store& store,
    const std::function<void(const Job&)>& act,
    const std::function<void(std::vector<Job>&)>& complete) const {
    Found found = named() ? find_named(context, store) : Found{matching(context, store)};
    std::vector<Job>& jobs = found.jobs;
    if (jobs.empty()) return found.exit_status();
    if (complete) complete(jobs);
    if (rules_.confirms && !named() && !yes_ && !confirmed(jobs.size())) {
        write_note("atlasjob: nothing was done\n");
        return 0;
    }
    if (words_.size() == 1 && jobs.size() == 1) {
        act(jobs[0]);
        return 0;
    }
    jobs = in_order(store, std::move(jobs));
    for (const Job& job : jobs) {
        found.note(job.job_id, guarded(context, [&] { act(job); }));
    }
    note_failures(context, found);
    return found.exit_status();
}

/// The jobs that are named and exist; prints an error for each of the others. Throws it if only one
/// job is named.
Selection::Found Selection::find_named(const Context& context, Store& store) const {
    Found found;
    for (std::size_t place = 0; place < words_.size(); ++place) {
        const auto find = [&] {
            found.jobs.push_back(
                require_job(store, words_[place], context.principal(), Detail::full));
            found.places.emplace(found.jobs.back().job_id, place);
        };
        if (words_.size() == 1) {
            find();
        } else {
            found.note(place, guarded(context, find));
        }
    }
    found.unknown = words_.size() - found.jobs.size();
    return found;
}

std::vector<Job> Selection::in_order(Store& store, std::vector<Job> jobs) const {
    if (rules_.order == SelectionOrder::as_given || jobs.size() < 2) return jobs;
    for (Job& job : jobs) {
        auto full = store.get(JobRef::of(job.job_id), {job.owner, false}, Detail::full);
        if (full) job = std::move(*full);
    }
    const bool reversed = rules_.order == SelectionOrder::dependents_first;
    if (reversed) std::ranges::reverse(jobs);
    jobs = jobs::in_dependency_order(std::move(jobs));
    if (reversed) std::ranges::reverse(jobs);
    return jobs;
}

/// The errors have named the jobs.
void Selection::note_failures(const Context& context, const Found& found) const {
    if (found.failed == 0 || context.options().quiet || context.options().json) return;
    write_note(fmt::format(
        "atlasjob: could not {} {} of {} jobs\n", rules_.verb, found.failed,
        found.jobs.size() + found.unknown));
}

std::vector<Job> Selection::matching(const Context& context, Store& store) const {
    ListQuery query;
    query.filter = filters_.at(context.now());
    auto& statuses = query.filter.statuses;
    if (statuses.empty()) statuses.assign(rules_.usual.begin(), rules_.usual.end());
    query.limit = kPage;
    std::vector<Job> jobs;
    do {
        JobPage page = store.list(query, context.principal());
        std::ranges::move(page.jobs, std::back_inserter(jobs));
        query.before_seq = page.next_seq;
    } while (query.before_seq);
    if (jobs.empty() && !context.options().quiet) write_note("atlasjob: no job matches\n");
    return jobs;
}

bool Selection::confirmed(std::size_t jobs) const {
    std::string question =
        fmt::format("{} {} job{}? [y/N] ", rules_.verb, jobs, jobs == 1 ? "" : "s");
    question[0] = static_cast<char>(question[0] - 'a' + 'A');
    write_note(question);
    const std::string answer = read_answer();
    return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace atlasjob::cli

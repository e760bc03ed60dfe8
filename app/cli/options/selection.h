#pragma once

#include "cli/options/filters.h"
#include "ledger/store.h"

#include <array>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::cli {

class Arguments;
class Context;

inline constexpr std::array kActiveStatuses = {Status::queued, Status::running};
inline constexpr std::array kEndedStatuses = {Status::done, Status::error, Status::cancelled};

/// In which order a command takes several jobs.
enum class SelectionOrder {
    as_given,
    dependencies_first,  ///< Each job after those that it depends on.
    dependents_first,
};

/// What a command does with the jobs it selects.
struct SelectionRules {
    std::string_view verb;            ///< "cancel"; also as in "nothing to cancel".
    std::span<const Status> allowed;  ///< What --status may be.
    std::span<const Status> usual;    ///< What filters select without --status; empty: all.
    bool confirms = true;             ///< Whether jobs selected by filters need confirmation.
    SelectionOrder order = SelectionOrder::as_given;
};

/// The jobs a command acts on: named (JOB...) or selected by filters. The one way for a command to
/// take several jobs, so that filters and "no job" mean the same for all of them.
class Selection {
  public:
    /// The spans of `rules` must outlive the selection.
    explicit Selection(const SelectionRules& rules) : rules_(rules) {}

    /// JOB..., the filters, and --yes if the rules demand confirmation.
    void declare(Arguments& arguments);
    /// Requires either names or filters, statuses that are allowed, and confirmation or a terminal
    /// to ask on. Throws invalid_argument.
    void check() const;
    /// Whether the jobs are named.
    bool named() const { return !words_.empty(); }
    /// Whether there are names or filters.
    bool any() const { return named() || filters_.any(); }
    /// The names as given.
    const std::vector<std::string>& words() const { return words_; }
    /// The jobs that the filters select now, newest first. If there are none, says so on stderr.
    std::vector<Job> matching(const Context& context, Store& store) const;
    /// Calls `act` for each job, read in full if jobs are named or the rules order them, after
    /// confirmation if it is needed. `complete` may first add jobs to those that were found. An
    /// Error is printed and the next job is processed, and at the end it is noted for how many jobs
    /// `act` failed; if there is only one job and it is named, the Error is thrown. Returns the
    /// exit status of the first job in the order given that failed, or 0; so also if the filters
    /// select no job.
    int each(
        const Context& context,
        Store& store,
        const std::function<void(const Job&)>& act,
        const std::function<void(std::vector<Job>&)>& complete = {}) const;

  private:
    struct Found;

    Found find_named(const Context& context, Store& store) const;
    std::vector<Job> in_order(Store& store, std::vector<Job> jobs) const;
    void note_failures(const Context& context, const Found& found) const;
    void check_statuses() const;
    bool confirmed(std::size_t jobs) const;

    SelectionRules rules_;
    std::vector<std::string> words_;
    Filters filters_;
    bool yes_ = false;
};

/// Runs `step` and returns 0. If it throws Error, prints it to stderr and returns its exit status.
int guarded(const Context& context, const std::function<void()>& step);

}  // namespace atlasjob::cli

#pragma once

#include "cli/options/filters.h"

#include <functional>
#include <string>
#include <vector>

namespace atlasjob::cli {

class Arguments;
class Context;

/// The jobs a command acts on: named, or selected by filters and confirmed, interactively on a
/// terminal or with --yes.
class Selection {
  public:
    /// `verb` is the command's name: "cancel".
    explicit Selection(std::string verb) : verb_(std::move(verb)) {}

    /// JOB..., the filters, --yes.
    void declare(Arguments& arguments);
    /// Validates the options; --status may only contain `possible`. Throws invalid_argument.
    void check(std::span<const Status> possible) const;
    /// Whether the jobs are named.
    bool named() const { return !words_.empty(); }
    /// Calls `act` for each job. An Error is printed and the next job is processed; if only one job
    /// is named, it is thrown. Without --status, filters select the statuses `usual`. Returns the
    /// exit status of the first Error, or 0.
    int each(
        const Context& context,
        Store& store,
        std::span<const Status> usual,
        const std::function<void(const Job&)>& act) const;

  private:
    int each_named(
        const Context& context, Store& store, const std::function<void(const Job&)>& act) const;
    std::vector<Job> matching(
        const Context& context, Store& store, std::span<const Status> usual) const;
    bool confirmed(std::size_t jobs) const;

    std::string verb_;
    std::vector<std::string> words_;
    Filters filters_;
    bool yes_ = false;
};

/// Runs `step` and returns 0. If it throws Error, prints it to stderr and returns its exit status.
int guarded(const Context& context, const std::function<void()>& step);

}  // namespace atlasjob::cli

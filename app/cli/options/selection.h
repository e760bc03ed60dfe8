#pragma once

#include "cli/options/filters.h"

#include <functional>
#include <string>
#include <vector>

namespace atlasjob::cli {

class Arguments;
class Context;

/// The jobs a command is to act on: named, or found by the filters of `list` and confirmed, on a
/// terminal by an answer and elsewhere by --yes.
class Selection {
  public:
    /// `verb` is the command's name: "cancel".
    explicit Selection(std::string verb) : verb_(std::move(verb)) {}

    /// JOB..., the filters, --yes.
    void declare(Arguments& arguments);
    /// Finds what is wrong with what was given; jobs of other statuses than `possible` cannot be
    /// meant. Throws invalid_argument.
    void check(std::span<const Status> possible) const;
    /// Whether the jobs are named.
    bool named() const { return !words_.empty(); }
    /// Calls `act` for each job; one that throws Error is told and does not keep the others from
    /// their turn, unless it is the only one named. Without --status the filters mean `usual`.
    /// Returns the exit status of the first Error, or 0.
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

/// Does `step`; an Error is told on stderr and its exit status returned, else 0.
int guarded(const Context& context, const std::function<void()>& step);

}  // namespace atlasjob::cli

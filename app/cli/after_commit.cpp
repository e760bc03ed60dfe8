#include "cli/after_commit.h"

#include "base/error.h"
#include "cli/program.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

/// The message of what `step` throws; nullopt if it succeeds.
std::optional<std::string> failure_of(const std::function<void()>& step) {
    try {
        step();
        return {};
    } catch (const Error& error) {
        return error.message();
    } catch (const std::exception& error) {
        return error.what();
    }
}

}  // namespace

Change change_of(const JobId& id, std::string what) {
    return {std::move(what), fmt::format("see atlasjob status {}", id.view())};
}

Change change_of(const Submitted& submitted) {
    return change_of(
        submitted.job_id,
        submitted.created ? fmt::format("recorded as {}", submitted.job_id.view())
                          : fmt::format("job {} with this key is active", submitted.job_id.view()));
}

void AfterCommit::show(const Change& change, const std::function<void()>& step) {
    follow(change, "the answer cannot be printed", step);
}

void AfterCommit::follow(
    const Change& change, std::string_view consequence, const std::function<void()>& step) {
    const auto failure = failure_of(step);
    if (!failure) return;
    failures_.emplace_back(
        ErrorCode::unavailable, fmt::format("{}, but {}: {}", change.what, consequence, *failure),
        change.hint);
}

int AfterCommit::conclude(int exit_status) {
    if (failures_.empty()) return exit_status;
    std::optional<Error> last;
    if (exit_status == 0) {
        last = failures_.back();
        failures_.pop_back();
    }
    for (const Error& failure : failures_)
        print_error(program_, context_.options().json, failure);
    failures_.clear();
    if (last) throw Error{*last};
    return exit_status;
}

}  // namespace atlasjob::cli

#include "base/error.h"
#include "base/printable.h"
#include "runner/attempt/ending.h"
#include "runner/attempt/supervision.h"
#include "runner/attempt/supervisor.h"

#include <fmt/format.h>

#include <optional>

namespace atlasjob {

namespace {

/// Ends an attempt that cannot be supervised, for want of descriptors for example.
SuperviseResult end_unstarted(
    Store& store, const Attempt& attempt, const SuperviseOptions& options, const Error& error) {
    Ending ending;
    ending.failure = SpawnFailure{
        SpawnFailure::Stage::resources,
        fmt::format(
            "cannot start \"{}\": {}", escape_controls(attempt.command.argv[0]), error.message())};
    SuperviseResult result;
    result.outcome = outcome_of(ending);
    result.finished = store.finish(attempt.key, result.outcome, options.actor);
    result.exit_status = exit_status_of(ending);
    if (options.on_started) options.on_started();
    return result;
}

}  // namespace

SuperviseResult supervise(
    Store& store,
    LogStore& logs,
    const Clock& clock,
    const Attempt& attempt,
    const SuperviseOptions& options) {
    std::optional<SupervisorContext> context;
    std::optional<Supervision> supervision;
    try {
        context.emplace(store, logs);
        supervision.emplace(*context, clock, attempt, options);
    } catch (const Error& error) {
        context.reset();  // gives the store back
        return end_unstarted(store, attempt, options, error);
    }
    return supervision->run();
}

}  // namespace atlasjob

#include "cli/jobs/ensure_worker.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/options/config_file.h"

#include <fmt/format.h>

#include <utility>

namespace atlasjob::cli {

namespace {

constexpr const char* kVariable = "ATLASJOB_ON_DEMAND_WORKER";

bool is_enabled(const ConfigFile& config) {
    const auto word = environment(kVariable);
    if (!word) {
        const auto configured = config.values.find("on-demand-worker");
        return configured == config.values.end() || configured->second.texts[0] == "true";
    }
    if (*word == "true" || *word == "false") return *word == "true";
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("{} \"{}\": not true or false", kVariable, repair_utf8(*word)),
        "set it to true or false");
}

void note_absence(const Context& context, const std::string& reason) {
    if (context.options().quiet) return;
    write_note(fmt::format(
        "atlasjob: no worker could be started{}; jobs stay queued until you run atlasjob worker\n",
        reason));
}

}  // namespace

void note_refusal(const Context& context, const std::optional<Error>& refused) {
    static bool printed = false;
    if (!refused || context.options().quiet || std::exchange(printed, true)) return;
    write_note(fmt::format(
        "atlasjob: jobs stay queued: {}; {}\n", repair_utf8(refused->message()), refused->hint()));
}

OnDemandWorker on_demand_worker(const Context& context) {
    OnDemandWorker worker{context.location().path, {}};
    if (is_enabled(context.config()))
        worker.command = {"atlasjob", "worker", "--on-demand", "--ledger", worker.ledger};
    return worker;
}

void ensure_worker(
    const Context& context,
    Store& store,
    const OnDemandWorker& worker,
    const std::optional<std::string>& queue) {
    if (worker.command.empty()) return;
    try {
        const EnsuredWorker ensured = ensure_worker(store, context.clock(), worker, queue);
        note_refusal(context, ensured.refused);
        if (!ensured.served && !ensured.refused) note_absence(context, "");
    } catch (const Error& error) {
        // The command itself has succeeded and printed its answer; only the worker is missing.
        note_absence(context, ": " + error.message());
    }
}

}  // namespace atlasjob::cli

#include "cli/jobs/job_verbs.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/options/config_file.h"
#include "runner/attempt/placed_exec.h"
#include "store/open.h"
#include "view/style.h"
#include "view/time_format.h"

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

}  // namespace

void note_refusal(const Context& context, const std::optional<Error>& refused) {
    static bool printed = false;
    if (!refused || context.options().quiet || std::exchange(printed, true)) return;
    write_note(fmt::format(
        "atlasjob: jobs stay queued: {}; {}\n", repair_utf8(refused->message()), refused->hint()));
}

void note_unless_quiet(const Context& context, std::string_view text) {
    if (!context.options().quiet) write_note(fmt::format("atlasjob: {}\n", text));
}

void note_active_key(const Context& context, const Submitted& submitted) {
    if (submitted.created) return;
    note_unless_quiet(
        context,
        fmt::format("job {} with this key is active: nothing was submitted", submitted.seq));
}

void note_past(const Context& context) {
    note_unless_quiet(context, "that time has passed: the job does not wait for it");
}

void note_logout(const Context& context, bool ends_at_logout) {
    if (!ends_at_logout || context.options().quiet || !claim_logout_warning()) return;
    write_note(fmt::format("atlasjob: {}\n", logout_warning()));
}

OnDemandWorker on_demand_worker(const Context& context) {
    OnDemandWorker worker{context.address(), {}};
    if (is_enabled(context.config())) worker.command = {"atlasjob", "worker", "--on-demand"};
    return worker;
}

OnEnd on_end(const Context& context, const HookOptions& options) {
    std::string actor = context.principal().name;
    OnEnd on_end{
        {"atlasjob", "on-end", "--principal", actor},
        context.address(),
        std::move(actor),
        options.any_account};
    if (options.bounded) on_end.command.emplace_back("--bounded");
    if (options.any_account) on_end.command.emplace_back("--any-account");
    return on_end;
}

JobVerbs::JobVerbs(const Context& context, Starts starts)
    : context_(context), logs_(context.open_logs()) {
    worker_.ledger = context.address();
    if (starts == Starts::worker) worker_ = on_demand_worker(context);
}

jobs::Deps JobVerbs::over(Store& store) const {
    return {
        store,
        *logs_,
        context_.clock(),
        context_.principal().name,
        worker_,
        on_end(context_),
        [&context = context_] { return context.open_to_read(); }};
}

void note_worker_error(const Context& context, const std::optional<WorkerError>& error) {
    if (!error) return;
    note_unless_quiet(
        context, fmt::format(
                     "a new worker was started, as the last one failed{}: {}; see {}",
                     error->at ? " " + view::relative_text(*error->at, context.now()) : "",
                     view::printable(error->text), worker_log_path(context.address())));
}

void JobVerbs::report(const EnsuredWorker& ensured) const {
    if (worker_.command.empty()) return;
    note_worker_error(context_, ensured.last_error);
    note_refusal(context_, ensured.refused);
    note_logout(context_, ensured.ends_at_logout);
    if (ensured.served || ensured.refused || context_.options().quiet) return;
    write_note(
        "atlasjob: no worker could be started; jobs stay queued until you run atlasjob worker\n");
}

}  // namespace atlasjob::cli

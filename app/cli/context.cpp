#include "cli/context.h"

#include "base/error.h"
#include "base/file.h"
#include "cli/options/arguments.h"
#include "logs/open.h"
#include "process/account.h"
#include "view/job_json.h"

#include <fmt/format.h>

#include <array>

namespace atlasjob::cli {

namespace {

/// In the order of ColorMode's enumerators.
constexpr std::array<std::string_view, 3> kColorModes = {"auto", "always", "never"};

const std::string& checked_name(const std::string& name) {
    if (!name.empty()) return name;
    throw Error(
        ErrorCode::invalid_argument, "--principal must not be empty",
        "give the name of a principal");
}

}  // namespace

std::span<const std::string_view> color_modes() {
    return kColorModes;
}

void declare(Arguments& arguments, GlobalOptions& options) {
    arguments.group(std::string{kGlobalGroup});
    arguments.text(
        "--ledger", options.ledger, "PATH",
        "ledger to use (default: ATLASJOB_LEDGER, the config file or "
        "~/.local/state/atlasjob/ledger.db)");
    arguments.value(
        "--principal", [&](const std::string& name) { options.principal = checked_name(name); },
        "NAME", "act as NAME (default: ATLASJOB_PRINCIPAL or the OS account)");
    arguments.flag("--admin", options.admin, "access the jobs of every owner");
    arguments.flag("--json", options.json, "print JSON");
    arguments.choice(
        "--color", kColorModes,
        [&](std::size_t mode) { options.color = static_cast<ColorMode>(mode); },
        "when to use colours (default: auto; respects NO_COLOR)");
    arguments.flag("-q,--quiet", options.quiet, "print nothing but the answer");
    arguments.flag("--version", options.version, "show the version");
    arguments.group("Options");
}

std::string Context::ledger() const {
    if (options_.ledger) return *options_.ledger;
    return ledger_from_environment("give --ledger PATH");
}

std::optional<Principal> Context::named_principal() const {
    auto name = options_.principal ? options_.principal : environment("ATLASJOB_PRINCIPAL");
    if (!name) return {};
    return Principal{std::move(*name), options_.admin};
}

Principal Context::principal() const {
    if (auto named = named_principal()) return *named;
    return {account_name(), options_.admin};
}

std::unique_ptr<LogStore> Context::open_logs() const {
    return atlasjob::open_logs(address(), clock_);
}

void Context::confirm(std::string_view text) const {
    if (!options_.quiet) write_answer(text);
}

void Context::answer_job(Store& store, const JobId& id) const {
    if (options_.json) write_answer(job_json(store, id) + '\n');
}

void Context::answer_submitted(Store& store, const Submitted& submitted) const {
    if (!options_.json) return;
    std::string json = job_json(store, submitted.job_id);
    json.pop_back();
    write_answer(fmt::format("{},\"created\":{}}}\n", json, submitted.created));
}

std::string Context::job_json(Store& store, const JobId& id) const {
    const auto job = store.get(JobRef::of(id), principal(), Detail::full);
    if (!job) {
        throw Error(
            ErrorCode::expired, fmt::format("job {} no longer exists", id.view()),
            "see atlasjob events for its history");
    }
    return view::job_json(*job, now());
}

}  // namespace atlasjob::cli

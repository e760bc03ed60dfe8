#include "base/error.h"
#include "base/file.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/config_file.h"
#include "cli/context.h"
#include "cli/surroundings.h"
#include "cli/waiting.h"
#include "view/findings.h"
#include "view/moments.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace atlasjob::cli {

namespace {

constexpr int kUnsound = 1;
using Level = Finding::Level;

/// A config file that nothing has read yet because a flag or the environment went before it.
Finding check_config() {
    const auto home = environment("HOME");
    if (!home) return {Level::note, "config", "HOME is not set: no config file is read", {}};
    try {
        const ConfigFile config = read_config(*home);
        return {
            Level::ok,
            "config",
            config.ledger ? fmt::format("{} names {}", config_path(*home), *config.ledger)
                          : "no config file, or nothing in it",
            {}};
    } catch (const Error& error) {
        return {Level::problem, "config", error.message(), error.hint()};
    }
}

/// A row from the future shows that the clock was set back: leases are wall-clock times.
Finding check_clock(Store& store, Time now) {
    ListQuery newest;
    newest.limit = 1;
    const JobPage page = store.list(newest, {"doctor", true});
    if (page.jobs.empty() || page.jobs[0].updated_at <= now) {
        return {Level::ok, "clock", "no job is from the future", {}};
    }
    return {
        Level::note, "clock",
        fmt::format(
            "job {} was written {}: the clock was set back", page.jobs[0].seq,
            view::relative_text(page.jobs[0].updated_at, now)),
        "check the system's time"};
}

class Doctor final : public Command {
  public:
    void declare(Arguments& /*arguments*/) override {}

    int run(Context& context) override {
        const LedgerLocation location = context.location();
        const auto store = context.open_to_read();
        std::vector<Finding> findings = store->check_health(true);
        std::ranges::move(check_surroundings(location), std::back_inserter(findings));
        findings.push_back(check_config());
        findings.push_back(check_clock(*store, context.now()));
        findings.push_back(check_workers(*store, context.now()));
        show(context, location, findings);
        return view::is_sound(findings) ? 0 : kUnsound;
    }

  private:
    static void show(
        const Context& context,
        const LedgerLocation& location,
        const std::vector<Finding>& findings) {
        if (context.options().json) {
            return context.answer(view::findings_json(location.path, findings) + '\n');
        }
        context.confirm(view::findings_text(location.path, findings, context.style()));
    }
};

}  // namespace

std::unique_ptr<Command> make_doctor() {
    return std::make_unique<Doctor>();
}

}  // namespace atlasjob::cli

#include "base/environment_path.h"
#include "base/error.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/jobs/pending_reasons.h"
#include "cli/jobs/worker_lifetime.h"
#include "cli/options/arguments.h"
#include "cli/options/config_file.h"
#include "runner/worker/worker_log.h"
#include "view/findings.h"
#include "view/time_format.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

namespace atlasjob::cli {

namespace {

constexpr int kProblemsFound = 1;
constexpr const char* kRestore = "restore a backup (docs/operations.md)";
using Level = Finding::Level;

/// Reads the config file itself, because this command tolerates an invalid one.
Finding check_config() {
    const auto home = environment_path("HOME");
    if (!home)
        return {Level::note, "config", why_no_path("HOME") + ", so no config file is read", {}};
    try {
        const ConfigFile config = read_config(*home);
        return {
            Level::ok,
            "config",
            config.exists ? fmt::format("{} is valid", config.path) : "no config file",
            {}};
    } catch (const Error& error) {
        return {Level::problem, "config", error.message(), error.hint()};
    }
}

/// A job dated in the future means the clock was set back; leases are wall-clock times.
Finding check_clock(Store& store, Time now) {
    constexpr milliseconds kSlack = std::chrono::minutes{1};
    ListQuery newest;
    newest.limit = 1;
    const JobPage page = store.list(newest, {"doctor", true});
    if (page.jobs.empty() || page.jobs[0].updated_at <= now + kSlack) {
        return {Level::ok, "clock", "no job is dated in the future", {}};
    }
    return {
        Level::problem, "clock",
        fmt::format(
            "job {} was last updated {}: the clock was set back", page.jobs[0].seq,
            view::relative_text(page.jobs[0].updated_at, now)),
        "correct the system time; scheduled jobs wait until the clock has caught up"};
}

/// Adds the finding of `check`; an exception becomes a problem. One that nothing explains comes
/// from what is stored in the ledger.
template <class Check>
void add_checked(std::vector<Finding>& findings, const char* subject, Check check) {
    try {
        findings.push_back(check());
    } catch (const Error& error) {
        const bool unexplained = error.code() == ErrorCode::internal;
        findings.push_back(
            {Level::problem, subject, error.message(), unexplained ? kRestore : error.hint(),
             unexplained ? ErrorCode::not_a_ledger : error.code()});
    } catch (const std::exception& error) {
        findings.push_back(
            {Level::problem, subject,
             fmt::format("cannot be checked: the ledger may be damaged ({})", error.what()),
             kRestore, ErrorCode::not_a_ledger});
    }
}

Finding check_output(LogStore& logs) {
    const LogHealth found = logs.check();
    return {found.ok ? Level::ok : Level::problem, "output", found.text, found.fix};
}

Finding check_worker_log(const LedgerAddress& ledger, Time now) {
    const auto error = last_worker_error(ledger);
    if (!error) return {Level::ok, "worker log", "on-demand workers have logged no errors", {}};
    const std::string when = error->at ? " " + view::relative_text(*error->at, now) : "";
    return {
        Level::note, "worker log", fmt::format("last error{}: {}", when, error->text),
        fmt::format("see {}", worker_log_path(ledger))};
}

/// The highest exit status wins: corrupt (8), then unavailable (7), then other problems (1).
int exit_status_of(const std::vector<Finding>& findings) {
    int status = view::is_healthy(findings) ? 0 : kProblemsFound;
    for (const Finding& finding : findings)
        if (finding.code) status = std::max(status, error_row(*finding.code).exit_status);
    return status;
}

class Doctor final : public Command {
  public:
    void declare(Arguments& /*arguments*/) override {}
    bool tolerates_bad_config() const override { return true; }

    int run(Context& context) override {
        const LedgerAddress address = context.address();
        std::vector<Finding> findings;
        try {
            check_ledger(context, findings);
        } catch (const Error& error) {
            // Without a ledger there is nothing to check.
            if (!address.exists()) throw;
            findings = {{Level::problem, "ledger", error.message(), error.hint(), error.code()}};
            check_environment(context, findings);
            show(context, address, findings);
            throw;
        }
        check_environment(context, findings);
        show(context, address, findings);
        return exit_status_of(findings);
    }

  private:
    static void check_ledger(const Context& context, std::vector<Finding>& findings) {
        const auto store = context.open_to_read();
        findings = store->check_health(true);
        const Time now = context.now();
        add_checked(findings, "clock", [&] { return check_clock(*store, now); });
        add_checked(findings, "workers", [&] { return check_workers(*store, now); });
        add_checked(findings, "lifetime", [&] {
            const std::string home = environment_path("HOME").value_or("");
            return check_lifetime(*store, now, placement_facts(), home);
        });
        add_checked(findings, "leases", [&] { return check_leases(*store, now); });
    }

    static void check_environment(const Context& context, std::vector<Finding>& findings) {
        std::ranges::move(check_files(context.address()), std::back_inserter(findings));
        findings.push_back(check_output(*context.open_logs()));
        findings.push_back(check_worker_log(context.address(), context.now()));
        findings.push_back(check_config());
    }

    static void show(
        const Context& context,
        const LedgerAddress& address,
        const std::vector<Finding>& findings) {
        if (context.options().json) {
            return context.answer(view::findings_json(address.display(), findings) + '\n');
        }
        context.confirm(view::findings_text(address.display(), findings, context.style()));
    }
};

}  // namespace

std::unique_ptr<Command> make_doctor() {
    return std::make_unique<Doctor>();
}

}  // namespace atlasjob::cli

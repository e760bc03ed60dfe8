#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/jobs/job_verbs.h"
#include "cli/options/arguments.h"
#include "cli/options/config_file.h"
#include "cli/options/settings.h"
#include "jobs/session.h"
#include "ledger/limits.h"
#include "mcp/server/server.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::cli {

namespace {

/// Where Claude Code names the project of a session to the programs it starts.
constexpr const char* kProjectVariable = "CLAUDE_PROJECT_DIR";

constexpr std::int64_t kMaxJobLimit = 100;

/// Makes the text valid as a label value: one line, length limited.
std::string label_value(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return clipped(text, kMaxLine);
}

std::vector<Label> provenance() {
    auto project = environment(kProjectVariable);
    if (!project) return {};
    return {{"project", label_value(std::move(*project))}};
}

/// The arguments of the supervisor that runs a detached interactive job. start_detached hands them
/// over in a way that other accounts cannot read.
std::vector<std::string> detached_argv(const LedgerAddress& ledger, const mcp::DetachedJob& job) {
    std::vector<std::string> argv = {
        "atlasjob",
        "supervise",
        "--detach",
        "--interactive",
        "--json",
        "--ledger",
        ledger.to_environment(),
        "--principal",
        job.principal};
    for (const Label& label : job.labels)
        argv.insert(argv.end(), {"--label", fmt::format("{}={}", label.key, label.value)});
    if (job.session) argv.insert(argv.end(), {"--session", *job.session});
    argv.insert(argv.end(), {"--", "/bin/sh", "-c", job.command});
    return argv;
}

class McpCommand final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.text(
            "--contract", contract_, "NAME", "contract whose tools are served (default: atlas)");
        arguments.value(
            "--allow", [this](const std::string& text) { allow(text, allowed_); }, "VERB,...",
            "also serve tools that make changes: submit, cancel, retry");
        arguments.text("--actions", actions_, "FILE", "also serve the actions in this file");
        arguments.value(
            "--rate-limit",
            [this](const std::string& text) { calls_per_minute_ = calls_per_minute(text); },
            "N/min", "maximum number of calls (default: unlimited)");
        arguments.flag(
            "--extended", extended_,
            "include extra members that the contract allows but does not define");
        arguments.integer(
            "--job-limit", job_limit_, "N", "bgjob: maximum number of running jobs (default: 10)");
        arguments.duration("--max-wait", max_wait_, "maximum duration of one wait (default: 30m)");
        arguments.flag(
            "--require-principal", require_principal_,
            "do not fall back to the OS account; answer authentication_missing");
    }

    void check() override {
        if (!job_limit_ || (*job_limit_ >= 1 && *job_limit_ <= kMaxJobLimit)) return;
        throw Error(
            ErrorCode::invalid_argument,
            fmt::format("--job-limit \"{}\": out of range", *job_limit_),
            fmt::format("use a number from 1 to {}", kMaxJobLimit));
    }

    int run(Context& context) override {
        mcp::ServerOptions options;
        options.ledger = context.ledger();
        options.principal =
            require_principal_ ? context.named_principal() : std::optional{context.principal()};
        if (contract_) options.contract = *contract_;
        options.version = ATLASJOB_VERSION;
        options.allowed = allowed_;
        options.actions_file = actions_.value_or("");
        options.extended = extended_;
        options.calls_per_minute = calls_per_minute_;
        options.launching = launch_config(context, options.principal.has_value());
        options.longest_wait = max_wait_.value_or(options.longest_wait);
        return mcp::serve(options);
    }

  private:
    /// A server without a principal cannot end jobs, so it starts no hooks.
    mcp::LaunchConfig launch_config(const Context& context, bool has_principal) const {
        mcp::LaunchConfig config{
            on_demand_worker(context), has_principal ? on_end(context) : OnEnd{}, provenance(),
            jobs::current_session(), context.config().queue_slots()};
        config.detached_argv = [address = context.address()](const mcp::DetachedJob& job) {
            return detached_argv(address, job);
        };
        if (job_limit_) config.job_limit = static_cast<int>(*job_limit_);
        return config;
    }

    std::optional<std::int64_t> job_limit_;
    std::optional<std::string> contract_;
    mcp::Permissions allowed_;
    std::optional<std::string> actions_;
    std::optional<milliseconds> max_wait_;
    std::optional<int> calls_per_minute_;
    bool extended_ = false;
    bool require_principal_ = false;
};

}  // namespace

std::unique_ptr<Command> make_mcp() {
    return std::make_unique<McpCommand>();
}

}  // namespace atlasjob::cli

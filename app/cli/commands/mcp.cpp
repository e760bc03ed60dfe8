#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/commands/on_end.h"
#include "cli/context.h"
#include "cli/jobs/detach.h"
#include "cli/jobs/ensure_worker.h"
#include "cli/options/arguments.h"
#include "cli/options/config_file.h"
#include "cli/options/settings.h"
#include "ledger/limits.h"
#include "mcp/server/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace atlasjob::cli {

namespace {

/// What hosts tell the programs they start of themselves, and the label that it becomes.
struct Provenance {
    const char* variable;
    const char* label;
};
constexpr std::array kProvenance = {
    Provenance{"CLAUDE_CODE_SESSION_ID", "session"},
    Provenance{"CLAUDE_PROJECT_DIR", "project"},
};

constexpr std::int64_t kMaxJobLimit = 100;

/// As a label may be: one line, not too long.
std::string label_value(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return clipped(text, kMaxLine);
}

std::vector<Label> provenance() {
    std::vector<Label> labels;
    for (const Provenance& row : kProvenance) {
        if (auto value = environment(row.variable))
            labels.push_back({row.label, label_value(std::move(*value))});
    }
    return labels;
}

class McpCommand final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.text("--contract", contract_, "NAME", "whose tools to serve (default: atlas)");
        arguments.value(
            "--allow", [this](const std::string& text) { allow(text, allowed_); }, "VERB,...",
            "also serve tools that change something: submit, cancel, retry");
        arguments.text("--actions", actions_, "FILE", "also serve the actions of this file");
        arguments.value(
            "--rate-limit",
            [this](const std::string& text) { calls_per_minute_ = calls_per_minute(text); },
            "N/min", "refuse more calls than these (default: as many as one likes)");
        arguments.flag(
            "--extended", extended_,
            "also answer with members that the contract's page allows and does not name");
        arguments.integer(
            "--job-limit", job_limit_, "N", "bgjob: so many of its jobs at a time (default: 10)");
        arguments.duration("--max-wait", longest_wait_, "the longest one wait may take (30m)");
        arguments.flag(
            "--require-principal", require_principal_,
            "do not fall back on the OS account: answer authentication_missing");
    }

    void check() override {
        if (!job_limit_ || (*job_limit_ >= 1 && *job_limit_ <= kMaxJobLimit)) return;
        throw Error(
            ErrorCode::invalid_argument,
            fmt::format("--job-limit \"{}\": out of range", *job_limit_),
            fmt::format("give a number from 1 to {}", kMaxJobLimit));
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
        options.launching = launching(context, options.principal.has_value());
        options.longest_wait = longest_wait_.value_or(options.longest_wait);
        return mcp::serve(options);
    }

  private:
    /// A server without a principal ends no job, so it starts no hooks.
    mcp::LaunchConfig launching(const Context& context, bool acts) const {
        mcp::LaunchConfig launching{
            on_demand_worker(context), acts ? on_end(context) : OnEnd{}, provenance(),
            context.config().queue_slots()};
        launching.detached = detached_words(context);
        if (job_limit_) launching.job_limit = static_cast<int>(*job_limit_);
        return launching;
    }

    std::optional<std::int64_t> job_limit_;
    std::optional<std::string> contract_;
    mcp::Permissions allowed_;
    std::optional<std::string> actions_;
    std::optional<milliseconds> longest_wait_;
    std::optional<int> calls_per_minute_;
    bool extended_ = false;
    bool require_principal_ = false;
};

}  // namespace

std::unique_ptr<Command> make_mcp() {
    return std::make_unique<McpCommand>();
}

}  // namespace atlasjob::cli

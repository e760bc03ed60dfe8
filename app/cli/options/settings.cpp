#include "cli/options/settings.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options/arguments.h"
#include "cli/options/config_file.h"
#include "cli/options/spec_values.h"
#include "ledger/limits.h"
#include "runner/progress/progress_rule.h"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace atlasjob::cli {

namespace {

using Key = std::string_view;
using Text = const std::string&;

void any_text(Key /*key*/, Text /*text*/) {}

void verbs(Key /*key*/, Text text) {
    mcp::Permissions opened;
    allow(text, opened);
}

void call_rate(Key /*key*/, Text text) {
    static_cast<void>(calls_per_minute(text));
}

void one_switch(Key key, Text text) {
    static constexpr std::array<std::string_view, 2> kSwitch = {"true", "false"};
    static_cast<void>(require_choice(key, text, kSwitch));
}

void span(Key key, Text text) {
    static_cast<void>(parse_span(key, text));
}

void queue(Key /*key*/, Text text) {
    check_queue(text);
}

template <int least, int most>
void number(Key key, Text text) {
    static_cast<void>(parse_number(key, text, least, most));
}

// clang-format off
constexpr std::array kSettings = {
    Setting{"ledger", "PATH", "~/.local/state/atlasjob/ledger.db", "the ledger", "ATLASJOB_LEDGER", any_text},
    Setting{"principal", "NAME", "the OS account", "whom to act for", "ATLASJOB_PRINCIPAL", any_text},
    Setting{"color", "auto|always|never", "auto", "colours", "NO_COLOR",
        [](Key key, Text text) { static_cast<void>(require_choice(key, text, color_modes())); }},
    Setting{"quiet", "true|false", "false", "say nothing but the answer", "", one_switch},
    Setting{"on-demand-worker", "true|false", "true",
        "start a worker where jobs are left with nobody to run them", "ATLASJOB_ON_DEMAND_WORKER", one_switch},
    Setting{"job.queue", "QUEUE", "default", "the queue that jobs belong to", "", queue},
    Setting{"job.priority", "N", "0", "higher starts first", "",
        number<-kMaxPriority, kMaxPriority>},
    Setting{"job.retain", "DURATION", "", "how long to keep them once they have ended", "", span},
    Setting{"job.timeout", "DURATION", "", "end them after so long", "", span},
    Setting{"job.retries", "N", "0", "how often they may be started again after an error", "",
        number<0, kMaxAttempts - 1>},
    Setting{"job.backoff", "DURATION", "10s", "before the first retry; doubles from there", "", span},
    Setting{"job.log-limit", "SIZE", "64M", "keep so much of their output", "",
        [](Key key, Text text) { static_cast<void>(parse_size(key, text)); }},
    Setting{"job.clean-env", "true|false", "false", "pass on PATH, HOME and USER only", "", one_switch},
    Setting{"job.keep-strays", "true|false", "false", "let what they started outlive them", "", one_switch},
    Setting{"job.on-end", "CMD", "", "a line for the shell, run when one has ended", "", any_text},
    Setting{"job.progress-from", "auto|REGEX", "", "read their progress from their output", "",
        [](Key /*key*/, Text text) { check_progress_pattern(text); }},
    Setting{"submit.detach-after", "DURATION", "", "with --follow: leave with 75 then", "", span},
    Setting{"list.limit", "N", "50", "at most so many jobs", "", number<1, 10'000>},
    Setting{"wait.timeout", "DURATION", "", "leave with 75 after so long", "", span},
    Setting{"logs.timestamps", "true|false", "false", "with the time of each line", "", one_switch},
    Setting{"cancel.grace", "DURATION", "10s", "between TERM and KILL", "", span},
    Setting{"worker.slots", "N", "as many as there are CPUs", "jobs at a time", "",
        number<1, kMaxSlots>},
    Setting{"worker.queue", "[QUEUE, ...]", "every queue", "only of these queues", "", queue},
    Setting{"worker.idle-exit", "DURATION", "", "leave once idle for so long", "", span},
    Setting{"worker.grace", "DURATION", "", "told to leave, end what still runs after so long", "", span},
    Setting{"gc.keep-done", "DURATION", "7d", "keep done jobs so long", "", span},
    Setting{"gc.keep-error", "DURATION", "30d", "keep failed jobs so long", "", span},
    Setting{"gc.keep-cancelled", "DURATION", "7d", "keep cancelled jobs so long", "", span},
    Setting{"gc.max-seconds", "N", "", "stop after so long, go on next time", "", number<1, 86'400>},
    Setting{"mcp.contract", "NAME", "atlas", "whose tools to serve", "", any_text},
    Setting{"mcp.allow", "VERB,...", "", "also serve tools that change something: submit, cancel, retry",
        "", verbs},
    Setting{"mcp.actions", "FILE", "", "also serve the actions of this file", "", any_text},
    Setting{"mcp.job-limit", "N", "10", "bgjob: so many of its jobs at a time", "", number<1, 100>},
    Setting{"mcp.max-wait", "DURATION", "30m", "the longest one wait may take", "", span},
    Setting{"mcp.rate-limit", "N/min", "", "refuse more calls than these", "", call_rate},
    Setting{"mcp.extended", "true|false", "false", "also answer with members that the contract's page allows and does not name", "", one_switch},
    Setting{"mcp.require-principal", "true|false", "false", "do not fall back on the OS account", "", one_switch},
};
// clang-format on

bool is_of(const Setting& setting, std::string_view command) {
    static constexpr std::array<std::string_view, 4> kMakeJobs = {
        "run", "supervise", "submit", "create"};
    const std::string_view section = setting.section();
    return section.empty() || section == command
           || (section == "job" && std::ranges::find(kMakeJobs, command) != kMakeJobs.end());
}

void take(const Setting& setting, const Option& option, const ConfigValue& value) {
    if (setting.is_switch() && value.texts[0] != "true") return;
    for (const std::string& text : value.texts)
        option.take(text);
}

}  // namespace

std::string_view Setting::section() const {
    const std::size_t dot = key.find('.');
    return dot == std::string_view::npos ? std::string_view{} : key.substr(0, dot);
}

std::string_view Setting::option() const {
    return key.substr(key.find('.') + 1);  // npos + 1: all of it.
}

std::span<const Setting> settings() {
    return kSettings;
}

const Setting* find_setting(std::string_view key) {
    const auto found = std::ranges::find(kSettings, key, &Setting::key);
    return found == kSettings.end() ? nullptr : &*found;
}

std::string setting_hint(std::string_view key) {
    std::array<std::string_view, kSettings.size()> keys;
    std::ranges::transform(kSettings, keys.begin(), &Setting::key);
    std::string_view meant = nearest(key, keys);
    if (meant.empty()) {
        const std::string_view option = key.substr(key.rfind('.') + 1);
        const auto same = std::ranges::find(kSettings, option, &Setting::option);
        if (same != kSettings.end()) meant = same->key;
    }
    if (meant.empty()) return "see atlasjob config for all settings";
    const Setting& setting = *find_setting(meant);
    return setting.section().empty()
               ? fmt::format("did you mean {}?", meant)
               : fmt::format("did you mean [{}] {}?", setting.section(), setting.option());
}

std::optional<std::string> from_environment(const Setting& setting) {
    if (setting.environment.empty()) return {};
    auto value = environment(std::string{setting.environment}.c_str());
    if (value && setting.key == "color") return "never";
    return value;
}

void apply(
    const ConfigFile& config, std::string_view name, const Command& command, Arguments& arguments) {
    for (const auto& [key, value] : config.values) {
        const Setting* setting = find_setting(key);
        if (setting == nullptr || !is_of(*setting, name) || from_environment(*setting)) continue;
        const Option* option = arguments.find(setting->option());
        if (option == nullptr || arguments.given(*option)) continue;
        const bool global = setting->section().empty();
        if (!global && !command.takes_default(setting->option())) continue;
        try {
            take(*setting, *option, value);
        } catch (const Error& error) {
            throw config_error(config, value.line, error);
        }
    }
}

int default_slots() {
    cpu_set_t usable;
    if (sched_getaffinity(0, sizeof usable, &usable) == 0) return CPU_COUNT(&usable);
    const auto online = sysconf(_SC_NPROCESSORS_ONLN);  // More than a cpu_set_t can tell.
    return static_cast<int>(std::clamp<decltype(online)>(online, 1, kMaxSlots));
}

namespace {

struct Verb {
    std::string_view word;
    bool mcp::Permissions::*opens;
};
constexpr std::array kVerbs = {
    Verb{"submit", &mcp::Permissions::submit},
    Verb{"cancel", &mcp::Permissions::cancel},
    Verb{"retry", &mcp::Permissions::retry},
};

}  // namespace

void allow(const std::string& verbs, mcp::Permissions& allowed) {
    for (const std::string_view verb : split(verbs, ',')) {
        const auto* const known = std::ranges::find(kVerbs, trim(verb), &Verb::word);
        if (known == kVerbs.end()) {
            throw Error(
                ErrorCode::invalid_argument,
                fmt::format("--allow \"{}\": no such verb", repair_utf8(verb)),
                "use submit, cancel or retry, or several separated by commas");
        }
        allowed.*known->opens = true;
    }
}

int calls_per_minute(const std::string& text) {
    constexpr int kMax = 1'000'000;
    constexpr std::string_view kUnit = "/min";
    std::string_view number = text;
    if (number.ends_with(kUnit)) number.remove_suffix(kUnit.size());
    const auto calls = parse_integer<int>(number);
    if (calls && *calls >= 1 && *calls <= kMax) return *calls;
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("--rate-limit \"{}\": not a number of calls per minute", repair_utf8(text)),
        "give one such as 60/min");
}

}  // namespace atlasjob::cli

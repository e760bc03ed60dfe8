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

template <int min, int max>
void number(Key key, Text text) {
    static_cast<void>(parse_number(key, text, min, max));
}

// clang-format off
constexpr std::array kSettings = {
    Setting{"ledger", "PATH", "~/.local/state/atlasjob/ledger.db",
        "ledger to use", "ATLASJOB_LEDGER", any_text},
    Setting{"principal", "NAME", "the OS account",
        "principal to act as", "ATLASJOB_PRINCIPAL", any_text},
    Setting{"color", "auto|always|never", "auto", "when to use colours", "NO_COLOR",
        [](Key key, Text text) { static_cast<void>(require_choice(key, text, color_modes())); }},
    Setting{"quiet", "true|false", "false", "print nothing but the answer", "", one_switch},
    Setting{"on-demand-worker", "true|false", "true",
        "start a worker for runnable jobs if none is running", "ATLASJOB_ON_DEMAND_WORKER",
        one_switch},
    Setting{"job.queue", "QUEUE", "default", "queue to run jobs in", "", queue},
    Setting{"job.priority", "N", "0", "higher runs first", "",
        number<-kMaxPriority, kMaxPriority>},
    Setting{"job.retain", "DURATION", "", "how long to keep jobs after they end", "", span},
    Setting{"job.timeout", "DURATION", "", "stop jobs after this time", "", span},
    Setting{"job.retries", "N", "0", "maximum number of retries after an error", "",
        number<0, kMaxAttempts - 1>},
    Setting{"job.backoff", "DURATION", "10s",
        "delay before the first retry; grows each time", "", span},
    Setting{"job.backoff-factor", "F", "2",
        "how much the delay grows per retry; 1 keeps it constant", "",
        [](Key key, Text text) { static_cast<void>(parse_backoff_factor(key, text)); }},
    Setting{"job.log-limit", "SIZE", "64M", "maximum output to keep per job", "",
        [](Key key, Text text) { static_cast<void>(parse_size(key, text)); }},
    Setting{"job.clean-env", "true|false", "false",
        "pass only PATH, HOME and USER to commands", "", one_switch},
    Setting{"job.grace", "DURATION", "10s", "time between the kill signal and KILL", "", span},
    Setting{"job.kill-signal", "SIGNAL", "TERM", "signal that stops commands", "",
        [](Key key, Text text) { static_cast<void>(require_kill_signal(key, text)); }},
    Setting{"job.keep-strays", "true|false", "false",
        "do not kill processes that a command leaves behind", "", one_switch},
    Setting{"job.on-end", "CMD", "", "shell command to run when a job ends", "", any_text},
    Setting{"job.progress-from", "auto|REGEX", "", "parse progress from the output of jobs", "",
        [](Key /*key*/, Text text) { check_progress_pattern(text); }},
    Setting{"submit.detach-after", "DURATION", "",
        "with --follow: detach after this time (exit 75)", "", span},
    Setting{"list.limit", "N", "50", "maximum number of jobs", "", number<1, 10'000>},
    Setting{"wait.timeout", "DURATION", "", "stop waiting after this time (exit 75)", "", span},
    Setting{"logs.timestamps", "true|false", "false",
        "prefix each line with its time", "", one_switch},
    Setting{"cancel.grace", "DURATION", "", "time between the kill signal and KILL when cancelling jobs without --grace",
        "", span},
    Setting{"worker.slots", "N", "number of CPUs", "maximum number of running jobs", "",
        number<1, kMaxSlots>},
    Setting{"worker.queue", "[QUEUE, ...]", "all queues", "serve only these queues", "", queue},
    Setting{"worker.idle-exit", "DURATION", "", "exit after being idle this long", "", span},
    Setting{"worker.grace", "DURATION", "",
        "after TERM, stop running jobs after this time", "", span},
    Setting{"gc.keep-done", "DURATION", "7d", "keep done jobs this long", "", span},
    Setting{"gc.keep-error", "DURATION", "30d", "keep failed jobs this long", "", span},
    Setting{"gc.keep-cancelled", "DURATION", "7d", "keep cancelled jobs this long", "", span},
    Setting{"gc.max-seconds", "N", "",
        "stop after N seconds; the next run continues", "", number<1, 86'400>},
    Setting{"mcp.contract", "NAME", "atlas", "contract whose tools are served", "", any_text},
    Setting{"mcp.allow", "VERB,...", "",
        "also serve tools that make changes: submit, cancel, retry",
        "", verbs},
    Setting{"mcp.actions", "FILE", "", "also serve the actions in this file", "", any_text},
    Setting{"mcp.job-limit", "N", "10",
        "bgjob: maximum number of running jobs", "", number<1, 100>},
    Setting{"mcp.max-wait", "DURATION", "30m", "maximum duration of one wait", "", span},
    Setting{"mcp.rate-limit", "N/min", "", "maximum number of calls", "", call_rate},
    Setting{"mcp.extended", "true|false", "false",
        "include extra members that the contract allows but does not define", "", one_switch},
    Setting{"mcp.require-principal", "true|false", "false",
        "do not fall back to the OS account", "", one_switch},
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
    return key.substr(key.find('.') + 1);  // npos + 1 is 0: the whole key.
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
    if (meant.empty()) return "see man atlasjob-config for all settings";
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
    const auto online = sysconf(_SC_NPROCESSORS_ONLN);  // More CPUs than fit into a cpu_set_t.
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
        "use a rate such as 60/min");
}

}  // namespace atlasjob::cli

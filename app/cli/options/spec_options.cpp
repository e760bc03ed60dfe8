#include "base/error.h"
#include "cli/options/arguments.h"
#include "cli/options/spec.h"
#include "cli/options/spec_values.h"
#include "ledger/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

namespace atlasjob::cli {

namespace {

using Text = const std::string&;

void take_timeout(Spec& spec, Text text) {
    spec.timeout = parse_span("--timeout", text);
    if (spec.timeout->count() > 0) return;
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("--timeout \"{}\": must be greater than zero", text),
        "use a duration such as 30s");
}

void take_kill_signal(Spec& spec, Text text) {
    spec.kill_signal = require_kill_signal("--kill-signal", text);
}

void take_on_end(Spec& spec, Text text) {
    if (text.empty()) {
        throw Error(
            ErrorCode::invalid_argument, "--on-end must not be empty",
            "give a shell command such as 'notify-send done'");
    }
    spec.on_end = text;
}

void take_progress_from(Spec& spec, Text text) {
    check_progress_pattern(text);
    spec.progress_from = text;
}

// clang-format off
constexpr std::array kOptions = {
    SpecOption{"kind", "KIND", "type of work (default: command)", SpecPart::job, false,
        [](Spec& spec, Text text) { spec.kind = text; }},
    SpecOption{"name", "NAME", "name shown to people", SpecPart::job, false,
        [](Spec& spec, Text text) { spec.name = text; }},
    SpecOption{"target", "JSON|TEXT", "what the job works on", SpecPart::job, false,
        [](Spec& spec, Text text) { spec.target = parse_target(text); }},
    SpecOption{"label", "KEY=VALUE", "label to find it by; may be repeated", SpecPart::job, true,
        [](Spec& spec, Text text) { spec.labels.push_back(parse_label(text)); }},
    SpecOption{"queue", "QUEUE", "queue to run it in (default: default)", SpecPart::job, false,
        [](Spec& spec, Text text) { spec.queue = text; }},
    SpecOption{"priority", "N", "higher runs first", SpecPart::job, false,
        [](Spec& spec, Text text) {
            spec.priority = parse_number("--priority", text, -kMaxPriority, kMaxPriority);
        }},
    SpecOption{"key", "KEY", "idempotency key: only one of your queued or running jobs can have it",
        SpecPart::job, false,
        [](Spec& spec, Text text) { spec.key = text; }},
    SpecOption{"session", "SESSION",
        "agent conversation it belongs to (default: that of this process, if known)",
        SpecPart::job, false, [](Spec& spec, Text text) { spec.session = text; }},
    SpecOption{"timeout", "DURATION", "stop it after this time", SpecPart::command, false,
        take_timeout},
    SpecOption{"retain", "DURATION", "how long to keep the job after it ends", SpecPart::job, false,
        [](Spec& spec, Text text) { spec.retention = parse_span("--retain", text); }},
    SpecOption{"at", "TIME", "start at this time, such as 18:00 or \"tomorrow 18:00\"",
        SpecPart::start, false,
        [](Spec& spec, Text text) { spec.at = parse_time_text("--at", text); }},
    SpecOption{"in", "DURATION", "start after this delay", SpecPart::start, false,
        [](Spec& spec, Text text) { spec.in = parse_span("--in", text); }},
    SpecOption{"after", "JOB", "start when JOB is done; may be repeated", SpecPart::start,
        true, [](Spec& spec, Text text) { spec.after.push_back(parse_job_name("--after", text)); }},
    SpecOption{"after-ended", "JOB", "start when JOB has ended, in any way; may be repeated",
        SpecPart::start, true,
        [](Spec& spec, Text text) {
            spec.after_ended.push_back(parse_job_name("--after-ended", text));
        }},
    SpecOption{"retries", "N", "maximum number of retries after an error", SpecPart::start,
        false,
        [](Spec& spec, Text text) {
            spec.retries = parse_number("--retries", text, 0, kMaxAttempts - 1);
        }},
    SpecOption{"backoff", "DURATION",
        "delay before the first retry; grows each time (default: 10s)", SpecPart::backoff, false,
        [](Spec& spec, Text text) { spec.backoff = parse_span("--backoff", text); }},
    SpecOption{"backoff-factor", "F",
        "how much the delay grows per retry (default: 2); 1 keeps it constant", SpecPart::backoff,
        false,
        [](Spec& spec, Text text) {
            spec.backoff_factor = parse_backoff_factor("--backoff-factor", text);
        }},
    SpecOption{"cwd", "DIR", "working directory", SpecPart::command, false,
        [](Spec& spec, Text text) { spec.capture.cwd = text; }},
    SpecOption{"env", "NAME[=VALUE]", "set a variable, or pass the current one; may be repeated",
        SpecPart::command,
        true, [](Spec& spec, Text text) { spec.capture.env.push_back(text); }},
    SpecOption{"clean-env", "", "pass only PATH, HOME and USER", SpecPart::hook, false,
        [](Spec& spec, Text /*text*/) { spec.capture.clean_env = true; }},
    SpecOption{"result", "report|stdout", "source of the job's result (default: report)",
        SpecPart::command, false,
        [](Spec& spec, Text text) { spec.result_from = parse_result_from(text); }},
    SpecOption{"log-limit", "SIZE", "maximum output to keep (default: 64M)", SpecPart::command,
        false,
        [](Spec& spec, Text text) { spec.log_limit_bytes = parse_size("--log-limit", text); }},
    SpecOption{"stdin", "FILE|-", "standard input, stored with the job", SpecPart::input, false,
        [](Spec& spec, Text text) { spec.input = read_text("--stdin", text, kMaxInput); }},
    SpecOption{"grace", "DURATION",
        "time between the kill signal and KILL (default: 10s)", SpecPart::command, false,
        [](Spec& spec, Text text) { spec.grace = parse_span("--grace", text); }},
    SpecOption{"kill-signal", "SIGNAL",
        "signal that stops it on timeout or cancel (default: TERM)", SpecPart::command, false,
        take_kill_signal},
    SpecOption{"keep-strays", "", "do not kill processes that the command leaves behind",
        SpecPart::command, false,
        [](Spec& spec, Text /*text*/) { spec.keep_strays = true; }},
    SpecOption{"on-end", "CMD", "shell command to run when the job ends",
        SpecPart::hook, false, take_on_end},
    SpecOption{"progress-from", "auto|REGEX", "parse progress from the output",
        SpecPart::command, false, take_progress_from},
};
// clang-format on

std::string group_of(SpecPart part) {
    switch (part) {
        case SpecPart::job:
            return "Job options";
        case SpecPart::start:
        case SpecPart::backoff:
            return "Schedule and retries";
        case SpecPart::command:
        case SpecPart::hook:
        case SpecPart::input:
            break;
    }
    return "Command options";
}

using Take = std::function<void(const std::string& text)>;

void declare_one(Arguments& arguments, const SpecOption& option, Take take) {
    const std::string name = fmt::format("--{}", option.name);
    const std::string help{option.help};
    if (option.placeholder.empty()) {
        arguments.action(
            name, [take = std::move(take)] { take({}); }, help);
    } else {
        arguments.value(name, std::move(take), std::string{option.placeholder}, help);
    }
}

}  // namespace

std::span<const SpecOption> spec_options() {
    return kOptions;
}

void declare(
    Arguments& arguments,
    Spec& spec,
    std::span<const SpecPart> parts,
    void (*refuse)(const SpecOption& option)) {
    for (const SpecOption& option : kOptions) {
        const bool known = std::ranges::find(parts, option.part) != parts.end();
        // Refused options are hidden from help.
        arguments.group(known ? group_of(option.part) : std::string{});
        declare_one(arguments, option, [&spec, &option, known, refuse](const std::string& text) {
            if (!known) refuse(option);
            option.take(spec, text);
        });
    }
    arguments.group("Options");
}

}  // namespace atlasjob::cli

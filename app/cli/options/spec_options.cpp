#include "base/error.h"
#include "cli/options/arguments.h"
#include "cli/options/spec.h"
#include "cli/options/spec_values.h"
#include "ledger/limits.h"
#include "runner/progress/progress_rule.h"

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
        ErrorCode::invalid_argument, fmt::format("--timeout \"{}\": no time at all", text),
        "give a duration such as 30s");
}

void take_on_end(Spec& spec, Text text) {
    if (text.empty()) {
        throw Error(
            ErrorCode::invalid_argument, "--on-end \"\": no command",
            "give a line for the shell, such as 'notify-send done'");
    }
    spec.on_end = text;
}

void take_progress_from(Spec& spec, Text text) {
    check_progress_pattern(text);
    spec.progress_from = text;
}

// clang-format off
constexpr std::array kOptions = {
    SpecOption{"kind", "KIND", "what sort of work it is (default: command)", SpecPart::job, false,
        [](Spec& spec, Text text) { spec.kind = text; }},
    SpecOption{"name", "NAME", "what people call it", SpecPart::job, false,
        [](Spec& spec, Text text) { spec.name = text; }},
    SpecOption{"target", "JSON|TEXT", "what the work is about", SpecPart::job, false,
        [](Spec& spec, Text text) { spec.target = parse_target(text); }},
    SpecOption{"label", "KEY=VALUE", "to find it by; may be repeated", SpecPart::job, true,
        [](Spec& spec, Text text) { spec.labels.push_back(parse_label(text)); }},
    SpecOption{"queue", "QUEUE", "the queue it belongs to (default: default)", SpecPart::job, false,
        [](Spec& spec, Text text) { spec.queue = text; }},
    SpecOption{"priority", "N", "higher starts first", SpecPart::job, false,
        [](Spec& spec, Text text) {
            spec.priority = parse_number("--priority", text, -kMaxPriority, kMaxPriority);
        }},
    SpecOption{"key", "KEY", "at most one queued or running job of yours has this key",
        SpecPart::job, false,
        [](Spec& spec, Text text) { spec.key = text; }},
    SpecOption{"timeout", "DURATION", "end it after so long", SpecPart::command, false,
        take_timeout},
    SpecOption{"retain", "DURATION", "how long to keep it once it has ended", SpecPart::job, false,
        [](Spec& spec, Text text) { spec.retention = parse_span("--retain", text); }},
    SpecOption{"at", "TIME", "start it then", SpecPart::start, false,
        [](Spec& spec, Text text) { spec.at = parse_moment("--at", text); }},
    SpecOption{"in", "DURATION", "start it after so long", SpecPart::start, false,
        [](Spec& spec, Text text) { spec.in = parse_span("--in", text); }},
    SpecOption{"after", "JOB", "start it when that job is done; may be repeated", SpecPart::start,
        true, [](Spec& spec, Text text) { spec.after.push_back(parse_job_name("--after", text)); }},
    SpecOption{"retries", "N", "how often it may be started again after an error", SpecPart::start,
        false,
        [](Spec& spec, Text text) {
            spec.retries = parse_number("--retries", text, 0, kMaxAttempts - 1);
        }},
    SpecOption{"backoff", "DURATION",
        "before the first retry; doubles from there (default: 10s)", SpecPart::backoff, false,
        [](Spec& spec, Text text) { spec.backoff = parse_span("--backoff", text); }},
    SpecOption{"cwd", "DIR", "run it there", SpecPart::command, false,
        [](Spec& spec, Text text) { spec.capture.cwd = text; }},
    SpecOption{"env", "NAME[=VALUE]", "set it, or pass ours on; may be repeated", SpecPart::command,
        true, [](Spec& spec, Text text) { spec.capture.env.push_back(text); }},
    SpecOption{"clean-env", "", "pass on PATH, HOME and USER only", SpecPart::command, false,
        [](Spec& spec, Text /*text*/) { spec.capture.clean_env = true; }},
    SpecOption{"result", "report|stdout", "where its result comes from (default: report)",
        SpecPart::command, false,
        [](Spec& spec, Text text) { spec.result_from = parse_result_from(text); }},
    SpecOption{"log-limit", "SIZE", "keep so much of its output (default: 64M)", SpecPart::command,
        false,
        [](Spec& spec, Text text) { spec.log_limit_bytes = parse_size("--log-limit", text); }},
    SpecOption{"stdin", "FILE|-", "its standard input, kept with the job", SpecPart::input, false,
        [](Spec& spec, Text text) { spec.input = read_text("--stdin", text, kMaxInput); }},
    SpecOption{"keep-strays", "", "let what it started outlive it", SpecPart::command, false,
        [](Spec& spec, Text /*text*/) { spec.keep_strays = true; }},
    SpecOption{"on-end", "CMD", "a line for the shell, run when the job has ended",
        SpecPart::command, false, take_on_end},
    SpecOption{"progress-from", "auto|REGEX", "read its progress from its output",
        SpecPart::command, false, take_progress_from},
};
// clang-format on

std::string group_of(SpecPart part) {
    switch (part) {
        case SpecPart::job:
            return "The job";
        case SpecPart::start:
        case SpecPart::backoff:
            return "When it starts, and how often";
        case SpecPart::command:
        case SpecPart::input:
            break;
    }
    return "Its command";
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
        // What is refused is not in help.
        arguments.group(known ? group_of(option.part) : std::string{});
        declare_one(arguments, option, [&spec, &option, known, refuse](const std::string& text) {
            if (!known) refuse(option);
            option.take(spec, text);
        });
    }
    arguments.group("Options");
}

}  // namespace atlasjob::cli

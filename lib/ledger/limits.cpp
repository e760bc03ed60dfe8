#include "ledger/limits.h"

#include "base/error.h"
#include "base/regex.h"
#include "base/signals.h"
#include "base/text.h"
#include "ledger/job_store.h"
#include "ledger/transition.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace atlasjob {

namespace {

[[noreturn]] void refuse(std::string_view field, std::string_view value, std::string_view allowed) {
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("{} \"{}\": not allowed", field, clipped(value, 200)),
        fmt::format("give {}", allowed));
}

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Whether `text` can be used unquoted in a shell command, a file name and a table column.
bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= kMaxWord && is_alphanumeric(text[0])
           && std::ranges::all_of(text, [](char c) {
                  return is_alphanumeric(c)
                         || std::string_view{"._/:-"}.find(c) != std::string_view::npos;
              });
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

bool is_line(std::string_view text) {
    return text.size() <= kMaxLine && is_utf8(text) && std::ranges::none_of(text, [](char c) {
               return static_cast<unsigned char>(c) < 0x20;
           });
}

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// The longest prefix of `text` of at most `bytes` that does not end inside a character. A
/// character has at most three continuation bytes; a longer run of them is not UTF-8 and is cut
/// anywhere.
std::string_view cut_at_character(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return text;
    const std::size_t min_end = bytes < 3 ? 0 : bytes - 3;
    std::size_t end = bytes;
    while (end > min_end && continues_character(text[end]))
        --end;
    return text.substr(0, continues_character(text[end]) ? bytes : end);
}

void check_word(std::string_view field, std::string_view value) {
    if (!is_word(value)) {
        refuse(
            field, value,
            fmt::format(
                "1-{} letters, digits and . _ / : -, starting with a letter or digit", kMaxWord));
    }
}

void check_text(std::string_view field, const std::optional<std::string>& value) {
    if (value && (value->size() > kMaxText || !is_utf8(*value))) {
        refuse(field, *value, fmt::format("at most {} bytes of UTF-8", kMaxText));
    }
}

void check_range(std::string_view field, std::int64_t value, std::int64_t min, std::int64_t max) {
    if (value < min || value > max) {
        refuse(field, std::to_string(value), fmt::format("a number from {} to {}", min, max));
    }
}

void check_span(
    std::string_view field, const std::optional<milliseconds>& span, std::int64_t min_ms) {
    if (span) check_range(field, span->count(), min_ms, kMaxSpan.count());
}

void check_no_nul(std::string_view field, std::string_view value) {
    if (value.find('\0') != std::string_view::npos) refuse(field, value, "text without NUL bytes");
}

/// Why a pattern cannot find progress; empty if it can.
std::string fault_of_progress_pattern(const std::string& pattern) {
    const Regex regex{pattern};
    if (regex.fault()) return *regex.fault();
    if (!is_line(pattern)) return "not one line";
    const int groups = regex.groups();
    return groups == 1 || groups == 2 ? "" : fmt::format("has {} groups", groups);
}

void check_on_end(const std::optional<std::string>& command) {
    if (!command) return;
    if (command->empty() || command->size() > kMaxText) {
        refuse("on-end", *command, fmt::format("a shell command of 1-{} bytes", kMaxText));
    }
    check_no_nul("on-end", *command);
}

void check_input(const std::optional<std::string>& input) {
    if (!input || input->size() <= kMaxInput) return;
    refuse(
        "stdin", fmt::format("{} bytes", input->size()),
        fmt::format("at most {} bytes; let the command read a file instead", kMaxInput));
}

void check_backoff(const CommandSpec& command) {
    check_span("backoff in ms", command.backoff, 0);
    const double factor = command.backoff_factor.value_or(1.0);
    if (!is_backoff_factor(factor)) {
        refuse(
            "backoff-factor", fmt::format("{}", factor),
            fmt::format("a number from 1 to {}", kMaxBackoffFactor));
    }
}

void check_kill_signal(const std::optional<std::string>& name) {
    if (!name) return;
    if (kill_signal_name(*name) != *name)
        refuse("kill-signal", *name, "the name of a signal that ends a process, such as SIGINT");
}

void check_attributes(const std::optional<std::string>& text) {
    if (!text) return;
    const bool printable = std::ranges::all_of(*text, [](char c) { return c >= ' ' && c <= '~'; });
    if (text->size() > kMaxText || !printable)
        refuse("process_attributes", *text, "words such as nice=15, printable and on one line");
}

/// The parts that a command and a hook share.
void check_execution_context(const CommandSpec& command) {
    if (!command.cwd.starts_with('/')) refuse("cwd", command.cwd, "an absolute path");
    check_no_nul("cwd", command.cwd);
    for (const std::string_view variable : command.environment) {
        if (variable.find('\0') == std::string_view::npos) continue;
        // Name the variable only: values are often secrets.
        refuse("env", variable.substr(0, variable.find('=')), "text without NUL bytes");
    }
    check_attributes(command.attributes);
    check_on_end(command.on_end);
}

void check_command(const CommandSpec& command) {
    if (command.argv.empty() || command.argv[0].empty()) {
        refuse("command", "", "the program to run as the first argument");
    }
    for (const std::string& argument : command.argv)
        check_no_nul("command", argument);
    check_execution_context(command);
    if (command.log_limit_bytes)
        check_range("log-limit", *command.log_limit_bytes, 4096, INT64_MAX);
    check_backoff(command);
    check_span("grace in ms", command.grace, 0);
    check_kill_signal(command.kill_signal);
    check_input(command.input);
    if (command.progress_from) check_progress_pattern(*command.progress_from);
}

}  // namespace

void check_line(std::string_view field, const std::optional<std::string>& value) {
    if (value && (value->empty() || !is_line(*value))) {
        refuse(field, *value, fmt::format("one line of 1-{} bytes of UTF-8", kMaxLine));
    }
}

void check_label(const Label& label) {
    check_word("label key", label.key);
    if (!is_line(label.value)) {
        refuse(
            "label value", label.value,
            fmt::format("one line of at most {} bytes of UTF-8", kMaxLine));
    }
}

std::optional<std::string> kill_signal_name(std::string_view text) {
    const auto signo = parse_signal(text);
    if (!signo || !ends_processes(*signo)) return {};
    return signal_name(*signo);
}

bool is_backoff_factor(double factor) {
    return factor >= 1.0 && factor <= kMaxBackoffFactor;
}

void check_progress(double progress) {
    if (!std::isfinite(progress) || progress < 0.0 || progress > 1.0) {
        refuse(
            "progress", fmt::format("{}", progress),
            "a number from 0 to 1, or a percentage such as 40%");
    }
}

void check(const NewJob& job) {
    check_word("kind", job.kind);
    check_queue(job.queue);
    check_line("name", job.name);
    check_line("key", job.key);
    check_line("owner", job.owner);
    check_line("session", job.session);
    for (const Label& label : job.labels)
        check_label(label);
    check_range("priority", job.priority, -kMaxPriority, kMaxPriority);
    check_range("attempts", job.max_attempts, 1, kMaxAttempts);
    check_span("timeout in ms", job.timeout, 1);
    check_span("retention in ms", job.retention, 0);
    check_span("lease in ms", job.lease, 1);
    if (job.start_as) check_span("lease in ms", job.start_as->lease, 1);
    if (job.command) check_command(*job.command);
    if (job.hook) check_execution_context(*job.hook);
}

void check(const JobEdit& edit) {
    if (!edit.priority && !edit.queue && !edit.run_after)
        refuse("edit", "", "at least one of priority, queue and time");
    if (edit.priority) check_range("priority", *edit.priority, -kMaxPriority, kMaxPriority);
    if (edit.queue) check_queue(*edit.queue);
}

void check(const NewWorker& worker) {
    for (const std::string& queue : worker.queues)
        check_queue(queue);
    check_range("slots", worker.slots, 1, kMaxSlots);
}

void check_queue(const std::string& queue) {
    check_word("queue", queue);
}

void check_event_type(const std::string& type) {
    const bool is_lower_case =
        std::ranges::all_of(type, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
    const bool is_verb =
        std::ranges::any_of(kVerbs, [&](Verb verb) { return to_string(verb) == type; });
    if (!type.empty() && type.size() <= kMaxWord && is_lower_case && !is_verb) return;
    refuse("event type", type, "lower-case letters and _, but not the name of a transition");
}

void check(const Note& note) {
    check_event_type(note.type);
    check_text("detail", note.detail);
}

void check(const Report& report) {
    if (report.progress) check_progress(*report.progress);
    check_text("phase", report.phase);
    check_text("message", report.message);
    if (report.current) check_range("current", *report.current, 0, INT64_MAX);
    if (report.total) check_range("total", *report.total, 0, INT64_MAX);
}

void check_progress_pattern(const std::string& from) {
    if (from == "auto") return;
    const std::string fault = fault_of_progress_pattern(from);
    if (fault.empty()) return;
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("progress-from \"{}\": {}", clipped(from, 200), fault),
        "give auto, or a regular expression (RE2 syntax) with one group (a percentage) or two "
        "(current and total), such as 'step (\\d+) of (\\d+)'");
}

std::string clipped(std::string_view text, std::size_t bytes) {
    const std::string repaired = repair_utf8(cut_at_character(text, bytes));
    return std::string{cut_at_character(repaired, bytes)};
}

}  // namespace atlasjob

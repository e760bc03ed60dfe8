#include "view/job_text.h"

#include "base/text.h"
#include "ledger/policy.h"
#include "view/progress.h"
#include "view/table.h"
#include "view/terminal_text.h"
#include "view/time_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace atlasjob::view {

namespace {

constexpr std::size_t kBarColumns = 32;

/// Collects the aligned key/value lines of a job's page.
class Facts {
  public:
    explicit Facts(const JobPageContext& context) : context_(context) {}

    void add(std::string_view key, std::string_view value) {
        const std::size_t width = context_.style.width;
        const std::string shown = printable(value);
        lines_.emplace_back(key, width > kMargin ? fitted(shown, width - kMargin) : shown);
    }
    void add(std::string_view key, const std::optional<std::string>& value) {
        if (value) add(key, std::string_view{*value});
    }
    void add(std::string_view key, const std::optional<Time>& value) {
        if (value) add(key, std::string_view{time_text(*value, context_.now)});
    }

    std::string text() const { return key_value_text(lines_, context_.style); }

  private:
    static constexpr std::size_t kMargin = 16;  // The key column and gaps.

    const JobPageContext& context_;
    std::vector<std::pair<std::string_view, std::string>> lines_;
};

std::string since_text(const Job& job, Time now) {
    if (job.status == Status::queued) {
        return fmt::format("for {}", span_text(now - job.created_at));
    }
    const Time started = job.started_at.value_or(job.created_at);
    if (job.status == Status::running) return fmt::format("for {}", span_text(now - started));
    const Time ended = job.ended_at.value_or(job.updated_at);
    std::string text = relative_text(ended, now);
    if (job.started_at) text += fmt::format(", after {}", span_text(ended - started));
    return text;
}

std::string headline(const Job& job, const JobPageContext& context) {
    const Style& style = context.style;
    const std::string number = std::to_string(job.seq);
    const std::string status{to_string(job.status)};
    const std::string since = since_text(job, context.now);
    std::string title = title_of(job);
    const std::size_t others = number.size() + status.size() + display_width(since) + 5;
    if (style.width > others + 8) title = fitted(title, style.width - others);
    return fmt::format(
        "{}  {}  {} {}\n", painted(number, Color::strong, style),
        painted(title, Color::strong, style), painted(status, color_of(job.status), style), since);
}

std::string progress_line(const Job& job, const JobPageContext& context) {
    const Style& style = context.style;
    std::string line;
    if (const auto fraction = fraction_of(job)) {
        line = fmt::format("{} {}", bar_text(*fraction, kBarColumns), percent_text(job));
    }
    const std::string summary = progress_summary(job, context.now);
    if (!summary.empty()) line += (line.empty() ? "" : "  ") + summary;
    if (line.empty()) return {};
    return fmt::format("  {}\n", style.width > 4 ? fitted(line, style.width - 2) : line);
}

std::string label_text(const std::vector<Label>& labels) {
    std::string text;
    for (const Label& label : labels)
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", label.key, label.value);
    return text;
}

std::string bytes_text(std::int64_t bytes) {
    static constexpr std::array kUnits = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    auto amount = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; amount >= 1024.0 && unit + 1 < kUnits.size(); ++unit)
        amount /= 1024.0;
    return unit == 0 ? fmt::format("{} bytes", bytes)
                     : fmt::format("{:.1f} {}", amount, kUnits.at(unit));
}

void add_work(Facts& facts, const Job& job) {
    facts.add("job_id", job.job_id.view());
    facts.add("kind", std::string_view{job.kind});
    if (!job.command.empty()) facts.add("command", std::string_view{command_text(job.command)});
    facts.add("directory", job.cwd);
    facts.add("target", job.target);
    if (!job.labels.empty()) facts.add("labels", std::string_view{label_text(job.labels)});
    facts.add("owner", std::string_view{job.owner});
    facts.add("session", job.session);
    if (job.queue != "default") facts.add("queue", std::string_view{job.queue});
    if (job.priority != 0) facts.add("priority", std::string_view{std::to_string(job.priority)});
    facts.add("key", job.key);
    for (const JobId& id : job.after)
        facts.add("after", id.view());
    for (const JobId& id : job.after_ended)
        facts.add("after ended", id.view());
}

void add_timeline(Facts& facts, const Job& job) {
    facts.add("created", std::optional{job.created_at});
    if (job.status == Status::queued) facts.add("not before", job.run_after);
    facts.add("started", job.started_at);
    facts.add("cancel requested", job.cancel_requested_at);
    facts.add("ended", job.ended_at);
    facts.add("kept until", job.expires_at);
    if (job.timeout) facts.add("timeout", std::string_view{span_text(*job.timeout)});
    if (job.attempt > 1 || job.max_attempts > 1) {
        facts.add(
            "attempt", std::string_view{fmt::format("{} of {}", job.attempt, job.max_attempts)});
    }
    if (job.worker && job.status == Status::running) {
        facts.add(
            "worker",
            std::string_view{fmt::format("{}, pid {}", job.worker->host, job.worker->pid)});
    }
}

void add_outcome(Facts& facts, const Job& job, const JobPageContext& context) {
    if (job.exit_code) facts.add("exit code", std::string_view{std::to_string(*job.exit_code)});
    facts.add("signal", job.signal);
    facts.add("result", job.result);
    if (!context.missing_output.empty()) {
        facts.add("output", std::string_view{context.missing_output});
    } else if (!context.log_path.empty() && job.log_bytes > 0) {
        facts.add(
            "output",
            std::string_view{fmt::format("{}  {}", bytes_text(job.log_bytes), context.log_path)});
    }
}

std::string reason_text(const Job& job) {
    std::string message = job.error ? printable(*job.error) : std::string{};
    std::string code = job.error_code
                           ? printable(*job.error_code)
                           : std::string{job.reason ? to_string(*job.reason) : std::string_view{}};
    if (message.empty()) return code;
    return code.empty() ? message : fmt::format("{} ({})", message, code);
}

/// A line of output as a terminal shows it. It keeps its end, where a program says what came of it.
std::string log_line_text(const std::string& line, const Style& style) {
    constexpr std::size_t kMargin = 5;
    const std::string shown = printable(terminal_text(repair_utf8(line)));
    return style.width > 2 * kMargin ? fitted_with_end(shown, style.width - kMargin) : shown;
}

std::string explanation_text(const Job& job, const JobPageContext& context) {
    const Style& style = context.style;
    std::string text;
    if (is_stale(job, context.now)) {
        text = fmt::format(
            "\n{} the lease expired {}\n", painted("No heartbeat:", Color::warning, style),
            time_text(*job.lease_until, context.now));
    }
    if (!context.pending_reasons.empty()) {
        text += fmt::format("\n{}\n", painted("Pending because:", Color::warning, style));
        for (const PendingReason& reason : context.pending_reasons)
            text += fmt::format("  {}\n", printable(reason.text));
    }
    if (job.status != Status::error && job.status != Status::cancelled) return text;
    const std::string why = reason_text(job);
    if (!why.empty()) {
        text += fmt::format("\n{} {}\n", painted("Why:", color_of(job.status), style), why);
    }
    if (job.status != Status::error || context.log_tail.empty()) return text;
    text += painted("Last lines of output:", Color::faint, style) + '\n';
    for (const std::string& line : context.log_tail)
        text += fmt::format("  | {}\n", log_line_text(line, style));
    return text;
}

std::vector<std::pair<std::string, std::string>> next_steps(
    const Job& job, const JobPageContext& context) {
    std::vector<std::pair<std::string, std::string>> steps;
    for (const PendingReason& reason : context.pending_reasons) {
        if (!reason.command.empty()) steps.emplace_back(reason.command, reason.effect);
    }
    if (is_stale(job, context.now)) steps.emplace_back("atlasjob gc", "reaps lost jobs");
    if (job.status == Status::queued && job.command.empty()) {
        steps.emplace_back(fmt::format("atlasjob start {}", job.seq), "marks it as started");
    }
    if (!is_terminal(job.status)) {
        steps.emplace_back(fmt::format("atlasjob cancel {}", job.seq), "cancels it");
    }
    if (job.status == Status::done && job.result) {
        steps.emplace_back(fmt::format("atlasjob status {} --json", job.seq), "prints the result");
    }
    if (!job.command.empty() && (job.status == Status::running || job.log_bytes > 0)) {
        const bool live = job.status == Status::running;
        steps.emplace_back(
            fmt::format("atlasjob logs {}{}", live ? "-f " : "", job.seq),
            live ? "follows its output" : "shows its output");
    }
    if (job.status == Status::error || job.status == Status::cancelled) {
        steps.emplace_back(fmt::format("atlasjob retry {}", job.seq), "runs it again");
    }
    return steps;
}

std::string next_text(const Job& job, const JobPageContext& context) {
    const auto steps = next_steps(job, context);
    if (steps.empty()) return {};
    Table table{{{""}, {""}}};
    for (const auto& [command, effect] : steps)
        table.add({{"  " + command}, {effect, Color::faint}});
    return fmt::format(
        "\n{}\n{}", painted("Next:", Color::strong, context.style), table.text(context.style));
}

}  // namespace

std::string title_of(const Job& job) {
    if (job.name) return printable(*job.name);
    if (!job.command.empty()) return command_text(job.command);
    return printable(job.kind);
}

std::string job_text(const Job& job, const JobPageContext& context) {
    std::string text = headline(job, context);
    if (job.status != Status::done) text += progress_line(job, context);
    Facts facts{context};
    add_work(facts, job);
    add_timeline(facts, job);
    add_outcome(facts, job, context);
    return text + '\n' + facts.text() + explanation_text(job, context) + next_text(job, context);
}

}  // namespace atlasjob::view

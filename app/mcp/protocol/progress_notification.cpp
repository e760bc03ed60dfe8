#include "mcp/protocol/progress_notification.h"

#include <fmt/format.h>

#include <cmath>

namespace atlasjob::mcp {

namespace {

std::string running_text(const Job& job) {
    std::string text;
    const auto add = [&](const std::string& part) {
        if (!text.empty() && !part.empty()) text += ' ';
        text += part;
    };
    const auto add_aside = [&](const std::string& part) {
        add(text.empty() ? part : fmt::format("({})", part));
    };
    add(job.phase.value_or(""));
    if (job.message) {
        add(*job.message);
    } else if (job.current && job.total) {
        add(fmt::format("{}/{}", *job.current, *job.total));
    }
    if (job.progress) add_aside(fmt::format("{:.0f} %", std::floor(*job.progress * 100)));
    if (job.cancel_requested_at) add_aside("being cancelled");
    return text;
}

std::string queued_text(const Job& job) {
    std::string text;
    if (job.attempt > 0) text = fmt::format("attempt {} of {}", job.attempt + 1, job.max_attempts);
    if (job.run_after) {
        text += text.empty() ? "" : " ";
        text += "not before " + format_time(*job.run_after);
    }
    return text;
}

std::string text_of(const Job& job) {
    if (job.status == Status::queued) return queued_text(job);
    if (job.status == Status::running) return running_text(job);
    return job.error.value_or("");
}

}  // namespace

std::string progress_line(const Job& job) {
    const std::string text = text_of(job);
    if (text.empty()) return std::string{to_string(job.status)};
    return fmt::format("{}: {}", to_string(job.status), text);
}

}  // namespace atlasjob::mcp

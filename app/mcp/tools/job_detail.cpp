#include "mcp/tools/job_detail.h"

#include "base/error.h"
#include "mcp/jobs/shown_job.h"
#include "mcp/jobs/shown_output.h"
#include "view/job_json.h"

#include <algorithm>
#include <array>

namespace atlasjob::mcp {

namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

constexpr std::size_t kTailLines = 20;
constexpr std::size_t kTailText = 8192;

/// A job unchanged for less than `age` is polled again after `interval`.
struct PollInterval {
    milliseconds age;
    seconds interval;
};
constexpr std::array kPollIntervals = {
    PollInterval{15s, 2s}, PollInterval{60s, 5s}, PollInterval{10min, 10s}};
constexpr seconds kMaxInterval = 30s;
constexpr seconds kMaxDelay = 60s;

seconds interval_for(milliseconds age) {
    const auto* const found = std::ranges::find_if(
        kPollIntervals, [&](const PollInterval& row) { return age < row.age; });
    return found == kPollIntervals.end() ? kMaxInterval : found->interval;
}

std::optional<std::string> log_tail(LogStore& logs, const Job& job) {
    if (job.status != Status::error) return {};
    const LogSource source{job.job_id, std::max(job.attempt, 1), {}, true};
    return shown_tail(logs, source, {kTailLines, kTailText}).text;
}

void add_output(view::JsonObject& object, const ToolContext& context, const Job& job) {
    std::optional<std::string> tail;
    std::string missing;
    try {
        LogStore& logs = context.ledger.logs();
        tail = log_tail(logs, job);
        if (tail) missing = missing_text(logs, job);
    } catch (const Error&) {
        tail.reset();  // The rest of the job is still shown; get_job_output reports the error.
    }
    object.text("log_tail", tail);
    if (!missing.empty()) object.text("output_missing", missing);
}

}  // namespace

int next_poll_seconds(const Job& job, Time now) {
    // For a running job counts from its start: reports change updated_at at any time.
    const Time since =
        job.status == Status::running ? job.started_at.value_or(job.updated_at) : job.updated_at;
    seconds interval = interval_for(now - since);
    if (job.status == Status::queued && job.run_after && *job.run_after > now) {
        const auto due = std::chrono::ceil<seconds>(*job.run_after - now);
        interval = std::max(interval, std::min(due, kMaxDelay));
    }
    return static_cast<int>(interval.count());
}

void add_polling(view::JsonObject& object, const Job& job, Time now) {
    object.flag("continue_polling", !is_terminal(job.status));
    object.integer("next_poll_seconds", next_poll_seconds(job, now));
}

void add_job_detail(view::JsonObject& object, const ToolContext& context, const Job& job) {
    const ShownJob shown{job, kMaxValue};
    view::add_job(object, shown.job(), context.clock.now());
    shown.add_omissions(object, context.contract.job_uri);
    add_output(object, context, job);
}

std::string job_detail_json(const ToolContext& context, const Job& job) {
    std::string out;
    {
        view::JsonObject object{out};
        add_job_detail(object, context, job);
        add_polling(object, job, context.clock.now());
    }
    return out;
}

ToolResult show_ended_job(const ToolContext& context, const Job& job) {
    return {
        .text = job_detail_json(context, job),
        .structured = true,
        .is_error = job.status == Status::error};
}

}  // namespace atlasjob::mcp

#include "mcp/tools/job_detail.h"

#include "base/error.h"
#include "logs/log_page.h"
#include "view/job_json.h"

#include <algorithm>
#include <array>

namespace atlasjob::mcp {

namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

constexpr std::size_t kTailLines = 20;
constexpr std::size_t kTailBytes = 8192;

/// What has been so for less than `age` is asked about again after `pause`.
struct Timings {
    milliseconds age;
    seconds pause;
};
constexpr std::array kPaces = {Timings{15s, 2s}, Timings{60s, 5s}, Timings{10min, 10s}};
constexpr seconds kSlowest = 30s;
constexpr seconds kMaxPause = 60s;

seconds pace_for(milliseconds age) {
    const auto* const row =
        std::ranges::find_if(kPaces, [&](const Timings& p) { return age < p.age; });
    return row == kPaces.end() ? kSlowest : row->pause;
}

std::optional<std::string> log_tail(const ToolContext& context, const Job& job) {
    if (job.status != Status::error) return {};
    const LogSource source{
        context.ledger.location().logs_root, job.job_id, std::max(job.attempt, 1), {}, true};
    try {
        return read_log_tail(source, kTailLines, kTailBytes).text;
    } catch (const Error&) {
        return {};  // Output that cannot be read hides nothing else; get_job_output says why.
    }
}

}  // namespace

int next_poll_seconds(const Job& job, Time now) {
    // Reports come at any time and say nothing of how long it will take.
    const Time since =
        job.status == Status::running ? job.started_at.value_or(job.updated_at) : job.updated_at;
    seconds pause = pace_for(now - since);
    if (job.status == Status::queued && job.run_after && *job.run_after > now) {
        const auto due = std::chrono::ceil<seconds>(*job.run_after - now);
        pause = std::max(pause, std::min(due, kMaxPause));
    }
    return static_cast<int>(pause.count());
}

void add_polling(view::JsonObject& object, const Job& job, Time now) {
    object.flag("continue_polling", !is_terminal(job.status));
    object.integer("next_poll_seconds", next_poll_seconds(job, now));
}

void add_whole_job(view::JsonObject& object, const ToolContext& context, const Job& job) {
    view::add_job(object, job, context.clock.now());
    object.text("log_tail", log_tail(context, job));
}

std::string whole_job_json(const ToolContext& context, const Job& job) {
    std::string out;
    {
        view::JsonObject object{out};
        add_whole_job(object, context, job);
        add_polling(object, job, context.clock.now());
    }
    return out;
}

ToolResult show_ended_job(const ToolContext& context, const Job& job) {
    return {
        .text = whole_job_json(context, job),
        .structured = true,
        .is_error = job.status == Status::error};
}

}  // namespace atlasjob::mcp

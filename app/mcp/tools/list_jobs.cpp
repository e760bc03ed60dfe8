#include "base/duration.h"
#include "mcp/contracts/contract.h"
#include "mcp/tools/schema.h"
#include "mcp/tools/tools.h"
#include "view/cursor.h"
#include "view/job_json.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;
using view::JsonObject;

constexpr int kDefaultLimit = 20;
/// A page ends before it gets longer, so that clients can take it.
constexpr std::size_t kMaxPage = 1024UL * 1024;
/// What a job's result or target may take in a list; get_job shows it whole.
constexpr std::size_t kMaxPart = 16384;

constexpr std::string_view kDescription =
    R"(Lists your own background jobs, newest first, each with all its members (as get_job shows them, without log_tail). Read-only and instant.
WHEN TO USE: you do not have a job_id: after a restart or a lost conversation, to see what is queued or running, what failed lately, or which jobs a session or project started (label "session=<id>", "project=<directory>"). WHEN NOT: for one job whose job_id you have use get_job_status, get_job or wait_for_job; for numbers alone use get_job_statistics.
ARGUMENTS, all optional, all must match: status (one or more of queued, running, done, error, cancelled), kind, label ("KEY=VALUE", or several as an array or an object), since (created then or later: an RFC 3339 time, or a duration such as 30m, 2h or 7d for so long ago), limit (1-100, default 20), cursor.
PAGES: next_cursor is null on the last page; else call again with the same filters and cursor set to it. A page may hold fewer jobs than limit when they are long. total counts all pages. A result or target over 16 KiB is shown as {"omitted_bytes": N}: get_job has it whole.
POLLING: not with this tool. Follow a job with wait_for_job, or get_job_status every few seconds.
RELATED: submit_job, actions, or `atlasjob submit` in a shell start jobs; cancel_job ends one, retry_job runs an ended one again (where this server lists them).
ERROR MODES: {"error": "authentication_missing"} in a normal result (the server acts for nobody). With isError true: arguments that do not fit, a cursor that this tool did not give out, or a ledger that cannot be read now, which says nothing about the jobs.
RETENTION: done and cancelled jobs are kept 7 days, failed ones 30, unless their owner chose otherwise; older ones are gone.)";

constexpr std::string_view kInputSchema = R"({"type": "object", "properties": {
    "status": {"type": "array", "items": {"type": "string", "enum": ["queued", "running", "done", "error", "cancelled"]}, "description": "Only jobs in one of these"},
    "kind": {"type": "string", "description": "Only jobs of this kind"},
    "label": {"type": ["string", "array", "object"], "items": {"type": "string"}, "additionalProperties": {"type": "string"}, "description": "Only jobs with this label: KEY=VALUE; several as an array of such texts or as an object"},
    "since": {"type": "string", "description": "Created then or later: 2026-11-22T12:00:00Z, or 2h for so long ago"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
    "cursor": {"type": "string", "description": "next_cursor of the page before"}
}, "additionalProperties": false})";

constexpr std::string_view kJobsStart =
    R"("jobs": {"type": "array", "items": {"type": "object", "properties": {)";
constexpr std::string_view kJobsMiddle = R"(}, "required": [)";
constexpr std::string_view kJobsEnd = R"(], "additionalProperties": false}},
    "next_cursor": {"type": ["string", "null"]},
    "total": {"type": "integer", "description": "Of all pages"})";
constexpr std::string_view kMembers =
    Joined<kJobsStart, kJobMembers, kJobsMiddle, kJobNames, kJobsEnd>::kText;
constexpr std::string_view kNames = R"("jobs", "next_cursor", "total")";

Label label_of(const std::string& text) {
    const std::size_t sign = text.find('=');
    if (sign != std::string::npos) return {text.substr(0, sign), text.substr(sign + 1)};
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("label is {}; it must be KEY=VALUE", json(text).dump()));
}

std::vector<Label> labels_of(const json& given) {
    std::vector<Label> labels;
    if (given.is_string()) return {label_of(given)};
    for (const auto& [key, value] : given.items()) {
        const auto& text = value.get_ref<const std::string&>();
        labels.push_back(given.is_object() ? Label{key, text} : label_of(text));
    }
    return labels;
}

Time since_of(const std::string& text, Time now) {
    if (const auto time = parse_time(text)) return *time;
    if (const auto ago = parse_duration(text)) return now - *ago;
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format(
            "since is {}; it must be a time such as 2026-11-22T12:00:00Z, or a duration such as "
            "2h for so long ago",
            json(text).dump()));
}

/// Throws Error(invalid_argument) that reads as the check of the arguments does.
ListQuery query_of(const ToolContext& context, const json& arguments) {
    ListQuery query;
    query.owners = {context.principal->name};
    query.limit = arguments.value("limit", kDefaultLimit);
    for (const json& word : arguments.value("status", json::array()))
        query.statuses.push_back(*parse_status(word.get_ref<const std::string&>()));
    if (arguments.contains("kind")) query.kinds = {arguments.at("kind").get<std::string>()};
    if (arguments.contains("label")) query.labels = labels_of(arguments.at("label"));
    if (arguments.contains("since"))
        query.since = since_of(arguments.at("since"), context.clock.now());
    const std::string cursor = arguments.value("cursor", "");
    if (!cursor.empty() && !view::apply_cursor(cursor, query)) {
        throw Error(
            ErrorCode::invalid_argument,
            "cursor is not one that this tool gave out; it must be next_cursor of the page before");
    }
    return query;
}

void shorten(std::optional<std::string>& part) {
    if (part && part->size() > kMaxPart)
        part = fmt::format(R"({{"omitted_bytes":{}}})", part->size());
}

/// Appends as many of the page's jobs as it may hold, and lets it go on after them.
void append_jobs(std::string& out, JobPage& page, Time now) {
    std::size_t shown = 0;
    out += '[';
    for (Job& job : page.jobs) {
        std::string text;
        shorten(job.result);
        shorten(job.target);
        view::append_job_json(text, job, now);
        if (shown > 0 && out.size() + text.size() > kMaxPage) break;
        if (shown > 0) out += ',';
        out += text;
        ++shown;
    }
    out += ']';
    if (shown < page.jobs.size()) page.next_seq = page.jobs[shown - 1].seq;
}

ToolAnswer list_jobs(const ToolContext& context, const Tool& tool, const json& arguments) {
    if (!context.principal) return context.contract.refuse(context, {.why = Refusal::no_principal});
    ListQuery query;
    try {
        query = query_of(context, arguments);
    } catch (const Error& error) {
        return context.contract.bad_arguments(context, {tool, arguments, error.message()});
    }
    JobPage page =
        context.ledger.read([&](Store& store) { return store.list(query, *context.principal); });
    ToolResult result;
    {
        JsonObject object{result.text};
        append_jobs(object.member("jobs"), page, context.clock.now());
        object.text("next_cursor", view::format_cursor(page));
        object.integer("total", page.total);
    }
    result.structured = true;
    return result;
}

}  // namespace

constinit const Tool kListJobs = {
    .name = "list_jobs",
    .title = "List your jobs",
    .description = kDescription,
    .input_schema = kInputSchema,
    .output_schema = kAnswerSchema<kMembers, kNames>,
    .hints = {.read_only = true, .destructive = false, .idempotent = true, .open_world = false},
    .call = list_jobs,
};

}  // namespace atlasjob::mcp

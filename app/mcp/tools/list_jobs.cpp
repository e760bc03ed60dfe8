#include "base/duration.h"
#include "base/time_text.h"
#include "mcp/contracts/contract.h"
#include "mcp/jobs/shown_job.h"
#include "mcp/tools/bound.h"
#include "mcp/tools/schema.h"
#include "mcp/tools/tools.h"
#include "view/cursor.h"
#include "view/job_json.h"

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

using view::JsonObject;

/// The longest page in bytes, so that clients can accept it.
constexpr std::size_t kMaxPage = 1024UL * 1024;
/// The longest result, target or command in a list, in bytes.
constexpr std::size_t kMaxPart = 16384;

constexpr std::string_view kDescription =
    R"(Lists your background jobs, newest first, each as get_job returns it but without log_tail. Read-only and instant.
WHEN TO USE: you have no job_id, or want to see which jobs are queued, running or failed. WHEN NOT: for one job use get_job_status, get_job or wait_for_job; for counts get_job_statistics.
All arguments are optional filters. If next_cursor is not null, repeat the call with it as cursor. A result or target over 16 KiB becomes {"omitted_bytes": N}.)";

constexpr std::string_view kInputSchema = R"({"type": "object", "properties": {
    "status": {"type": "array", "items": {"type": "string", "enum": ["queued", "running", "done", "error", "cancelled"]}, "description": "Any of these"},
    "kind": {"type": "string"},
    "label": {"type": ["string", "array", "object"], "items": {"type": "string"}, "additionalProperties": {"type": "string"}, "description": "KEY=VALUE, or several that all apply, e.g. \"project=<directory>\""},
    "session": {"type": "string", "description": "Only of this conversation"},
    "since": {"type": "string", "description": "Created since then: 2026-11-22T12:00:00Z, or 2h for two hours ago"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
    "cursor": {"type": "string", "description": "next_cursor of the previous page"}
}, "additionalProperties": false})";

struct ListJobsArgs {
    std::vector<std::string> status;
    std::optional<std::string> kind;
    TextsOrPairs label;
    std::optional<std::string> session;
    std::optional<std::string> since;
    int limit = 20;
    std::string cursor;

    template <class Argument>
    void each(Argument& argument) {
        argument("status", status);
        argument("kind", kind);
        argument("label", label);
        argument("session", session);
        argument("since", since);
        argument("limit", limit);
        argument("cursor", cursor);
    }
};

constexpr std::string_view kJobsStart =
    R"("jobs": {"type": "array", "items": {"type": "object", "properties": {)";
constexpr std::string_view kJobsEnd = R"(}, "required": ["job_id", "status"]}},
    "next_cursor": {"type": ["string", "null"]},
    "total": {"type": "integer", "description": "On all pages"})";
constexpr std::string_view kMembers =
    Joined<kJobsStart, kJobIdMember, kComma, kStatusMember, kJobsEnd>::kText;
constexpr std::string_view kNames = R"("jobs", "next_cursor", "total")";

Label label_of(const std::string& text) {
    const std::size_t sign = text.find('=');
    if (sign != std::string::npos) return {text.substr(0, sign), text.substr(sign + 1)};
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("label is {}; it must be KEY=VALUE", quoted_json(text)));
}

std::vector<Label> labels_of(const TextsOrPairs& given) {
    std::vector<Label> labels;
    for (const std::string& text : given.texts)
        labels.push_back(label_of(text));
    for (const auto& [key, value] : given.pairs)
        labels.push_back({key, value});
    return labels;
}

Time since_of(const std::string& text, Time now) {
    if (const auto time = TimeText::parse(text)) return time->resolve(now, TimeText::Side::past);
    if (const auto ago = parse_duration(text)) return now - *ago;
    throw Error(
        ErrorCode::invalid_argument, fmt::format(
                                         "since is {}; it must be a time such as "
                                         "2026-11-22T12:00:00Z, 18:00 or yesterday, a date, "
                                         "or a duration such as 2h",
                                         quoted_json(text)));
}

/// Throws Error(invalid_argument), worded like the errors of the argument check.
ListQuery query_of(const ToolContext& context, const ListJobsArgs& args) {
    ListQuery query;
    query.filter.owners = {context.principal->name};
    query.limit = args.limit;
    for (const std::string& word : args.status)
        query.filter.statuses.push_back(*parse_status(word));
    if (args.kind) query.filter.kinds = {*args.kind};
    query.filter.labels = labels_of(args.label);
    if (args.session) query.filter.sessions = {*args.session};
    if (args.since) query.filter.since = since_of(*args.since, context.clock.now());
    if (!args.cursor.empty() && !view::apply_cursor(args.cursor, query)) {
        throw Error(
            ErrorCode::invalid_argument,
            "cursor is invalid; it must be next_cursor of the previous page");
    }
    return query;
}

/// Appends the page's jobs up to kMaxPage, and makes the next page start with the first one left
/// out.
void append_jobs(std::string& out, JobPage& page, Time now) {
    std::size_t shown = 0;
    out += '[';
    for (const Job& job : page.jobs) {
        std::string text;
        const ShownJob listed{job, kMaxPart, ShownJob::Instead::omitted_bytes};
        view::append_job_json(text, listed.job(), now);
        if (shown > 0 && out.size() + text.size() > kMaxPage) break;
        if (shown > 0) out += ',';
        out += text;
        ++shown;
    }
    out += ']';
    if (shown < page.jobs.size()) page.next_seq = page.jobs[shown - 1].seq;
}

ToolAnswer list_jobs(const ToolContext& context, const ListJobsArgs& args) {
    if (!context.principal) return context.contract.refuse(context, {.why = Refusal::no_principal});
    ListQuery query;
    try {
        query = query_of(context, args);
    } catch (const Error& error) {
        return InvalidArguments{error.message()};
    }
    JobPage page = context.ledger.read_or(
        JobPage{}, [&](Store& store) { return store.list(query, *context.principal); });
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
    .function = kBound<list_jobs>,
};

}  // namespace atlasjob::mcp

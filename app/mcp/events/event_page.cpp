#include "mcp/events/event_page.h"

#include "mcp/contracts/contract.h"
#include "mcp/jobs/job_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace atlasjob::mcp {

namespace {

/// More running jobs than any machine has.
constexpr int kMaxRunning = 10'000;

std::optional<std::int64_t> parse_number(std::string_view text) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    const bool is_number = error == std::errc{} && stop == end && number >= 0;
    return is_number ? std::optional{number} : std::nullopt;
}

Principal own(const ToolContext& context) {
    return {context.principal->name, false};
}

// --- Types that are in the history

EventQuery query_of(const EventSubscription& subscription, std::int64_t after_seq, int limit) {
    EventQuery query;
    query.after_seq = after_seq;
    query.job_id = subscription.job_id;
    query.limit = limit;
    query.types = subscription.type.types;
    query.to = subscription.type.to;
    query.kind = subscription.kind;
    return query;
}

/// Limits the query to events that are not too old; returns whether that leaves out any.
bool limit_age(Store& store, EventQuery& query, const Principal& principal, milliseconds max_age) {
    const Time since = store.read_clock().time - max_age;
    EventQuery oldest = query;
    oldest.limit = 1;
    const std::vector<Event> first = store.events_since(oldest, principal);
    query.since = since;
    return !first.empty() && first.front().at < since;
}

/// nullopt if the job was deleted in between.
std::optional<Occurrence> occurrence_of(
    Store& store, const ToolContext& context, const EventType& type, const Event& event) {
    const auto id = JobId::parse(event.job_id);
    if (!id) return {};
    auto job = store.get(JobRef::of(*id), own(context), Detail::summary);
    const bool is_earlier_end =
        job && is_terminal(event.to) && (job->status != event.to || job->updated_at != event.at);
    if (is_earlier_end) job = job_after(store, *id, own(context), event);
    if (!job) return {};
    return Occurrence{
        fmt::format("e{}", event.seq), event.at,
        event_data(type, *job, &event, context.contract.job_uri), std::to_string(event.seq)};
}

EventPage read_history(
    Store& store,
    const ToolContext& context,
    const EventSubscription& subscription,
    const std::optional<std::string>& cursor,
    int max_events) {
    const Principal principal = own(context);
    const auto given = cursor ? parse_number(*cursor) : std::nullopt;
    // Read before the events: every event up to it is in the page, or in the next one.
    const EventPosition position = store.event_position(given.value_or(0), principal);
    EventPage page;
    page.cursor = std::to_string(position.last_seq);
    page.truncated = cursor && (!given || position.has_gap);
    if (!given || *given > position.last_seq) return page;
    EventQuery query = query_of(subscription, *given, max_events + 1);
    if (subscription.max_age)
        page.truncated |= limit_age(store, query, principal, *subscription.max_age);
    std::vector<Event> events = store.events_since(query, principal);
    page.has_more = events.size() > static_cast<std::size_t>(max_events);
    if (page.has_more) events.pop_back();
    for (const Event& event : events)
        if (auto occurrence = occurrence_of(store, context, subscription.type, event))
            page.occurrences.push_back(std::move(*occurrence));
    if (events.empty()) return page;
    const std::int64_t last = events.back().seq;
    page.cursor = std::to_string(page.has_more ? last : std::max(last, position.last_seq));
    return page;
}

// --- Progress

std::string cursor_of(Time at) {
    return fmt::format("t{}", to_ms(at));
}

std::optional<Time> parse_time_cursor(std::string_view text) {
    if (!text.starts_with('t')) return {};
    const auto ms = parse_number(text.substr(1));
    return ms ? std::optional{from_ms(*ms)} : std::nullopt;
}

bool has_progress(const Job& job) {
    return job.progress || job.phase || job.message || job.current;
}

/// The running jobs that have changed since and reported anything, in that order.
std::vector<Job> reported_since(
    Store& store, const ToolContext& context, const EventSubscription& subscription, Time since) {
    ListQuery query;
    query.filter.statuses = {Status::running};
    query.filter.owners = {context.principal->name};
    if (subscription.kind) query.filter.kinds = {*subscription.kind};
    query.limit = kMaxRunning;
    std::vector<Job> jobs = store.list(query, own(context)).jobs;
    std::erase_if(jobs, [&](const Job& job) {
        const bool is_meant = !subscription.job_id || job.job_id == *subscription.job_id;
        return !is_meant || job.updated_at <= since || !has_progress(job);
    });
    std::ranges::sort(jobs, {}, [](const Job& job) { return std::pair{job.updated_at, job.seq}; });
    return jobs;
}

/// How many of the jobs to deliver: at most `max_events`, and all that changed in the same
/// millisecond as the last of them, for the cursor has no finer position.
std::size_t length_of_page(const std::vector<Job>& jobs, std::size_t max_events) {
    if (jobs.size() <= max_events) return jobs.size();
    std::size_t length = max_events;
    while (length < jobs.size() && jobs[length].updated_at == jobs[length - 1].updated_at)
        ++length;
    return length;
}

EventPage read_progress(
    Store& store,
    const ToolContext& context,
    const EventSubscription& subscription,
    const std::optional<std::string>& cursor,
    int max_events) {
    const Time now = store.read_clock().time;
    const auto given = cursor ? parse_time_cursor(*cursor) : std::nullopt;
    EventPage page;
    page.cursor = cursor_of(given.value_or(now));
    page.truncated = cursor && !given;
    if (!given) return page;
    Time since = *given;
    if (subscription.max_age) since = std::max(since, now - *subscription.max_age);
    const std::vector<Job> jobs = reported_since(store, context, subscription, since);
    const std::size_t length = length_of_page(jobs, static_cast<std::size_t>(max_events));
    for (const Job& job : std::span{jobs}.first(length))
        page.occurrences.push_back(
            {fmt::format("{}.{}", job.job_id.view(), job.rev), job.updated_at,
             event_data(subscription.type, job, nullptr, context.contract.job_uri),
             cursor_of(job.updated_at)});
    page.has_more = length < jobs.size();
    if (length > 0) page.cursor = page.occurrences.back().cursor;
    return page;
}

}  // namespace

EventPage read_events(
    const ToolContext& context,
    const EventSubscription& subscription,
    const std::optional<std::string>& cursor,
    int max_events) {
    const bool in_history = subscription.type.is_in_history();
    EventPage none;
    none.cursor = cursor.value_or(in_history ? "0" : cursor_of(context.clock.now()));
    return context.ledger.read_or(none, [&](Store& store) {
        return in_history ? read_history(store, context, subscription, cursor, max_events)
                          : read_progress(store, context, subscription, cursor, max_events);
    });
}

}  // namespace atlasjob::mcp

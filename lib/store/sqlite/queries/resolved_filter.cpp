#include "store/sqlite/queries/resolved_filter.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kSum = R"sql(
    SELECT coalesce(sum(jobs), 0) AS jobs
    FROM {}
    {}
)sql";

template <class Range, class Value>
bool contains(const Range& range, const Value& value) {
    return std::ranges::find(range, value) != range.end();
}

std::vector<std::string> words_of(const std::vector<Status>& statuses) {
    std::vector<std::string> words;
    words.reserve(statuses.size());
    for (const Status status : statuses)
        words.emplace_back(to_string(status));
    return words;
}

void make_unique_words(std::vector<std::string>& words) {
    std::ranges::sort(words);
    // clang 14 rejects the return type of std::ranges::unique.
    words.erase(std::unique(words.begin(), words.end()), words.end());
}

/// Sums the rows of a table of counters that meet `conditions`.
std::int64_t sum(Connection& connection, const char* table, const Conditions& conditions) {
    Query query{connection, connection.intern(fmt::format(kSum, table, conditions.where()))};
    conditions.bind_to(query);
    return query.step() ? query.integer("jobs") : 0;
}

}  // namespace

std::optional<ResolvedFilter> resolve_filter(
    Connection& connection,
    const JobFilter& filter,
    const Principal& principal,
    std::int64_t wanted) {
    ResolvedFilter resolved{filter, wanted};
    auto& owners = resolved.filter.owners;
    if (!principal.admin) {
        if (!owners.empty() && !contains(owners, principal.name)) return {};
        owners = {principal.name};
    }
    const std::vector<std::string> all = load_owners(connection);
    if (owners.empty()) owners = all;
    // Each owner and each session has an access path of its own, and no job may be found twice.
    make_unique_words(owners);
    make_unique_words(resolved.filter.sessions);
    resolved.all_owners =
        std::ranges::all_of(all, [&](const auto& owner) { return contains(owners, owner); });
    return resolved;
}

bool limits_statuses(const ResolvedFilter& resolved) {
    const auto& statuses = resolved.filter.statuses;
    return !statuses.empty()
           && std::ranges::any_of(kStatuses, [&](Status s) { return !contains(statuses, s); });
}

ResolvedFilter of_other_statuses(ResolvedFilter resolved) {
    const std::vector<Status> statuses = std::move(resolved.filter.statuses);
    resolved.filter.statuses.clear();
    for (const Status status : kStatuses) {
        if (!contains(statuses, status)) resolved.filter.statuses.push_back(status);
    }
    return resolved;
}

Conditions job_conditions(const ResolvedFilter& resolved) {
    const JobFilter& filter = resolved.filter;
    Conditions conditions;
    if (!resolved.all_owners) conditions.add_any_of("j.owner", filter.owners);
    if (limits_statuses(resolved)) conditions.add_any_of("j.status", words_of(filter.statuses));
    conditions.add_any_of("j.kind", filter.kinds);
    conditions.add_any_of("j.queue", filter.queues);
    conditions.add_any_of("j.session", filter.sessions);
    if (filter.since)
        conditions.add("j.created_at >= " + conditions.parameter(to_ms(*filter.since)));
    if (filter.until)
        conditions.add("j.created_at < " + conditions.parameter(to_ms(*filter.until)));
    conditions.add_none_of("j.kind", resolved.not_kinds);
    return conditions;
}

std::int64_t count_without_labels(Connection& connection, const ResolvedFilter& resolved) {
    Conditions conditions;
    conditions.add_any_of("owner", resolved.filter.owners);
    conditions.add_any_of("kind", resolved.filter.kinds);
    conditions.add_any_of("queue", resolved.filter.queues);
    conditions.add_any_of("status", words_of(resolved.filter.statuses));
    return sum(connection, "counters", conditions);
}

std::int64_t count_labelled(
    Connection& connection, const ResolvedFilter& resolved, const Label& label) {
    Conditions conditions;
    conditions.add("key = " + conditions.parameter(label.key));
    conditions.add("value = " + conditions.parameter(label.value));
    conditions.add_any_of("owner", resolved.filter.owners);
    return sum(connection, "label_counters", conditions);
}

std::string Conditions::parameter(Value value) {
    values_.push_back(std::move(value));
    return fmt::format(":value{}", values_.size());
}

std::string Conditions::parameters(const std::vector<std::string>& words) {
    std::vector<std::string> parameters;
    parameters.reserve(words.size());
    for (const std::string& word : words)
        parameters.push_back(parameter(word));
    return fmt::format("{}", fmt::join(parameters, ", "));
}

void Conditions::add_any_of(std::string_view column, const std::vector<std::string>& words) {
    if (!words.empty()) add(fmt::format("{} IN ({})", column, parameters(words)));
}

void Conditions::add_none_of(std::string_view column, const std::vector<std::string>& words) {
    if (!words.empty()) add(fmt::format("{} NOT IN ({})", column, parameters(words)));
}

std::string Conditions::where() const {
    if (empty()) return {};
    return fmt::format("WHERE {}", fmt::join(conditions_, "\n      AND "));
}

void Conditions::bind_to(Query& query) const {
    int number = 0;
    for (const Value& value : values_) {
        const std::string name = fmt::format("value{}", ++number);
        std::visit([&](const auto& bound) { query.bind(name, bound); }, value);
    }
}

}  // namespace atlasjob::sqlite

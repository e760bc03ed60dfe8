#include "store/sqlite/wanted.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::sqlite {

namespace {

template <class Range, class Value>
bool contains(const Range& range, const Value& value) {
    return std::ranges::find(range, value) != range.end();
}

/// The sum of a table of counters, as far as `conditions` go.
std::int64_t sum(Connection& connection, const char* table, const Conditions& conditions) {
    Query query{
        connection, connection.intern(fmt::format(
                        "SELECT coalesce(sum(jobs), 0) FROM {}{}", table, conditions.text()))};
    conditions.bind_to(query);
    return query.step() ? query.integer(0) : 0;
}

}  // namespace

std::optional<Wanted> wanted_of(
    Connection& connection, const ListQuery& query, const Principal& principal) {
    Wanted wanted{query};
    auto& owners = wanted.query.owners;
    if (!principal.admin) {
        if (!owners.empty() && !contains(owners, principal.name)) return {};
        owners = {principal.name};
    }
    const std::vector<std::string> all = load_owners(connection);
    if (owners.empty()) owners = all;
    wanted.all_owners =
        std::ranges::all_of(all, [&](const auto& owner) { return contains(owners, owner); });
    return wanted;
}

bool limits_statuses(const Wanted& wanted) {
    const auto& statuses = wanted.query.statuses;
    return !statuses.empty()
           && std::ranges::any_of(kStatuses, [&](Status s) { return !contains(statuses, s); });
}

Wanted of_other_statuses(Wanted wanted) {
    const std::vector<Status> statuses = std::move(wanted.query.statuses);
    wanted.query.statuses.clear();
    for (const Status status : kStatuses) {
        if (!contains(statuses, status)) wanted.query.statuses.push_back(status);
    }
    return wanted;
}

Conditions job_conditions(const Wanted& wanted) {
    ListQuery query = wanted.query;
    query.labels.clear();
    query.search.reset();
    if (wanted.all_owners) query.owners.clear();
    if (!limits_statuses(wanted)) query.statuses.clear();
    Conditions conditions = conditions_of(query, Principal{{}, true});
    conditions.add_none_of("j.kind", wanted.not_kinds);
    return conditions;
}

std::int64_t count_without_labels(Connection& connection, const Wanted& wanted) {
    Conditions conditions;
    conditions.add_any_of("owner", wanted.query.owners);
    conditions.add_any_of("kind", wanted.query.kinds);
    conditions.add_any_of("queue", wanted.query.queues);
    std::vector<std::string> statuses;
    for (const Status status : wanted.query.statuses)
        statuses.emplace_back(to_string(status));
    conditions.add_any_of("status", statuses);
    return sum(connection, "counters", conditions);
}

std::int64_t count_labelled(Connection& connection, const Wanted& wanted, const Label& label) {
    Conditions conditions;
    conditions.add("key = ? AND value = ?", {label.key, label.value});
    conditions.add_any_of("owner", wanted.query.owners);
    return sum(connection, "label_counters", conditions);
}

}  // namespace atlasjob::sqlite

#include "store/sqlite/queries/resolved_query.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::sqlite {

namespace {

template <class Range, class Value>
bool contains(const Range& range, const Value& value) {
    return std::ranges::find(range, value) != range.end();
}

/// Sums the rows of a table of counters that meet `conditions`.
std::int64_t sum(Connection& connection, const char* table, const Conditions& conditions) {
    Query query{
        connection, connection.intern(fmt::format(
                        "SELECT coalesce(sum(jobs), 0) FROM {}{}", table, conditions.text()))};
    conditions.bind_to(query);
    return query.step() ? query.integer(0) : 0;
}

}  // namespace

std::optional<ResolvedQuery> resolve_query(
    Connection& connection, const ListQuery& query, const Principal& principal) {
    ResolvedQuery resolved{query};
    auto& owners = resolved.query.owners;
    if (!principal.admin) {
        if (!owners.empty() && !contains(owners, principal.name)) return {};
        owners = {principal.name};
    }
    const std::vector<std::string> all = load_owners(connection);
    if (owners.empty()) owners = all;
    resolved.all_owners =
        std::ranges::all_of(all, [&](const auto& owner) { return contains(owners, owner); });
    return resolved;
}

bool limits_statuses(const ResolvedQuery& resolved) {
    const auto& statuses = resolved.query.statuses;
    return !statuses.empty()
           && std::ranges::any_of(kStatuses, [&](Status s) { return !contains(statuses, s); });
}

ResolvedQuery of_other_statuses(ResolvedQuery resolved) {
    const std::vector<Status> statuses = std::move(resolved.query.statuses);
    resolved.query.statuses.clear();
    for (const Status status : kStatuses) {
        if (!contains(statuses, status)) resolved.query.statuses.push_back(status);
    }
    return resolved;
}

Conditions job_conditions(const ResolvedQuery& resolved) {
    ListQuery query = resolved.query;
    query.labels.clear();
    query.search.reset();
    if (resolved.all_owners) query.owners.clear();
    if (!limits_statuses(resolved)) query.statuses.clear();
    Conditions conditions = conditions_of(query, Principal{{}, true});
    conditions.add_none_of("j.kind", resolved.not_kinds);
    return conditions;
}

std::int64_t count_without_labels(Connection& connection, const ResolvedQuery& resolved) {
    Conditions conditions;
    conditions.add_any_of("owner", resolved.query.owners);
    conditions.add_any_of("kind", resolved.query.kinds);
    conditions.add_any_of("queue", resolved.query.queues);
    std::vector<std::string> statuses;
    for (const Status status : resolved.query.statuses)
        statuses.emplace_back(to_string(status));
    conditions.add_any_of("status", statuses);
    return sum(connection, "counters", conditions);
}

std::int64_t count_labelled(
    Connection& connection, const ResolvedQuery& resolved, const Label& label) {
    Conditions conditions;
    conditions.add("key = ? AND value = ?", {label.key, label.value});
    conditions.add_any_of("owner", resolved.query.owners);
    return sum(connection, "label_counters", conditions);
}

namespace {

/// A pattern for LIKE … ESCAPE '\' that matches any text containing `text`.
std::string like_pattern(std::string_view text) {
    std::string pattern = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern + "%";
}

void add_search(Conditions& conditions, const std::string& text) {
    // Stored arguments end with NUL; a search for "make -j8" must find them, too.
    std::string words = text;
    std::ranges::replace(words, ' ', '\0');
    const std::string pattern = like_pattern(text);
    conditions.add(
        "(j.name LIKE ? ESCAPE '\\' OR j.kind LIKE ? ESCAPE '\\' OR j.message LIKE ? ESCAPE '\\' "
        "OR j.error LIKE ? ESCAPE '\\' OR EXISTS (SELECT 1 FROM job_specs s WHERE s.job_seq = "
        "j.seq "
        "AND (instr(s.argv, CAST(? AS BLOB)) > 0 OR instr(s.argv, CAST(? AS BLOB)) > 0)))",
        {pattern, pattern, pattern, pattern, text, words});
}

}  // namespace

void Conditions::add(std::string_view condition, std::vector<Value> values) {
    std::string numbered;
    for (const char c : condition) {
        if (c == '?') {
            numbered += fmt::format("?{}", values_.size() + 1);
            values_.push_back(std::move(values.front()));
            values.erase(values.begin());
        } else {
            numbered += c;
        }
    }
    text_ += text_.empty() ? " WHERE " : " AND ";
    text_ += numbered;
}

void Conditions::add_any_of(std::string_view column, const std::vector<std::string>& words) {
    add_list(column, "IN", words);
}

void Conditions::add_none_of(std::string_view column, const std::vector<std::string>& words) {
    add_list(column, "NOT IN", words);
}

void Conditions::add_list(
    std::string_view column, std::string_view test, const std::vector<std::string>& words) {
    if (words.empty()) return;
    std::string marks = "?";
    for (std::size_t i = 1; i < words.size(); ++i)
        marks += ", ?";
    add(fmt::format("{} {} ({})", column, test, marks), {words.begin(), words.end()});
}

void Conditions::bind_to(Query& query) const {
    for (const Value& value : values_) {
        std::visit([&](const auto& bound) { query.bind(bound); }, value);
    }
}

Conditions conditions_of(const ListQuery& query, const Principal& principal) {
    Conditions conditions;
    if (!principal.admin) conditions.add("j.owner = ?", {principal.name});
    conditions.add_any_of("j.owner", query.owners);
    std::vector<std::string> statuses;
    for (const Status status : query.statuses)
        statuses.emplace_back(to_string(status));
    conditions.add_any_of("j.status", statuses);
    conditions.add_any_of("j.kind", query.kinds);
    conditions.add_any_of("j.queue", query.queues);
    for (const Label& label : query.labels) {
        conditions.add(
            "j.seq IN (SELECT job_seq FROM labels WHERE key = ? AND value = ?)",
            {label.key, label.value});
    }
    if (query.since) conditions.add("j.created_at >= ?", {to_ms(*query.since)});
    if (query.until) conditions.add("j.created_at < ?", {to_ms(*query.until)});
    if (query.search) add_search(conditions, *query.search);
    return conditions;
}

}  // namespace atlasjob::sqlite

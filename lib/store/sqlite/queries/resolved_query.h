#pragma once

#include "store/sqlite/connection/rows.h"

#include <string>
#include <variant>
#include <vector>

namespace atlasjob::sqlite {

/// SQL conditions joined by AND, and the values of their parameters in order.
class Conditions {
  public:
    using Value = std::variant<std::int64_t, std::string>;

    /// `condition` has one "?" per value; they become numbered parameters.
    void add(std::string_view condition, std::vector<Value> values);
    void add_any_of(std::string_view column, const std::vector<std::string>& words);
    void add_none_of(std::string_view column, const std::vector<std::string>& words);

    bool empty() const { return text_.empty(); }
    /// " WHERE …", or an empty string if there are no conditions.
    const std::string& text() const { return text_; }
    void bind_to(Query& query) const;

  private:
    void add_list(
        std::string_view column, std::string_view test, const std::vector<std::string>& words);

    std::string text_;
    std::vector<Value> values_;
};

/// The conditions under which a row of `jobs j` matches `query` and is visible to `principal`,
/// without those of paging.
Conditions conditions_of(const ListQuery& query, const Principal& principal);

/// A list query after the principal's permissions have been applied.
struct ResolvedQuery {
    ListQuery query;                       ///< `owners` lists every visible owner by name.
    bool all_owners = false;               ///< Whether these are all owners of the ledger.
    std::vector<std::string> not_kinds{};  ///< Kinds that another access path finds.
};

/// nullopt if the principal may see nothing of what the query asks for.
std::optional<ResolvedQuery> resolve_query(
    Connection& connection, const ListQuery& query, const Principal& principal);

/// Whether the query excludes any status.
bool limits_statuses(const ResolvedQuery& resolved);
/// The same query for the statuses that it excludes.
ResolvedQuery of_other_statuses(ResolvedQuery resolved);

/// The conditions on the rows of `jobs j`, without labels and search text.
Conditions job_conditions(const ResolvedQuery& resolved);

/// The number of matching jobs from `counters`, ignoring labels, times and search text.
std::int64_t count_without_labels(Connection& connection, const ResolvedQuery& resolved);
/// The number of the owners' jobs with this label from `label_counters`, ignoring everything else.
std::int64_t count_labelled(
    Connection& connection, const ResolvedQuery& resolved, const Label& label);

}  // namespace atlasjob::sqlite

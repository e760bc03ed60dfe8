#pragma once

#include "store/sqlite/connection/rows.h"

#include <limits>
#include <string>
#include <variant>
#include <vector>

namespace atlasjob::sqlite {

/// SQL conditions joined by AND, and the values of their parameters.
class Conditions {
  public:
    using Value = std::variant<std::int64_t, std::string>;

    /// Adds a value; returns the parameter to write in a condition, such as ":value1".
    std::string parameter(Value value);
    /// The same for each of `words`, for IN: ":value1, :value2".
    std::string parameters(const std::vector<std::string>& words);
    void add(std::string condition) { conditions_.push_back(std::move(condition)); }
    /// Nothing if there are no words.
    void add_any_of(std::string_view column, const std::vector<std::string>& words);
    void add_none_of(std::string_view column, const std::vector<std::string>& words);

    bool empty() const { return conditions_.empty(); }
    /// "WHERE …", or an empty string if there are no conditions.
    std::string where() const;
    void bind_to(Query& query) const;

  private:
    std::vector<std::string> conditions_;
    std::vector<Value> values_;
};

/// A filter after the principal's permissions have been applied. Every search for jobs starts with
/// one: access_paths() turns it into SQL.
struct ResolvedFilter {
    /// `owners` lists every visible owner once, by name; `sessions` each session once.
    JobFilter filter;
    std::int64_t wanted = 0;               ///< How many of the jobs are read, to choose a plan.
    bool all_owners = false;               ///< Whether these are all owners of the ledger.
    std::vector<std::string> not_kinds{};  ///< Kinds that another access path finds.
};

/// nullopt if the principal may see nothing of what the filter asks for.
std::optional<ResolvedFilter> resolve_filter(
    Connection& connection,
    const JobFilter& filter,
    const Principal& principal,
    std::int64_t wanted = std::numeric_limits<int>::max());

/// Whether the filter excludes any status.
bool limits_statuses(const ResolvedFilter& resolved);
/// The same filter for the statuses that it excludes.
ResolvedFilter of_other_statuses(ResolvedFilter resolved);

/// The conditions on the rows of `jobs j`, without labels and search text.
Conditions job_conditions(const ResolvedFilter& resolved);

/// The number of matching jobs from `counters`, ignoring labels, times and search text.
std::int64_t count_without_labels(Connection& connection, const ResolvedFilter& resolved);
/// The number of the owners' jobs with this label from `label_counters`, ignoring everything else.
std::int64_t count_labelled(
    Connection& connection, const ResolvedFilter& resolved, const Label& label);

}  // namespace atlasjob::sqlite

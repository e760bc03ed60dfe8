#pragma once

#include "store/sqlite/connection/rows.h"

#include <string>
#include <variant>
#include <vector>

namespace atlasjob::sqlite {

/// Conditions joined by AND, and the values of their parameters in order.
class Conditions {
  public:
    using Value = std::variant<std::int64_t, std::string>;

    /// `condition` has one "?" for each value: they become numbered parameters.
    void add(std::string_view condition, std::vector<Value> values);
    void add_any_of(std::string_view column, const std::vector<std::string>& words);
    void add_none_of(std::string_view column, const std::vector<std::string>& words);

    bool empty() const { return text_.empty(); }
    /// " WHERE …", or nothing when there are none.
    const std::string& text() const { return text_; }
    void bind_to(Query& query) const;

  private:
    void add_list(
        std::string_view column, std::string_view test, const std::vector<std::string>& words);

    std::string text_;
    std::vector<Value> values_;
};

/// What makes a row of `jobs j` one that is wanted and that `principal` may see. Where a page
/// begins is not part of it.
Conditions conditions_of(const ListQuery& wanted, const Principal& principal);

/// What a list is to show.
struct ResolvedQuery {
    ListQuery query;                       ///< Its owners: whose jobs are seen, by name.
    bool all_owners = false;               ///< These are all there are.
    std::vector<std::string> not_kinds{};  ///< Found another way.
};

/// Nothing: the principal may see none of what is asked for.
std::optional<ResolvedQuery> resolve_query(
    Connection& connection, const ListQuery& query, const Principal& principal);

/// Whether there are statuses that are not wanted.
bool limits_statuses(const ResolvedQuery& wanted);
/// The same, but of the statuses that are not wanted.
ResolvedQuery of_other_statuses(ResolvedQuery wanted);

/// What is asked of the rows of `jobs j`; labels and texts are found by other means.
Conditions job_conditions(const ResolvedQuery& wanted);

/// How many jobs there are, labels, times and texts aside. From the counters.
std::int64_t count_without_labels(Connection& connection, const ResolvedQuery& wanted);
/// How many have this label; nothing but owners limits them. From the counters.
std::int64_t count_labelled(
    Connection& connection, const ResolvedQuery& wanted, const Label& label);

}  // namespace atlasjob::sqlite

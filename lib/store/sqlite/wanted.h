#pragma once

#include "store/sqlite/conditions.h"

#include <string>
#include <vector>

namespace atlasjob::sqlite {

/// What a list is to show.
struct Wanted {
    ListQuery query;                       ///< Its owners: whose jobs are seen, by name.
    bool all_owners = false;               ///< These are all there are.
    std::vector<std::string> not_kinds{};  ///< Found another way.
};

/// Nothing: the principal may see none of what is asked for.
std::optional<Wanted> wanted_of(
    Connection& connection, const ListQuery& query, const Principal& principal);

/// Whether there are statuses that are not wanted.
bool limits_statuses(const Wanted& wanted);
/// The same, but of the statuses that are not wanted.
Wanted of_other_statuses(Wanted wanted);

/// What is asked of the rows of `jobs j`; labels and texts are found by other means.
Conditions job_conditions(const Wanted& wanted);

/// How many jobs there are, labels, times and texts aside. From the counters.
std::int64_t count_without_labels(Connection& connection, const Wanted& wanted);
/// How many have this label; nothing but owners limits them. From the counters.
std::int64_t count_labelled(Connection& connection, const Wanted& wanted, const Label& label);

}  // namespace atlasjob::sqlite

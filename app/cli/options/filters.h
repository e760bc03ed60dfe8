#pragma once

#include "ledger/store.h"

#include <string>

namespace atlasjob::cli {

class Arguments;

/// A bound on a time: an absolute time, or an age relative to now.
struct TimeBound {
    std::optional<Time> at;
    std::optional<milliseconds> ago;

    std::optional<Time> resolve(Time now) const;
};

/// The filters that select jobs.
struct Filters {
    ListQuery query;
    TimeBound since;
    TimeBound until;

    /// Whether any of --status, --kind, --label and --queue is set.
    bool any() const;
    /// The query with its times resolved relative to `now`.
    ListQuery at(Time now) const;
};

/// --status --kind --label --queue
void declare_filters(Arguments& arguments, Filters& filters);
/// --sort
void declare_order(Arguments& arguments, ListOrder& order);
/// --owner --since --until --search
void declare_list_filters(Arguments& arguments, Filters& filters);

}  // namespace atlasjob::cli

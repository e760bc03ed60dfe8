#pragma once

#include "ledger/store.h"

#include <string>

namespace atlasjob::cli {

class Arguments;

/// A bound on times: a time, or so long before now.
struct TimeBound {
    std::optional<Time> at;
    std::optional<milliseconds> ago;

    std::optional<Time> resolve(Time now) const;
};

/// Which jobs a command is about.
struct Filters {
    ListQuery query;
    TimeBound since;
    TimeBound until;

    /// Whether anything narrows the jobs down.
    bool any() const;
    /// The query with its times, as of `now`.
    ListQuery at(Time now) const;
};

/// --status --kind --label --queue
void declare_filters(Arguments& arguments, Filters& filters);
/// --sort
void declare_order(Arguments& arguments, ListOrder& order);
/// --owner --since --until --search
void declare_list_filters(Arguments& arguments, Filters& filters);

}  // namespace atlasjob::cli

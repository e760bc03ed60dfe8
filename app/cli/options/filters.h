#pragma once

#include "base/time_text.h"
#include "ledger/query.h"

#include <optional>

namespace atlasjob::cli {

class Arguments;

/// A bound on a time: an absolute time, or an age relative to now.
struct TimeBound {
    std::optional<TimeText> at;
    std::optional<milliseconds> ago;

    bool is_set() const { return at || ago; }
    std::optional<Time> resolve(Time now) const;
};

/// The filters as given on the command line.
struct Filters {
    JobFilter filter;  ///< Without since and until.
    TimeBound since;
    TimeBound until;

    bool any() const;
    /// The filter with its times resolved relative to `now`.
    JobFilter at(Time now) const;
};

/// --status --kind --queue --label --owner --session --since --until --search: the same for every
/// command that takes filters.
void declare_filters(Arguments& arguments, Filters& filters);
/// --sort
void declare_order(Arguments& arguments, ListOrder& order);

}  // namespace atlasjob::cli

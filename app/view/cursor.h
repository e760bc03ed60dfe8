#pragma once

#include "ledger/store.h"

#include <optional>
#include <string>
#include <string_view>

namespace atlasjob::view {

/// Where a list goes on, as text that callers hand back unread: it may change its form. Nothing: it
/// does not go on.
std::optional<std::string> format_cursor(const JobPage& page, const ListOrder& order = {});

/// Lets `query` go on there. False for a text that format_cursor cannot have made, or has made of a
/// list in another order.
bool apply_cursor(std::string_view cursor, ListQuery& query);

}  // namespace atlasjob::view

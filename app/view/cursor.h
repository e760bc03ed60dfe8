#pragma once

#include "ledger/store.h"

#include <optional>
#include <string>
#include <string_view>

namespace atlasjob::view {

/// The position of the next page of a list, as opaque text whose format may change. nullopt if
/// there is no next page.
std::optional<std::string> format_cursor(const JobPage& page, const ListOrder& order = {});

/// Sets the position of `query`. Returns false if the cursor is malformed or belongs to another
/// order.
bool apply_cursor(std::string_view cursor, ListQuery& query);

}  // namespace atlasjob::view

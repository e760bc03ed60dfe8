#pragma once

#include "store/sqlite/rows.h"

namespace atlasjob::sqlite {

/// Store::owed_hooks.
std::vector<OwedHook> owed_hooks(Connection& connection, const std::optional<AccountId>& account);

/// Store::take_hook within the caller's write transaction.
std::optional<Status> take_hook(
    Connection& connection, const JobId& id, const std::optional<AccountId>& account);

}  // namespace atlasjob::sqlite

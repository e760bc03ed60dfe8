#pragma once

#include "base/error.h"
#include "ledger/account.h"

#include <optional>
#include <string>

namespace atlasjob {

/// Whose jobs this process may run: its own account's and those without one, or with `any_account`
/// everybody's (nothing).
std::optional<AccountId> own_account(bool any_account = false);

/// The refusal to run what is in a ledger (code unavailable): whose it is, and what to do. `why` as
/// Store::why_untrusted() says it.
Error untrusted_error(const std::string& why);

}  // namespace atlasjob

#include "runner/trust.h"

#include "base/file_trust.h"

#include <fmt/format.h>
#include <unistd.h>

namespace atlasjob {

std::optional<AccountId> own_account(bool any_account) {
    return any_account ? std::nullopt : std::optional{AccountId{geteuid()}};
}

Error untrusted_error(const std::string& why) {
    return {
        ErrorCode::unavailable,
        fmt::format("no worker runs as {}: {}", account_text(geteuid()), why),
        "see atlasjob doctor; run the worker as the account that owns the ledger, or everything in "
        "it as this one with atlasjob worker --any-account"};
}

}  // namespace atlasjob

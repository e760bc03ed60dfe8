#include "mcp/jobs/agent_error.h"

#include <algorithm>
#include <string>

namespace atlasjob::mcp {

namespace {

/// The position of the first option that is not in backticks; npos if there is none.
std::size_t bare_option(const std::string& hint) {
    for (std::size_t at = hint.find("--"); at != std::string::npos; at = hint.find("--", at + 2)) {
        const auto before = hint.begin() + static_cast<std::ptrdiff_t>(at);
        if (std::count(hint.begin(), before, '`') % 2 == 0) return at;
    }
    return std::string::npos;
}

}  // namespace

Error for_agents(const Error& error) {
    std::string hint = error.hint();
    const std::size_t option = bare_option(hint);
    if (option == std::string::npos) return error;
    // "check the permissions, or give another path with --ledger"
    const std::size_t alternative = hint.rfind(" or ", option);
    hint.resize(alternative == std::string::npos ? 0 : alternative);
    if (hint.ends_with(',') || hint.ends_with(';')) hint.pop_back();
    const bool is_outage =
        error.code() == ErrorCode::unavailable || error.code() == ErrorCode::not_a_ledger;
    if (hint.empty() && is_outage)
        hint = "your user can run `atlasjob doctor` to see what is wrong";
    return {error.code(), error.message(), hint};
}

}  // namespace atlasjob::mcp

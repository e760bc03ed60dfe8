#pragma once

#include "base/error.h"
#include "ledger/store.h"
#include "view/style.h"

#include <span>
#include <string>

namespace atlasjob::view {

/// {"error":{"code","message","hint"}}; the hint is null if there is none.
std::string error_json(const Error& error);

/// Whether there are no problems; notes do not count.
bool is_healthy(std::span<const Finding> findings);

/// {"healthy":…,"ledger":…,"findings":[{"level","subject","text","fix"}]}
std::string findings_json(std::string_view ledger, std::span<const Finding> findings);
/// One line per finding with its fix below, and a last line with the verdict.
std::string findings_text(
    std::string_view ledger, std::span<const Finding> findings, const Style& style);

}  // namespace atlasjob::view

#pragma once

#include "ledger/job.h"

#include <optional>
#include <string>

namespace atlasjob::mcp {

// Conversions to shapes that contracts use and the ledger does not.

/// Appends an object: `json` if it is one, else {"value":json}.
void append_object(std::string& out, const std::string& json);

/// Appends null for nullopt and "null", else as append_object.
void append_object_or_null(std::string& out, const std::optional<std::string>& json);

/// Progress in percent with up to two decimals, 0 if unknown. Rounded down, so that only a finished
/// job has 100.
double percent(const Job& job);
/// The same in whole percent, rounded down.
int whole_percent(const Job& job);

}  // namespace atlasjob::mcp

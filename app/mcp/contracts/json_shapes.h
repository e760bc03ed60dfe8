#pragma once

#include "ledger/job.h"

#include <optional>
#include <string>

namespace atlasjob::mcp {

// How contracts shape a value where they ask for another form than the ledger's.

/// Where a contract has an object: `json` itself, or {"value":…} around what is none.
void append_object(std::string& out, const std::string& json);

/// The same where it has an object or null: nothing, and null, are null.
void append_object_or_null(std::string& out, const std::optional<std::string>& json);

/// Progress in percent with up to two decimals, 0 while it is not known. Rounded down: 100 is for
/// what is done.
double percent(const Job& job);
/// The same in whole percent.
int whole_percent(const Job& job);

}  // namespace atlasjob::mcp

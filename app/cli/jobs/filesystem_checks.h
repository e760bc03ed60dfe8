#pragma once

#include "ledger/store.h"
#include "store/open.h"

#include <vector>

namespace atlasjob::cli {

/// Checks the ledger's directory and file (owner, permissions, siblings), free disk space and the
/// output directory. Changes nothing.
std::vector<Finding> check_filesystem(const LedgerLocation& location);

}  // namespace atlasjob::cli

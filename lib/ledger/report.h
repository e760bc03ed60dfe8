#pragma once

#include "ledger/job.h"

namespace atlasjob {

/// What `newer` gives replaces what `report` has: two reports become one write.
void merge_report(Report& report, Report newer);

}  // namespace atlasjob

#pragma once

#include "cli/context.h"

#include <vector>

namespace atlasjob::cli {

/// Redraws the pages of these jobs on every change until all have ended or the user quits; reaps
/// lost jobs. If stdout is not a terminal, prints a line each time a job changes (with --json, the
/// job). The store may be open for reading only.
void watch_jobs(const Context& context, Store& store, const std::vector<JobId>& jobs);

/// Redraws the overview until the user quits. If stdout is not a terminal, prints a line of totals
/// each time they change (with --json, the overview).
void watch_overview(const Context& context, Store& store);

}  // namespace atlasjob::cli

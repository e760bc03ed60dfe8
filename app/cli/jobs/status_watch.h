#pragma once

#include "cli/context.h"

#include <vector>

namespace atlasjob::cli {

/// Shows the pages of these jobs anew with every change until all of them have ended or the user
/// leaves; a job whose worker is gone is settled. Where no terminal is, a line each time a job
/// changes (with --json, the job). The store may be open for reading only.
void watch_jobs(const Context& context, Store& store, const std::vector<JobId>& jobs);

/// The same of the overview, until the user leaves; elsewhere a line of totals each time they
/// change (with --json, the overview).
void watch_overview(const Context& context, Store& store);

}  // namespace atlasjob::cli

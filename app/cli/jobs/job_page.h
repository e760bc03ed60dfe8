#pragma once

#include "cli/context.h"
#include "view/overview.h"

#include <string>

namespace atlasjob::cli {

/// What `status` prints for one job: its page, or with --json the job, with a line end. Needs the
/// job in full detail.
std::string job_page(const Context& context, Store& store, const Job& job);

/// The overview that `status` prints without a JOB: the principal's totals, active jobs and
/// recently ended jobs.
view::Overview overview_of(const Context& context, Store& store);
/// The overview as text, or as JSON with --json, with a line end.
std::string overview_page(const Context& context, Store& store);

}  // namespace atlasjob::cli

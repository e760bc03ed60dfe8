#pragma once

#include "cli/context.h"
#include "view/overview.h"

#include <string>

namespace atlasjob::cli {

/// What `status` says about one job: its page, or with --json the job, with a line end. Wants the
/// job in full detail.
std::string job_page(const Context& context, Store& store, const Job& job);

/// What `status` says about no job in particular: how many the principal has, those that are
/// active, those that ended last.
view::Overview overview_of(const Context& context, Store& store);
/// The same as text, or as JSON, with a line end.
std::string overview_page(const Context& context, Store& store);

}  // namespace atlasjob::cli

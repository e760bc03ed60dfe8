#pragma once

#include "mcp/contracts/contract.h"

namespace atlasjob::mcp {

/// page.getJobStatus, as published by Reftrix, also under a name that every host allows.
extern const Contract kReftrix;

/// Appends the contract's result object for a job that is done. If the stored result has the
/// contract's members, they are used; otherwise the members are derived from the job, with its
/// result as `results`.
void append_reftrix_result(std::string& out, const Job& job);

/// Whether it is one of the contract's seven phases.
bool is_reftrix_phase(std::string_view phase);

}  // namespace atlasjob::mcp

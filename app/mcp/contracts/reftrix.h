#pragma once

#include "mcp/contracts/contract.h"

namespace atlasjob::mcp {

/// page.getJobStatus, as published by Reftrix, and the same under a name that every host takes.
extern const Contract kReftrix;

/// Appends the contract's result of a job that is done. Whose stored result has the contract's own
/// members, shows them; a job of another kind gets what can be said of every job, and its result
/// as `results`.
void append_reftrix_result(std::string& out, const Job& job);

/// Whether it is one of the contract's seven phases.
bool is_reftrix_phase(std::string_view phase);

}  // namespace atlasjob::mcp

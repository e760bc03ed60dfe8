#pragma once

#include <string>
#include <vector>

namespace atlasjob::test {

/// What contradicts itself in a ledger, one sentence each; none: pages are sound, every row tells
/// the same story as its events and attempts, every step of every story was legal, and the counters
/// count what is there. Reads it with plain SQL, as a stranger.
std::vector<std::string> contradictions(const std::string& ledger);

}  // namespace atlasjob::test

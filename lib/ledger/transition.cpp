#include "ledger/transition.h"

#include <algorithm>

namespace atlasjob {

bool is_allowed(Status from, Verb verb, Status to) {
    return std::ranges::find(kTransitions, Transition{from, verb, to}) != kTransitions.end();
}

static_assert(
    std::ranges::all_of(
        kTransitions,
        [](const Transition& t) { return !is_terminal(t.from) || t.verb == Verb::retry; }),
    "only retry leaves a terminal status");

}  // namespace atlasjob

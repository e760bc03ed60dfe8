#include "runner/worker/slot_group.h"

#include <algorithm>

namespace atlasjob {

void SlotGroup::start(int count) {
    for (int n = 0; n < count; ++n)
        slots_.push_back(std::make_unique<SlotProcess>(loop_, setup_, calls_));
}

bool SlotGroup::any_alive() const {
    return std::ranges::any_of(slots_, [](const auto& slot) { return slot->alive(); });
}

bool SlotGroup::busy() const {
    return !started() || std::ranges::any_of(slots_, [](const auto& slot) { return slot->busy(); });
}

std::vector<pid_t> SlotGroup::pids() const {
    std::vector<pid_t> pids;
    for (const auto& slot : slots_)
        pids.push_back(slot->pid());
    return pids;
}

void SlotGroup::disable_restart() {
    for (const auto& slot : slots_)
        slot->disable_restart();
}

void SlotGroup::signal(int signo) const {
    for (const auto& slot : slots_)
        slot->signal(signo);
}

}  // namespace atlasjob

#include "base/clock.h"

#include "base/host_identity.h"

namespace atlasjob {

namespace {

std::string name_of_monotonic_clock() {
    const HostIdentity& host = host_identity();
    if (host.boot_id.empty() || host.time_namespace == 0) return {};
    return host.boot_id + '/' + std::to_string(host.time_namespace);
}

}  // namespace

milliseconds elapsed(const ClockReading& from, const ClockReading& to) {
    const bool same_clock = !from.clock.empty() && from.clock == to.clock;
    return same_clock ? to.uptime - from.uptime : to.time - from.time;
}

Time SystemClock::now() const {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

ClockReading SystemClock::read() const {
    static const std::string name = name_of_monotonic_clock();
    // On Linux steady_clock is CLOCK_MONOTONIC.
    const auto uptime = std::chrono::steady_clock::now().time_since_epoch();
    return {now(), name, std::chrono::floor<milliseconds>(uptime)};
}

const Clock& machine_clock() {
    static const SystemClock clock;
    return clock;
}

}  // namespace atlasjob

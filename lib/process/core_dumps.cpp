#include "process/core_dumps.h"

#include <sys/resource.h>

#include <algorithm>
#include <optional>

namespace atlasjob {

namespace {

/// Linux ignores a limit of 0 when cores are piped to a program (core_pattern with a |). A limit of
/// 1 byte prevents both that and a core file.
constexpr rlim_t kNoCore = 1;

/// The limit before it was changed; nullopt if it was not.
std::optional<rlimit>& core_limit() {
    static std::optional<rlimit> before;
    return before;
}

void set_soft(const rlimit& before, rlim_t soft) {
    const rlimit limit{soft, before.rlim_max};
    setrlimit(RLIMIT_CORE, &limit);
}

}  // namespace

void forbid_core_dumps() {
    rlimit before{};
    if (core_limit() || getrlimit(RLIMIT_CORE, &before) != 0) return;
    core_limit() = before;
    set_soft(before, std::min(kNoCore, before.rlim_max));
}

void allow_core_dumps() {
    if (const auto& before = core_limit()) set_soft(*before, before->rlim_cur);
    core_limit().reset();
}

rlimit core_limit_of_commands() {
    if (const auto& before = core_limit()) return *before;
    rlimit limit{RLIM_INFINITY, RLIM_INFINITY};
    getrlimit(RLIMIT_CORE, &limit);
    return limit;
}

}  // namespace atlasjob

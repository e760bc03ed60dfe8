#include "process/core_dumps.h"

#include <sys/resource.h>

#include <algorithm>
#include <optional>

namespace atlasjob {

namespace {

/// Linux ignores a limit of 0 when cores are piped to a program (core_pattern with a |). A limit of
/// 1 byte prevents both that and a core file.
constexpr rlim_t kNoCore = 1;

struct CoreLimit {
    std::mutex mutex;
    std::optional<rlimit> before;  ///< nullopt: not changed.
};

CoreLimit& core_limit() {
    static CoreLimit limit;
    return limit;
}

void set_soft(const rlimit& before, rlim_t soft) {
    const rlimit limit{soft, before.rlim_max};
    setrlimit(RLIMIT_CORE, &limit);
}

}  // namespace

void forbid_core_dumps() {
    rlimit before{};
    if (core_limit().before || getrlimit(RLIMIT_CORE, &before) != 0) return;
    core_limit().before = before;
    set_soft(before, std::min(kNoCore, before.rlim_max));
}

void allow_core_dumps() {
    if (const auto& before = core_limit().before) set_soft(*before, before->rlim_cur);
    core_limit().before.reset();
}

InheritedCoreLimit::InheritedCoreLimit() : lock_(core_limit().mutex) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &blocked_before_);
    if (const auto& before = core_limit().before) set_soft(*before, before->rlim_cur);
}

InheritedCoreLimit::~InheritedCoreLimit() {
    if (const auto& before = core_limit().before)
        set_soft(*before, std::min(kNoCore, before->rlim_max));
    pthread_sigmask(SIG_SETMASK, &blocked_before_, nullptr);
}

}  // namespace atlasjob

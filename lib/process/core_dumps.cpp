#include "process/core_dumps.h"

#include <sys/resource.h>

#include <algorithm>
#include <optional>

namespace atlasjob {

namespace {

/// To Linux a limit of 0 means nothing where cores go to a program (core_pattern with a |); 1,
/// which is too little for any file as well, forbids both.
constexpr rlim_t kNone = 1;

struct CoreLimit {
    std::mutex mutex;
    std::optional<rlimit> before;  ///< nullopt: nothing was changed.
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
    set_soft(before, std::min(kNone, before.rlim_max));
}

InheritedCoreLimit::InheritedCoreLimit() : turn_(core_limit().mutex) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &blocked_before_);
    if (const auto& before = core_limit().before) set_soft(*before, before->rlim_cur);
}

InheritedCoreLimit::~InheritedCoreLimit() {
    if (const auto& before = core_limit().before)
        set_soft(*before, std::min(kNone, before->rlim_max));
    pthread_sigmask(SIG_SETMASK, &blocked_before_, nullptr);
}

}  // namespace atlasjob

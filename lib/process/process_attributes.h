#pragma once

#include <sched.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace atlasjob {

/// What a process passes on to its children besides its environment, directory and umask: its
/// scheduling, CPUs and resource limits. The defaults are those of a process that nobody has
/// restricted.
///
/// As text: "nice=15 cpus=0-3,6 nofile=64:4096 core=0:-", only what is not the default. A limit is
/// SOFT:HARD, or one number if both are the same; `-` is unlimited. CPUs are left out if they are
/// all of the machine.
struct ProcessAttributes {
    int nice = 0;
    int policy = SCHED_OTHER;  ///< sched(7)
    int realtime_priority = 0;
    int io_priority = 0;    ///< As ioprio_get(2) returns it: class and level.
    int oom_score_adj = 0;  ///< -1000 to 1000; see proc(5).
    std::optional<cpu_set_t> cpus;
    std::array<rlimit, RLIM_NLIMITS> limits;  ///< By resource number (RLIMIT_NOFILE).

    ProcessAttributes();

    [[nodiscard]] std::string text() const;
};

/// Reads what text() returns. Words it does not know are left out, as a newer program may have
/// written them. Never fails.
[[nodiscard]] ProcessAttributes parse_attributes(std::string_view text);

/// The attributes of this process; the core limit is the one from before forbid_core_dumps().
[[nodiscard]] ProcessAttributes own_attributes();

/// `wanted`, but nothing that goes beyond `bounds`: of two values, the one with which a process
/// yields to the other. No I/O class counts as best effort, as in the kernel.
[[nodiscard]] ProcessAttributes stricter_of(
    const ProcessAttributes& wanted, const ProcessAttributes& bounds);

/// What a process of atlasjob gets that outlives its caller and runs commands of others: the nice
/// value 0, the normal scheduling policy, all CPUs, and the caller's limits with CPU time, file
/// size, memory, processes and open files raised, as far as the hard limits allow. The rest as the
/// caller has it.
[[nodiscard]] ProcessAttributes background_attributes();

/// Whether a child of `process` cannot be given `wanted` as nearly as a child of a process that
/// this one starts with background_attributes(): its hard limits are lower, or its nice value is
/// higher, and it may not raise them. False if `process` can give anything that the other could
/// not, so that no two processes are each more restricted than the other, and if that cannot be
/// determined.
[[nodiscard]] bool is_more_restricted(pid_t process, const ProcessAttributes& wanted);

/// Gives this process the attributes, each as far as it is permitted: a limit is lowered to the
/// hard limit that this process has, a nice value that may not be set stays. Makes system calls
/// only, so that the child of a vfork may call it.
void take_attributes(const ProcessAttributes& attributes) noexcept;

}  // namespace atlasjob

#include "process/process_attributes.h"

#include "base/file.h"
#include "base/text.h"
#include "process/core_dumps.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace atlasjob {

namespace {

/// The name of a resource limit in the text; its number is the position.
constexpr std::array<std::string_view, RLIM_NLIMITS> kLimitNames = {
    "cpu",     "fsize", "data",  "stack",      "core",     "rss",       "nproc",  "nofile",
    "memlock", "as",    "locks", "sigpending", "msgqueue", "nicelimit", "rtprio", "rttime",
};
constexpr const char* kOomScoreFile = "/proc/self/oom_score_adj";
constexpr int kIoPriorityOfProcess = 1;  ///< IOPRIO_WHO_PROCESS, which has no header.
/// Open files of a process in the background: more than a worker with the most slots needs.
constexpr rlim_t kBackgroundFiles = 4096;
constexpr std::size_t kMaxCpus = 8192;  ///< That Linux supports.
constexpr char kUnlimited = '-';

bool is_unlimited(const rlimit& limit) {
    return limit.rlim_cur == RLIM_INFINITY && limit.rlim_max == RLIM_INFINITY;
}

std::string limit_text(rlim_t value) {
    return value == RLIM_INFINITY ? std::string{kUnlimited} : std::to_string(value);
}

std::string limit_text(const rlimit& limit) {
    const std::string soft = limit_text(limit.rlim_cur);
    return limit.rlim_cur == limit.rlim_max ? soft : soft + ":" + limit_text(limit.rlim_max);
}

/// "0-3,6"
std::string cpus_text(const cpu_set_t& cpus) {
    std::string text;
    for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (!CPU_ISSET(cpu, &cpus)) continue;
        std::size_t last = cpu;
        while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, &cpus))
            ++last;
        if (!text.empty()) text += ',';
        text += cpu == last ? std::to_string(cpu) : fmt::format("{}-{}", cpu, last);
        cpu = last;
    }
    return text;
}

std::optional<cpu_set_t> parse_cpus(std::string_view text) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    for (const std::string_view range : split(text, ',')) {
        const std::size_t dash = range.find('-');
        const auto first = parse_integer<std::size_t>(range.substr(0, dash));
        const auto last = dash == std::string_view::npos
                              ? first
                              : parse_integer<std::size_t>(range.substr(dash + 1));
        if (!first || !last || *last >= CPU_SETSIZE) return {};
        for (std::size_t cpu = *first; cpu <= *last; ++cpu)
            CPU_SET(cpu, &cpus);
    }
    return CPU_COUNT(&cpus) > 0 ? std::optional{cpus} : std::nullopt;
}

std::optional<rlim_t> parse_limit_value(std::string_view text) {
    if (text == std::string_view{&kUnlimited, 1}) return RLIM_INFINITY;
    return parse_integer<rlim_t>(text);
}

std::optional<rlimit> parse_limit(std::string_view text) {
    const std::size_t colon = text.find(':');
    const auto soft = parse_limit_value(text.substr(0, colon));
    const auto hard =
        colon == std::string_view::npos ? soft : parse_limit_value(text.substr(colon + 1));
    if (!soft || !hard) return {};
    return rlimit{std::min(*soft, *hard), *hard};
}

void set_if_number(int& value, std::string_view text) {
    if (const auto read = parse_integer<int>(text)) value = *read;
}

void take_word(ProcessAttributes& attributes, std::string_view name, std::string_view value) {
    if (name == "nice") set_if_number(attributes.nice, value);
    if (name == "policy") set_if_number(attributes.policy, value);
    if (name == "realtime") set_if_number(attributes.realtime_priority, value);
    if (name == "io") set_if_number(attributes.io_priority, value);
    if (name == "oom") set_if_number(attributes.oom_score_adj, value);
    if (name == "cpus") attributes.cpus = parse_cpus(value);
    const auto* const known = std::ranges::find(kLimitNames, name);
    if (known == kLimitNames.end()) return;
    if (const auto limit = parse_limit(value))
        attributes.limits.at(static_cast<std::size_t>(known - kLimitNames.begin())) = *limit;
}

/// nullopt if the process may run on every CPU of the machine.
std::optional<cpu_set_t> own_cpus() {
    cpu_set_t cpus;
    if (sched_getaffinity(0, sizeof cpus, &cpus) != 0) return {};
    return CPU_COUNT(&cpus) >= sysconf(_SC_NPROCESSORS_ONLN) ? std::nullopt : std::optional{cpus};
}

/// Those in both; those of `bounds` if there are none.
std::optional<cpu_set_t> common_cpus(
    const std::optional<cpu_set_t>& wanted, const std::optional<cpu_set_t>& bounds) {
    if (!wanted || !bounds) return wanted ? wanted : bounds;
    cpu_set_t common;
    CPU_AND(&common, &*wanted, &*bounds);
    return CPU_COUNT(&common) > 0 ? common : *bounds;
}

/// The higher, the sooner a process gets a CPU. A policy that is not known counts as the usual one.
int rank_of(int policy) {
    constexpr int kUsual = 2;
    switch (policy & ~SCHED_RESET_ON_FORK) {
        case SCHED_IDLE:
            return 0;
        case SCHED_BATCH:
            return 1;
        case SCHED_RR:
            return kUsual + 1;
        case SCHED_FIFO:
            return kUsual + 2;
        default:
            return kUsual;
    }
}

/// Sets the lower of the two policies; between those for real time, the lower priority.
void set_stricter_policy(ProcessAttributes& result, const ProcessAttributes& bounds) {
    const bool both_realtime = result.realtime_priority > 0 && bounds.realtime_priority > 0;
    const int priority =
        both_realtime ? std::min(result.realtime_priority, bounds.realtime_priority) : 0;
    if (rank_of(bounds.policy) < rank_of(result.policy)) result.policy = bounds.policy;
    result.realtime_priority = priority;
}

/// The order in which a disk serves processes: by class, then by level; the higher, the later.
/// ioprio_get(2): a process without a class has the best-effort one, and a level by its nice value.
int io_order(const ProcessAttributes& attributes) {
    constexpr int kClassShift = 13;
    constexpr int kBestEffort = 2;
    if (attributes.io_priority >> kClassShift != 0) return attributes.io_priority;
    return (kBestEffort << kClassShift) + (attributes.nice + 20) / 5;
}

int own_oom_score() {
    const auto text = read_file(kOomScoreFile);
    return text ? parse_integer<int>(trim(*text)).value_or(0) : 0;
}

rlimit limit_of(pid_t process, int resource) {
    rlimit limit{RLIM_INFINITY, RLIM_INFINITY};
    // As a system call, because the C library's function takes an enumerator.
    syscall(SYS_prlimit64, process, resource, nullptr, &limit);
    return limit;
}

bool set_limit(int resource, const rlimit& limit) noexcept {
    return syscall(SYS_prlimit64, 0, resource, &limit, nullptr) == 0;
}

void take_limit(int resource, const rlimit& wanted) noexcept {
    rlimit own{};
    if (syscall(SYS_prlimit64, 0, resource, nullptr, &own) != 0) return;
    if (own.rlim_cur == wanted.rlim_cur && own.rlim_max == wanted.rlim_max) return;
    if (set_limit(resource, wanted)) return;
    const rlim_t hard = wanted.rlim_max < own.rlim_max ? wanted.rlim_max : own.rlim_max;
    set_limit(resource, {wanted.rlim_cur < hard ? wanted.rlim_cur : hard, hard});
}

void take_oom_score(int wanted) noexcept {
    std::array<char, 12> digits{};
    char* at = digits.end();
    int rest = wanted < 0 ? -wanted : wanted;
    do {
        *--at = static_cast<char>('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (wanted < 0) *--at = '-';
    const long fd = syscall(SYS_openat, AT_FDCWD, kOomScoreFile, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    syscall(SYS_write, fd, at, digits.end() - at);
    syscall(SYS_close, fd);
}

void take_policy(const ProcessAttributes& attributes) noexcept {
    if (syscall(SYS_sched_getscheduler, 0) == attributes.policy
        && attributes.realtime_priority == 0)
        return;
    sched_param param{};
    param.sched_priority = attributes.realtime_priority;
    syscall(SYS_sched_setscheduler, 0, attributes.policy, &param);
}

/// On a machine with fewer CPUs than the text was written on, none of them may exist.
void take_cpus(const std::optional<cpu_set_t>& wanted) noexcept {
    if (wanted) {
        syscall(SYS_sched_setaffinity, 0, sizeof *wanted, &*wanted);
        return;
    }
    // More than cpu_set_t holds.
    std::array<unsigned char, kMaxCpus / 8> all{};
    all.fill(0xFF);
    syscall(SYS_sched_setaffinity, 0, all.size(), all.data());
}

bool has_capability(pid_t process, unsigned capability) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, process};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
    if (syscall(SYS_capget, &header, data.data()) != 0) return false;
    return (data.at(capability / 32).effective >> (capability % 32) & 1U) != 0;
}

std::optional<int> nice_of(pid_t process) {
    errno = 0;
    const int nice = getpriority(PRIO_PROCESS, static_cast<id_t>(process));
    return errno == 0 ? std::optional{nice} : std::nullopt;
}

/// The lowest nice value that the process may set without a capability.
int lowest_nice(pid_t process, int now) {
    const rlim_t limit = limit_of(process, RLIMIT_NICE).rlim_max;
    const int allowed = 20 - static_cast<int>(std::min<rlim_t>(limit, 40));
    return std::min(now, allowed);
}

/// The most that a process can give its children.
struct Reach {
    int nice = 0;
    std::array<rlim_t, RLIM_NLIMITS> limits{};
};

/// Of a process whose nice value is `nice`.
Reach reach_of(pid_t process, int nice) {
    Reach reach;
    reach.nice = has_capability(process, CAP_SYS_NICE) ? PRIO_MIN : lowest_nice(process, nice);
    const bool raises_limits = has_capability(process, CAP_SYS_RESOURCE);
    for (std::size_t resource = 0; resource < reach.limits.size(); ++resource)
        reach.limits.at(resource) =
            raises_limits ? RLIM_INFINITY : limit_of(process, static_cast<int>(resource)).rlim_max;
    return reach;
}

/// Whether `one` is at least `other` in every respect.
bool covers(const Reach& one, const Reach& other) {
    return one.nice <= other.nice
           && std::ranges::equal(one.limits, other.limits, std::ranges::greater_equal{});
}

/// What of `wanted` is within reach.
Reach given(const ProcessAttributes& wanted, const Reach& reach) {
    Reach result{std::max(wanted.nice, reach.nice)};
    for (std::size_t resource = 0; resource < result.limits.size(); ++resource)
        result.limits.at(resource) =
            std::min(wanted.limits.at(resource).rlim_max, reach.limits.at(resource));
    return result;
}

}  // namespace

ProcessAttributes::ProcessAttributes() {
    limits.fill({RLIM_INFINITY, RLIM_INFINITY});
}

std::string ProcessAttributes::text() const {
    std::string words;
    const auto add = [&](std::string_view name, std::string_view value) {
        words += fmt::format("{}{}={}", words.empty() ? "" : " ", name, value);
    };
    if (nice != 0) add("nice", std::to_string(nice));
    if (policy != SCHED_OTHER) add("policy", std::to_string(policy));
    if (realtime_priority != 0) add("realtime", std::to_string(realtime_priority));
    if (io_priority != 0) add("io", std::to_string(io_priority));
    if (oom_score_adj != 0) add("oom", std::to_string(oom_score_adj));
    if (cpus) add("cpus", cpus_text(*cpus));
    for (std::size_t resource = 0; resource < limits.size(); ++resource)
        if (!is_unlimited(limits.at(resource)))
            add(kLimitNames.at(resource), limit_text(limits.at(resource)));
    return words;
}

ProcessAttributes parse_attributes(std::string_view text) {
    ProcessAttributes attributes;
    for (const std::string_view word : split(text, ' ')) {
        const std::size_t equals = word.find('=');
        if (equals != std::string_view::npos)
            take_word(attributes, word.substr(0, equals), word.substr(equals + 1));
    }
    return attributes;
}

ProcessAttributes own_attributes() {
    ProcessAttributes own;
    own.nice = nice_of(0).value_or(0);
    own.policy = sched_getscheduler(0);
    sched_param param{};
    if (sched_getparam(0, &param) == 0) own.realtime_priority = param.sched_priority;
    own.io_priority =
        std::max(0, static_cast<int>(syscall(SYS_ioprio_get, kIoPriorityOfProcess, 0)));
    own.oom_score_adj = own_oom_score();
    own.cpus = own_cpus();
    for (std::size_t resource = 0; resource < own.limits.size(); ++resource)
        own.limits.at(resource) = limit_of(0, static_cast<int>(resource));
    own.limits.at(RLIMIT_CORE) = core_limit_of_commands();
    return own;
}

ProcessAttributes stricter_of(const ProcessAttributes& wanted, const ProcessAttributes& bounds) {
    ProcessAttributes result = wanted;
    result.nice = std::max(wanted.nice, bounds.nice);
    result.oom_score_adj = std::max(wanted.oom_score_adj, bounds.oom_score_adj);
    result.cpus = common_cpus(wanted.cpus, bounds.cpus);
    if (io_order(bounds) > io_order(wanted)) result.io_priority = bounds.io_priority;
    set_stricter_policy(result, bounds);
    for (std::size_t resource = 0; resource < result.limits.size(); ++resource) {
        rlimit& limit = result.limits.at(resource);
        limit.rlim_max = std::min(limit.rlim_max, bounds.limits.at(resource).rlim_max);
        limit.rlim_cur = std::min(limit.rlim_cur, bounds.limits.at(resource).rlim_cur);
    }
    return result;
}

ProcessAttributes background_attributes() {
    ProcessAttributes attributes = own_attributes();
    attributes.nice = 0;
    attributes.policy = SCHED_OTHER;
    attributes.realtime_priority = 0;
    attributes.io_priority = 0;
    attributes.cpus.reset();
    for (const int resource : {RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA, RLIMIT_AS, RLIMIT_NPROC}) {
        rlimit& limit = attributes.limits.at(static_cast<std::size_t>(resource));
        limit.rlim_cur = limit.rlim_max;
    }
    rlimit& files = attributes.limits.at(RLIMIT_NOFILE);
    files.rlim_cur = std::max(files.rlim_cur, std::min(files.rlim_max, kBackgroundFiles));
    return attributes;
}

bool is_more_restricted(pid_t process, const ProcessAttributes& wanted) {
    const auto their_nice = nice_of(process);
    const auto own_nice = nice_of(0);
    if (!their_nice || !own_nice) return false;
    const Reach theirs = reach_of(process, *their_nice);
    // A process in the background has the nice value 0 and may not lower it again.
    const Reach successor = reach_of(0, std::max(*own_nice, 0));
    return covers(successor, theirs) && !covers(theirs, given(wanted, successor));
}

void take_attributes(const ProcessAttributes& attributes) noexcept {
    take_oom_score(attributes.oom_score_adj);
    take_policy(attributes);
    take_cpus(attributes.cpus);
    syscall(SYS_ioprio_set, kIoPriorityOfProcess, 0, attributes.io_priority);
    // Before the nice value, which RLIMIT_NICE may permit.
    for (int resource = 0; resource < RLIM_NLIMITS; ++resource)
        take_limit(resource, attributes.limits[static_cast<std::size_t>(resource)]);
    syscall(SYS_setpriority, PRIO_PROCESS, 0, attributes.nice);
}

}  // namespace atlasjob

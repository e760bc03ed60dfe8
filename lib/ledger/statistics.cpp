#include "ledger/statistics.h"

#include <algorithm>
#include <map>

namespace atlasjob {

namespace {

/// The smallest element that at least `percent` of `sorted` do not exceed. `sorted` must not be
/// empty.
milliseconds nearest_rank(const std::vector<milliseconds>& sorted, std::size_t percent) {
    const std::size_t rank = (sorted.size() * percent + 99) / 100;
    return sorted[std::max<std::size_t>(rank, 1) - 1];
}

DurationsOfKind summary(std::string kind, std::vector<milliseconds> durations) {
    std::ranges::sort(durations);
    return {
        std::move(kind), std::ssize(durations), nearest_rank(durations, 50),
        nearest_rank(durations, 95)};
}

}  // namespace

void add_durations(Statistics& statistics, const std::vector<JobDuration>& durations) {
    if (durations.empty()) return;
    std::vector<milliseconds> all;
    std::map<std::string, std::vector<milliseconds>> by_kind;
    for (const auto& [kind, duration] : durations) {
        all.push_back(duration);
        by_kind[kind].push_back(duration);
    }
    statistics.all = summary({}, std::move(all));
    for (auto& [kind, of_kind] : by_kind)
        statistics.by_kind.push_back(summary(kind, std::move(of_kind)));
}

}  // namespace atlasjob

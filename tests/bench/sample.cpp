#include "bench/sample.h"

#include <algorithm>

namespace atlasjob::test {

double Sample::quantile(double share) const {
    if (values_.empty()) return 0.0;
    std::vector<double> sorted = values_;
    std::ranges::sort(sorted);
    const auto last = static_cast<double>(sorted.size() - 1);
    return sorted.at(static_cast<std::size_t>(share * last + 0.5));
}

double median_ratio(const Sample& values, const Sample& base) {
    Sample ratios;
    for (std::size_t i = 0; i < std::min(values.size(), base.size()); ++i)
        ratios.add(values.at(i) / base.at(i));
    return ratios.median();
}

}  // namespace atlasjob::test

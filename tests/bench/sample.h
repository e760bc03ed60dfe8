#pragma once

#include <chrono>
#include <vector>

namespace atlasjob::test {

/// A list of measurements.
class Sample {
  public:
    void add(double value) { values_.push_back(value); }
    std::size_t size() const { return values_.size(); }
    double at(std::size_t index) const { return values_.at(index); }
    /// The value below which `share` (0-1) of the values lie; 0 if there are none.
    double quantile(double share) const;
    double median() const { return quantile(0.5); }

  private:
    std::vector<double> values_;
};

/// The median of `values[i] / base[i]`. Comparing values of the same turn cancels out passing load.
double median_ratio(const Sample& values, const Sample& base);

using Microseconds = std::chrono::duration<double, std::micro>;

inline double us_since(std::chrono::steady_clock::time_point start) {
    return Microseconds{std::chrono::steady_clock::now() - start}.count();
}

}  // namespace atlasjob::test

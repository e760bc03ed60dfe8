#include "view/work_line.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::view {

namespace {

constexpr std::int64_t kBarWidth = 30;

}  // namespace

std::string work_line(std::string_view what, std::int64_t done, std::int64_t total) {
    if (total <= 0) return fmt::format("{} {}", what, done);
    const double part =
        std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0);
    const auto filled = static_cast<std::size_t>(part * static_cast<double>(kBarWidth));
    return fmt::format(
        "{} [{}{}] {:3}%", what, std::string(filled, '#'), std::string(kBarWidth - filled, '-'),
        static_cast<int>(part * 100.0));
}

}  // namespace atlasjob::view

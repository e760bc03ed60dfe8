#include "view/work_line.h"

#include "view/progress.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::view {

namespace {

constexpr std::size_t kBarColumns = 32;

}  // namespace

std::string work_line(std::string_view what, std::int64_t done, std::int64_t total) {
    if (total <= 0) return fmt::format("{} {}", what, done);
    const double part =
        std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0);
    return fmt::format(
        "{} {} {:3}%", what, bar_text(part, kBarColumns), static_cast<int>(part * 100.0));
}

}  // namespace atlasjob::view

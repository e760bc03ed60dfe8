#include "base/duration.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace atlasjob {

namespace {

struct Unit {
    std::string_view suffix;
    std::int64_t ms;
};

// "ms" must be tried before "m".
constexpr std::array kUnits = {
    Unit{"w", 604'800'000}, Unit{"d", 86'400'000}, Unit{"h", 3'600'000},
    Unit{"ms", 1},          Unit{"m", 60'000},     Unit{"s", 1'000},
};
constexpr std::int64_t kMaxMs = 100LL * 366 * 86'400'000;

const Unit* unit_at(std::string_view text) {
    for (const Unit& unit : kUnits) {
        if (text.starts_with(unit.suffix)) return &unit;
    }
    return nullptr;
}

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
    if (text.empty()) return {};
    std::int64_t total = 0;
    while (!text.empty()) {
        std::uint64_t count = 0;
        const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), count);
        if (error != std::errc{}) return {};
        text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
        const Unit* unit = unit_at(text);
        if (unit == nullptr) return {};
        text.remove_prefix(unit->suffix.size());
        if (count > static_cast<std::uint64_t>((kMaxMs - total) / unit->ms)) return {};
        total += unit->ms * static_cast<std::int64_t>(count);
    }
    return milliseconds{total};
}

std::string format_duration(milliseconds duration) {
    static constexpr std::array kLargestFirst = {
        Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000},
        Unit{"s", 1'000},      Unit{"ms", 1},
    };
    std::string text;
    std::int64_t rest = duration.count();
    for (const Unit& unit : kLargestFirst) {
        if (rest < unit.ms) continue;
        text += fmt::format("{}{}", rest / unit.ms, unit.suffix);
        rest %= unit.ms;
    }
    return text.empty() ? "0s" : text;
}

}  // namespace atlasjob

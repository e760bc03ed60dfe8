#include "view/cursor.h"

#include "base/text.h"

#include <fmt/format.h>

namespace atlasjob::view {

namespace {

// "s1-SEQ" in the default order, else "k1-KEY-DIRECTION-SEQ-VALUE" with the value in hexadecimal.
// The prefix is a format version, so that cursors of other versions are refused.
constexpr std::string_view kBySeq = "s1-";
constexpr std::string_view kByKey = "k1-";

std::string order_text(const ListOrder& order) {
    return fmt::format("{}-{}", static_cast<int>(order.key), order.ascending ? 'a' : 'd');
}

std::string hexadecimal(std::string_view text) {
    std::string digits;
    for (const char c : text)
        digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return digits;
}

std::optional<unsigned> digit_value(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10U;
    return {};
}

std::optional<std::string> from_hexadecimal(std::string_view digits) {
    if (digits.size() % 2 != 0) return {};
    std::string text;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const auto high = digit_value(digits[i]);
        const auto low = digit_value(digits[i + 1]);
        if (!high || !low) return {};
        text += static_cast<char>(*high << 4U | *low);
    }
    return text;
}

bool apply_seq(std::string_view digits, ListQuery& query) {
    const auto seq = parse_integer<std::int64_t>(digits);
    if (!seq || *seq < 1) return false;
    query.before_seq = seq;
    return true;
}

}  // namespace

std::optional<std::string> format_cursor(const JobPage& page, const ListOrder& order) {
    if (!page.next_seq) return {};
    if (order == ListOrder{}) return fmt::format("{}{}", kBySeq, *page.next_seq);
    return fmt::format(
        "{}{}-{}-{}", kByKey, order_text(order), *page.next_seq,
        hexadecimal(page.next_key.value_or("")));
}

bool apply_cursor(std::string_view cursor, ListQuery& query) {
    if (query.order == ListOrder{}) {
        return cursor.starts_with(kBySeq) && apply_seq(cursor.substr(kBySeq.size()), query);
    }
    const std::string prefix = fmt::format("{}{}-", kByKey, order_text(query.order));
    if (!cursor.starts_with(prefix)) return false;
    const auto parts = split(cursor.substr(prefix.size()), '-');
    if (parts.size() != 2 || !apply_seq(parts[0], query)) return false;
    query.before_key = from_hexadecimal(parts[1]);
    return query.before_key.has_value();
}

}  // namespace atlasjob::view

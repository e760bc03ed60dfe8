#include "base/text.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace atlasjob {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// One row of Unicode's table 3-7: the ranges of the lead byte and the second byte, and the length.
struct Utf8Row {
    unsigned char lead_from, lead_to, second_from, second_to;
    std::size_t length;
};

// clang-format off
constexpr std::array kUtf8Rows = {
    Utf8Row{0xC2, 0xDF, 0x80, 0xBF, 2},
    Utf8Row{0xE0, 0xE0, 0xA0, 0xBF, 3},
    Utf8Row{0xE1, 0xEC, 0x80, 0xBF, 3},
    Utf8Row{0xED, 0xED, 0x80, 0x9F, 3},
    Utf8Row{0xEE, 0xEF, 0x80, 0xBF, 3},
    Utf8Row{0xF0, 0xF0, 0x90, 0xBF, 4},
    Utf8Row{0xF1, 0xF3, 0x80, 0xBF, 4},
    Utf8Row{0xF4, 0xF4, 0x80, 0x8F, 4},
};
// clang-format on

constexpr unsigned char byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

/// Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last;
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = last[j] + (a[i] == b[j] ? 0 : 1);
            row[j + 1] = std::min({replaced, row[j] + 1, last[j + 1] + 1});
            const bool swapped = i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j];
            if (swapped) row[j + 1] = std::min(row[j + 1], before_last[j - 1] + 1);
        }
        before_last = std::exchange(last, row);
    }
    return last.back();
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
    if (text.empty()) return 0;
    const unsigned char lead = byte_at(text, 0);
    if (lead < 0x80) return 1;
    const auto row = std::ranges::find_if(
        kUtf8Rows, [&](const Utf8Row& r) { return lead >= r.lead_from && lead <= r.lead_to; });
    if (row == kUtf8Rows.end() || text.size() < row->length) return 0;
    if (byte_at(text, 1) < row->second_from || byte_at(text, 1) > row->second_to) return 0;
    for (std::size_t i = 2; i < row->length; ++i) {
        if ((byte_at(text, i) & 0xC0U) != 0x80U) return 0;
    }
    return row->length;
}

std::string repair_utf8(std::string_view text) {
    std::string repaired;
    repaired.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        repaired += length == 0 ? kReplacement : text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return repaired;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (std::size_t end = text.find(separator); end != std::string_view::npos;
         end = text.find(separator)) {
        parts.push_back(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    parts.push_back(text);
    return parts;
}

std::string_view trim(std::string_view text) {
    static constexpr std::string_view kBlank = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(word.size() / 3, 1) + 1;
    for (const std::string_view candidate : candidates) {
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

char32_t code_point(std::string_view character) {
    static constexpr std::array<unsigned char, 5> kLeadBits = {0, 0x7F, 0x1F, 0x0F, 0x07};
    char32_t code = static_cast<unsigned char>(character[0]) & kLeadBits.at(character.size());
    for (const char c : character.substr(1))
        code = (code << 6U) | (static_cast<unsigned char>(c) & 0x3FU);
    return code;
}

}  // namespace atlasjob

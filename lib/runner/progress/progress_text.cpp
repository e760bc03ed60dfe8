#include "runner/progress/progress_text.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace atlasjob {

namespace {

constexpr std::string_view kNumber = "0123456789.";
constexpr double kMaxCount = 1e15;  ///< A double represents integers up to here exactly.

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// The character right before or after a position; a space at either end of the line.
char before(std::string_view line, std::size_t at) {
    return at == 0 ? ' ' : line[at - 1];
}

char after(std::string_view line, std::size_t at) {
    return at >= line.size() ? ' ' : line[at];
}

/// Digits, optionally with a decimal point between them.
std::optional<double> read_number(std::string_view text) {
    if (text.empty() || !is_digit(text.front()) || !is_digit(text.back())) return {};
    if (text.find_first_not_of(kNumber) != std::string_view::npos) return {};
    if (std::ranges::count(text, '.') > 1) return {};
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return {};
    return value;
}

bool is_whole(std::string_view text, double value) {
    return text.find('.') == std::string_view::npos && value <= kMaxCount;
}

struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;

    std::string_view of(std::string_view line) const { return line.substr(begin, end - begin); }
};

// Both functions below allow one space between the number and the given position.

Span number_before(std::string_view line, std::size_t end) {
    if (end > 0 && line[end - 1] == ' ') --end;
    std::size_t begin = end;
    while (begin > 0 && kNumber.find(line[begin - 1]) != std::string_view::npos)
        --begin;
    return {begin, end};
}

Span number_after(std::string_view line, std::size_t begin) {
    if (after(line, begin) == ' ' && begin < line.size()) ++begin;
    std::size_t end = std::min(line.find_first_not_of(kNumber, begin), line.size());
    // "3/7." ends a sentence.
    while (end > begin && line[end - 1] == '.')
        --end;
    return {begin, end};
}

bool begins_alone(std::string_view line, std::size_t at) {
    const char c = before(line, at);
    return !is_letter(c) && std::string_view{"+-/,"}.find(c) == std::string_view::npos;
}

bool fraction_begins_alone(std::string_view line, std::size_t at) {
    return std::string_view{" \t[(|"}.find(before(line, at)) != std::string_view::npos;
}

bool fraction_ends_alone(std::string_view line, std::size_t at) {
    return std::string_view{" \t])|,;:."}.find(after(line, at)) != std::string_view::npos;
}

/// Words after which a fraction is progress. Plurals with "s" count too.
constexpr auto kWorkWords = std::to_array<std::string_view>(
    {"batch", "block",     "chunk",  "done",      "epoch",    "file",   "frame",   "image",
     "item",  "iteration", "job",    "layer",     "module",   "object", "package", "page",
     "part",  "pass",      "phase",  "processed", "progress", "record", "round",   "row",
     "stage", "step",      "target", "task",      "test",     "unit"});

/// The word before `at`, skipping spaces and colons.
std::string_view word_before(std::string_view line, std::size_t at) {
    std::size_t end = at;
    while (end > 0 && (line[end - 1] == ' ' || line[end - 1] == ':'))
        --end;
    std::size_t begin = end;
    while (begin > 0 && is_letter(line[begin - 1]))
        --begin;
    return line.substr(begin, end - begin);
}

bool follows_work_word(std::string_view line, std::size_t at) {
    std::string word{word_before(line, at)};
    for (char& c : word)
        c = static_cast<char>(c | 0x20);  // to lower case, for letters
    return std::ranges::any_of(kWorkWords, [&](std::string_view known) {
        return word == known || (word.starts_with(known) && word.substr(known.size()) == "s");
    });
}

bool is_certain(std::string_view line, const Span& left, const Span& right, bool whole) {
    if (before(line, left.begin) == '[' && after(line, right.end) == ']') return true;
    if (!whole) return false;
    const bool is_only_text =
        trim(line.substr(0, left.begin)).empty() && trim(line.substr(right.end)).empty();
    return is_only_text || follows_work_word(line, left.begin);
}

/// The fraction around the slash at `slash`.
std::optional<Fraction> fraction_at(std::string_view line, std::size_t slash, bool ended) {
    const Span left = number_before(line, slash);
    const Span right = number_after(line, slash + 1);
    if (!fraction_begins_alone(line, left.begin) || !fraction_ends_alone(line, right.end))
        return {};
    if (!ended && right.end == line.size()) return {};
    auto fraction = read_fraction(left.of(line), right.of(line));
    if (!fraction) return {};
    fraction->certain = is_certain(line, left, right, fraction->whole);
    return fraction;
}

std::optional<double> percentage_at(std::string_view line, std::size_t sign) {
    const char next = after(line, sign + 1);
    if (is_letter(next) || is_digit(next) || next == '%') return {};
    const Span number = number_before(line, sign);
    if (!begins_alone(line, number.begin)) return {};
    return read_percentage(number.of(line));
}

std::vector<std::string_view> words_of(std::string_view line) {
    auto words = split(line, ' ');
    std::erase_if(words, [](std::string_view word) { return word.empty(); });
    return words;
}

}  // namespace

std::optional<double> read_percentage(std::string_view text) {
    text = trim(text);
    if (text.ends_with('%')) text = trim(text.substr(0, text.size() - 1));
    const auto value = read_number(text);
    if (!value || *value > 100) return {};
    return *value / 100;
}

std::optional<Fraction> read_fraction(std::string_view current, std::string_view total) {
    const auto some = read_number(trim(current));
    const auto all = read_number(trim(total));
    if (!some || !all || *all <= 0 || *some > *all) return {};
    return Fraction{*some, *all, is_whole(current, *some) && is_whole(total, *all), false};
}

std::optional<double> find_percentage(std::string_view line) {
    for (std::size_t at = line.find('%'); at != std::string_view::npos;
         at = line.find('%', at + 1)) {
        if (const auto share = percentage_at(line, at)) return share;
    }
    return {};
}

std::vector<Fraction> find_fractions(std::string_view line, bool ended) {
    std::vector<Fraction> found;
    for (std::size_t at = line.find('/'); at != std::string_view::npos;
         at = line.find('/', at + 1)) {
        if (const auto fraction = fraction_at(line, at, ended)) found.push_back(*fraction);
    }
    return found;
}

/// Percentage and size of total, received and sent; two speeds; three times; the current speed:
///    42  100M   42 42.0M    0     0  12.0M      0  0:00:08  0:00:03  0:00:05 12.0M
std::optional<double> find_curl_meter(std::string_view line) {
    static constexpr std::size_t kColumns = 12;
    static constexpr std::size_t kFirstTime = 8;
    const auto words = words_of(line);
    if (words.size() != kColumns) return {};
    for (std::size_t time = kFirstTime; time < kFirstTime + 3; ++time) {
        if (words[time].find(':') == std::string_view::npos) return {};
    }
    const auto total = read_percentage(words[0]);
    const auto received = read_percentage(words[2]);
    const auto sent = read_percentage(words[4]);
    if (!total || !received || !sent) return {};
    // If the size is unknown, curl shows 100 % of the total but 0 % received and sent.
    const bool known = *received > 0 || *sent > 0 || *total == 0;
    return known ? total : std::nullopt;
}

}  // namespace atlasjob

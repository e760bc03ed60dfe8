#include "view/terminal_text.h"

#include "base/text.h"
#include "view/style.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace atlasjob::view {

namespace {

constexpr char kEscape = '\x1b';
/// A cell that shows the second half of the wide character in the cell before it.
constexpr std::string_view kSecondHalf{};
constexpr std::string_view kBlank = " ";
/// How far right a sequence can move the cursor beyond what has been printed.
constexpr std::size_t kTerminalWidth = 256;
/// Printing further than that continues on the next row of the screen.
constexpr std::size_t kMaxColumns = 65'536;

/// An escape sequence, or a single control character of the C1 set.
struct Sequence {
    std::size_t length = 0;  ///< 0 if the text starts with none.
    bool cut_off = false;    ///< The text ends within it.
    char command = 0;        ///< The final byte of a control sequence; 0 for anything else.
    std::string_view parameters = {};
};

bool is_in(char c, unsigned char first, unsigned char last) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= first && byte <= last;
}

std::size_t skip(std::string_view text, std::size_t at, unsigned char first, unsigned char last) {
    while (at < text.size() && is_in(text[at], first, last))
        ++at;
    return at;
}

/// CSI, of which the introducer is `begin` bytes long: parameters, intermediates, a final byte.
Sequence control_sequence(std::string_view text, std::size_t begin) {
    const std::size_t intermediates = skip(text, begin, 0x30, 0x3F);
    const std::size_t end = skip(text, intermediates, 0x20, 0x2F);
    if (end == text.size()) return {end, true};
    // Anything else, such as a line end, aborts the sequence.
    if (!is_in(text[end], 0x40, 0x7E)) return {end};
    const bool is_plain = end == intermediates;
    return {end + 1, false, is_plain ? text[end] : '\0', text.substr(begin, intermediates - begin)};
}

/// OSC, DCS and their like: a text up to ST or BEL. A line end aborts it.
Sequence string_sequence(std::string_view text, std::size_t begin) {
    for (std::size_t at = begin; at < text.size(); ++at) {
        const std::string_view rest = text.substr(at);
        if (rest[0] == '\a') return {at + 1};
        if (rest[0] == '\n') return {at};
        if (rest.starts_with("\xC2\x9C")) return {at + 2};
        if (rest[0] == kEscape && rest.size() > 1) return {at + (rest[1] == '\\' ? 2U : 0U)};
    }
    return {text.size(), true};
}

/// `introducer`: the second character of the sequence's form with ESC.
Sequence sequence_after(std::string_view text, char introducer, std::size_t begin) {
    if (introducer == '[') return control_sequence(text, begin);
    const bool is_string = std::string_view{"]PX^_"}.find(introducer) != std::string_view::npos;
    return is_string ? string_sequence(text, begin) : Sequence{begin};
}

Sequence sequence_at(std::string_view text) {
    // The C1 characters U+0080 to U+009F are ESC and a character from @ to _.
    if (text.size() > 1 && text[0] == '\xC2' && is_in(text[1], 0x80, 0x9F))
        return sequence_after(text, static_cast<char>(text[1] - 0x40), 2);
    if (text.empty() || text[0] != kEscape) return {};
    const std::size_t last = skip(text, 1, 0x20, 0x2F);
    if (last == text.size()) return {last, true};
    if (!is_in(text[last], 0x30, 0x7E)) return {last};
    return last == 1 ? sequence_after(text, text[1], 2) : Sequence{last + 1};
}

/// The n-th number of the parameters, counted from 0.
std::size_t parameter(const Sequence& sequence, std::size_t n, std::size_t by_default) {
    std::string_view rest = sequence.parameters;
    for (; n > 0; --n) {
        const std::size_t end = rest.find(';');
        rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    }
    std::size_t value = by_default;
    std::from_chars(rest.data(), rest.data() + rest.size(), value);
    return value;
}

/// One line of a screen, while it is printed.
class Row {
  public:
    explicit Row(std::string& out) : out_(out) {}

    void print(std::string_view character) {
        const std::size_t width = character == "\t" ? 1 : display_width(character);
        if (width == 0) return combine(character);
        if (column_ + width > kMaxColumns) wrap();
        if (cells_.size() < column_ + width) cells_.resize(column_ + width, kBlank);
        for (std::size_t i = 0; i < width; ++i)
            clear(column_ + i);
        cells_[column_] = character;
        if (width > 1) cells_[column_ + 1] = kSecondHalf;
        column_ += width;
    }

    void move_to(std::size_t column) {
        is_edited_ = true;
        column_ = std::min(column, std::max(cells_.size(), kTerminalWidth));
    }
    void move_back(std::size_t columns) { move_to(column_ - std::min(column_, columns)); }

    void apply(const Sequence& sequence) {
        const std::size_t count = std::max<std::size_t>(parameter(sequence, 0, 1), 1);
        switch (sequence.command) {
            case 'C':
                return move_to(column_ + std::min(count, kTerminalWidth));
            case 'D':
                return move_back(count);
            case 'E':
            case 'F':
                return move_to(0);
            case 'G':
            case '`':
                return move_to(count - 1);
            case 'H':
            case 'f':
                return move_to(std::max<std::size_t>(parameter(sequence, 1, 1), 1) - 1);
            case 'J':
            case 'K':
                return erase(parameter(sequence, 0, 0));
            default:
                return;
        }
    }

    void finish() {
        std::size_t end = cells_.size();
        // Programs print blanks to wipe out what was there.
        while (is_edited_ && end > 0 && cells_[end - 1] == kBlank)
            --end;
        for (std::size_t i = 0; i < end; ++i)
            out_ += cells_[i];
    }

  private:
    /// The other half of a wide character is cleared as well.
    void clear(std::size_t column) {
        const bool is_second = cells_[column].empty() && column > 0;
        if (is_second) cells_[column - 1] = kBlank;
        if (column + 1 < cells_.size() && cells_[column + 1].empty()) cells_[column + 1] = kBlank;
        cells_[column] = kBlank;
    }

    /// `what`: 0 from the cursor on, 1 up to the cursor, 2 everything.
    void erase(std::size_t what) {
        is_edited_ = true;
        if (what == 0 && column_ < cells_.size()) {
            clear(column_);
            cells_.resize(column_);
        }
        if (what == 1) {
            for (std::size_t i = 0; i < std::min(column_ + 1, cells_.size()); ++i)
                clear(i);
        }
        if (what == 2) cells_.clear();
    }

    /// Adds a character without a width to the one before it.
    void combine(std::string_view character) {
        std::size_t column = std::min(column_, cells_.size());
        while (column > 0 && cells_[column - 1].empty())
            --column;
        if (column == 0) return;
        std::string_view& cell = cells_[column - 1];
        if (cell.data() + cell.size() == character.data())
            cell = {cell.data(), cell.size() + character.size()};
    }

    void wrap() {
        finish();
        cells_.clear();
        column_ = 0;
    }

    std::string& out_;
    std::vector<std::string_view> cells_;
    std::size_t column_ = 0;
    bool is_edited_ = false;
};

/// Prints one character that is not part of a sequence; returns its length.
std::size_t print_character(Row& row, std::string_view line) {
    const std::size_t length = std::max<std::size_t>(utf8_length(line), 1);
    const char first = line[0];
    if (first == '\r') {
        row.move_to(0);
    } else if (first == '\b') {
        row.move_back(1);
    } else if (first == '\t' || !(is_in(first, 0, 0x1F) || first == '\x7f')) {
        row.print(line.substr(0, length));
    }
    return length;
}

void append_line(std::string& out, std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    Row row{out};
    while (!line.empty()) {
        const Sequence sequence = sequence_at(line);
        if (sequence.length > 0) row.apply(sequence);
        line.remove_prefix(sequence.length > 0 ? sequence.length : print_character(row, line));
    }
    row.finish();
}

/// Whether the text has nothing that a terminal acts on, except line ends and tabs.
bool is_plain(std::string_view text) {
    return std::ranges::none_of(text, [](char c) {
        // 0xC2 introduces the C1 characters, among others.
        return (is_in(c, 0, 0x1F) && c != '\n' && c != '\t') || c == '\x7f' || c == '\xC2';
    });
}

}  // namespace

std::string terminal_text(std::string_view text) {
    if (is_plain(text)) return std::string{text};
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        if (is_plain(line)) {
            out += line;
        } else {
            append_line(out, line);
        }
        if (end < text.size()) out += '\n';
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::size_t sequence_length(std::string_view text) {
    const Sequence sequence = sequence_at(text);
    return sequence.cut_off ? 0 : sequence.length;
}

std::size_t length_of_whole_sequences(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const Sequence sequence = sequence_at(text.substr(at));
        if (sequence.cut_off) return at;
        at += std::max<std::size_t>(sequence.length, 1);
    }
    return at;
}

}  // namespace atlasjob::view

#include "e2e/cli/terminal/terminal_screen.h"

#include <algorithm>
#include <cstdlib>

namespace atlasjob::test {

TerminalScreen::TerminalScreen(std::size_t rows, std::size_t columns)
    : rows_(rows), columns_(columns), shown_(blank()) {}

TerminalScreen::Lines TerminalScreen::blank() const {
    return Lines(rows_, std::vector<std::string>(columns_, " "));
}

void TerminalScreen::resize(std::size_t rows, std::size_t columns) {
    rows_ = rows;
    columns_ = columns;
    for (Lines* lines : {&shown_, &primary_}) {
        if (lines->empty()) continue;
        lines->resize(rows, std::vector<std::string>(columns, " "));
        for (auto& line : *lines)
            line.resize(columns, " ");
    }
    row_ = std::min(row_, rows - 1);
    column_ = std::min(column_, columns);
}

void TerminalScreen::feed(std::string_view bytes) {
    pending_ += bytes;
    std::string_view rest = pending_;
    while (!rest.empty()) {
        std::size_t used = 1;
        if (rest.starts_with("\x1b[")) {
            const std::size_t end =
                rest.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 2);
            if (end == std::string_view::npos) break;
            execute(rest.substr(2, end - 2), rest[end]);
            used = end + 1;
        } else if (rest[0] == '\x1b') {
            if (rest.size() < 2) break;
            unknown += rest.substr(0, 2);
        } else if (rest[0] == '\r') {
            column_ = 0;
        } else if (rest[0] == '\n') {
            break_line();
        } else {
            const auto lead = static_cast<unsigned char>(rest[0]);
            used = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
            if (rest.size() < used) break;
            put(rest.substr(0, used));
        }
        rest.remove_prefix(used);
    }
    pending_ = std::string{rest};
}

void TerminalScreen::put(std::string_view character) {
    if (column_ >= columns_) {
        if (!wraps) return;
        column_ = 0;
        break_line();
    }
    shown_[row_][column_++] = std::string{character};
}

void TerminalScreen::break_line() {
    if (row_ + 1 < rows_) {
        ++row_;
        return;
    }
    shown_.erase(shown_.begin());
    shown_.emplace_back(columns_, " ");
}

void TerminalScreen::execute(std::string_view parameters, char command) {
    const std::string text{parameters};
    const std::size_t count = std::max<std::size_t>(std::strtoul(text.c_str(), nullptr, 10), 1);
    auto& line = shown_[row_];
    const auto at = static_cast<std::ptrdiff_t>(std::min(column_, columns_));
    switch (command) {
        case 'm':
            coloured = true;
            return;
        case 'A':
            row_ -= std::min(row_, count);
            return;
        case 'H':
            row_ = column_ = 0;
            return;
        case 'K':
            std::fill(line.begin() + at, line.end(), " ");
            return;
        case 'J':
            std::fill(line.begin() + at, line.end(), " ");
            for (std::size_t row = row_ + 1; row < rows_; ++row)
                shown_[row].assign(columns_, " ");
            return;
        case 'h':
        case 'l':
            set_mode(parameters, command == 'h');
            return;
        default:
            unknown += "\x1b[" + text + command;
    }
}

void TerminalScreen::set_mode(std::string_view mode, bool on) {
    if (mode == "?25") {
        cursor_visible = on;
    } else if (mode == "?7") {
        wraps = on;
    } else if (mode == "?1049" && on != alternate) {
        alternate = on;
        if (on) {
            primary_row_ = row_;
            primary_ = std::move(shown_);
            shown_ = blank();
        } else {
            row_ = primary_row_;
            column_ = 0;
            shown_ = std::move(primary_);
            primary_.clear();
        }
    } else {
        unknown += mode;
    }
}

std::vector<std::string> TerminalScreen::lines() const {
    std::vector<std::string> lines;
    for (const auto& cells : shown_) {
        std::string line;
        for (const std::string& cell : cells)
            line += cell;
        line.erase(line.find_last_not_of(' ') + 1);
        lines.push_back(line);
    }
    while (!lines.empty() && lines.back().empty())
        lines.pop_back();
    return lines;
}

std::string TerminalScreen::text() const {
    std::string text;
    for (const std::string& line : lines())
        text += line + '\n';
    return text;
}

}  // namespace atlasjob::test

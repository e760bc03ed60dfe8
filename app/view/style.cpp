#include "view/style.h"

#include "base/printable.h"
#include "base/text.h"
#include "view/char_width.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::view {

namespace {

std::string_view first_character(std::string_view text) {
    return text.substr(0, std::max<std::size_t>(utf8_length(text), 1));
}

std::size_t width_of(std::string_view character) {
    return char_width(code_point(character));
}

std::string_view escape_of(Color color) {
    switch (color) {
        case Color::plain:
            return {};
        case Color::strong:
            return "\x1b[1m";
        case Color::faint:
            return "\x1b[2m";
        case Color::good:
            return "\x1b[32m";
        case Color::bad:
            return "\x1b[31m";
        case Color::warning:
            return "\x1b[33m";
        case Color::active:
            return "\x1b[36m";
    }
    return {};
}

bool is_shell_safe(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || std::string_view{"_-./:=,+@%"}.find(c) != std::string_view::npos;
}

}  // namespace

std::string painted(std::string_view text, Color color, const Style& style) {
    if (!style.colour || color == Color::plain) return std::string{text};
    return fmt::format("{}{}\x1b[0m", escape_of(color), text);
}

Color color_of(Status status) {
    switch (status) {
        case Status::queued:
            return Color::plain;
        case Status::running:
            return Color::active;
        case Status::done:
            return Color::good;
        case Status::error:
            return Color::bad;
        case Status::cancelled:
            return Color::warning;
    }
    return Color::plain;
}

std::string printable(std::string_view text) {
    std::string line{text};
    std::ranges::replace_if(
        line, [](char c) { return c == '\n' || c == '\t' || c == '\r'; }, ' ');
    return escape_controls(line);
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const std::string_view character = first_character(text);
        width += width_of(character);
        text.remove_prefix(character.size());
    }
    return width;
}

std::string fitted(std::string_view text, std::size_t columns) {
    if (columns == 0 || display_width(text) <= columns) return std::string{text};
    std::string cut;
    std::size_t used = 1;  // The column of "…".
    while (!text.empty()) {
        const std::string_view character = first_character(text);
        used += width_of(character);
        if (used > columns) break;
        cut += character;
        text.remove_prefix(character.size());
    }
    return cut + "…";
}

std::string fitted_with_end(std::string_view text, std::size_t columns) {
    std::size_t width = display_width(text);
    if (columns == 0 || width <= columns) return std::string{text};
    const std::string beginning = fitted(text, columns / 3);
    const std::size_t room = columns - std::min(columns, display_width(beginning));
    while (!text.empty() && width > room) {
        const std::string_view character = first_character(text);
        width -= width_of(character);
        text.remove_prefix(character.size());
    }
    return beginning + std::string{text};
}

std::string shell_word(std::string_view argument) {
    if (!argument.empty() && std::ranges::all_of(argument, is_shell_safe)) {
        return std::string{argument};
    }
    std::string quoted = "'";
    for (const char c : argument) {
        if (c == '\'') {
            quoted += "'\\''";
        } else {
            quoted += c;
        }
    }
    return escape_controls(quoted + "'");
}

std::string command_text(std::span<const std::string> argv) {
    std::string line;
    for (const std::string& argument : argv) {
        if (!line.empty()) line += ' ';
        line += shell_word(argument);
    }
    return line;
}

}  // namespace atlasjob::view

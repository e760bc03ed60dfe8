#pragma once

#include "view/style.h"

#include <vector>

namespace atlasjob::view {

struct Cell {
    std::string text;  ///< Printable.
    Color color = Color::plain;
};

struct Column {
    std::string_view title;  ///< If empty in all columns, the table has no header.
    bool right_aligned = false;
    bool flexible = false;  ///< Shrinks if the terminal is too narrow, the widest column first.
};

/// Formats rows in aligned columns, two spaces apart, without trailing blanks.
class Table {
  public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    /// Adds a row with one cell per column.
    void add(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
    bool empty() const { return rows_.empty(); }

    /// One line per row. If the terminal is narrower than the table, flexible columns are cut
    /// first, then the right end of the lines.
    std::string text(const Style& style) const;

  private:
    std::vector<std::size_t> widths(const Style& style) const;

    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

/// "key   value" lines with aligned values.
std::string key_value_text(
    const std::vector<std::pair<std::string_view, std::string>>& lines, const Style& style);

}  // namespace atlasjob::view

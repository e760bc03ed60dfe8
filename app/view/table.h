#pragma once

#include "view/style.h"

#include <vector>

namespace atlasjob::view {

struct Cell {
    std::string text;  ///< Printable.
    Color ink = Color::plain;
};

struct Column {
    std::string_view title;  ///< Empty in all columns: the table has no head.
    bool right_aligned = false;
    bool flexible = false;  ///< Gives way when the terminal is too narrow; the widest first.
};

/// Rows under each other in aligned columns, two spaces apart, no blanks at line ends.
class Table {
  public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    /// As many cells as there are columns.
    void add(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
    bool empty() const { return rows_.empty(); }

    /// One line a row. On a terminal narrower than the table the flexible columns are cut, and
    /// where that is not enough, what stands beyond its edge.
    std::string text(const Style& style) const;

  private:
    std::vector<std::size_t> widths(const Style& style) const;

    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

/// "key   value" lines, the values under each other.
std::string key_value_text(
    const std::vector<std::pair<std::string_view, std::string>>& lines, const Style& style);

}  // namespace atlasjob::view

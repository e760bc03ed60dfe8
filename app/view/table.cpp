#include "view/table.h"

#include <algorithm>
#include <numeric>

namespace atlasjob::view {

namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kMinFlexibleWidth = 8;  ///< Minimum width of a flexible column.

std::size_t total_of(const std::vector<std::size_t>& widths) {
    return std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
}

/// Removes `missing` columns of width, always from the widest flexible column.
void narrow(
    std::vector<std::size_t>& widths, const std::vector<Column>& columns, std::size_t missing) {
    for (; missing > 0; --missing) {
        std::size_t* widest = nullptr;
        for (std::size_t i = 0; i < widths.size(); ++i) {
            const bool can_shrink = columns[i].flexible && widths[i] > kMinFlexibleWidth;
            if (can_shrink && (widest == nullptr || widths[i] > *widest)) widest = &widths[i];
        }
        if (widest == nullptr) return;
        --*widest;
    }
}

/// Builds one line. Blanks are written only when text follows them.
class Line {
  public:
    explicit Line(const Style& style) : style_(style) {}

    void add(const Cell& cell, const Column& column, std::size_t width) {
        const std::string shown = column.flexible ? fitted(cell.text, width) : cell.text;
        const std::size_t used = display_width(shown);
        const std::size_t pad = width > used ? width - used : 0;
        if (column.right_aligned) blanks_ += pad;
        if (!shown.empty()) put(shown, cell.color);
        blanks_ += kGap + (column.right_aligned ? 0 : pad);
    }

    std::string finish() && { return std::move(text_) + '\n'; }

  private:
    void put(const std::string& shown, Color color) {
        used_ += blanks_;
        if (style_.width > 0 && used_ >= style_.width) return;
        text_.append(blanks_, ' ');
        blanks_ = 0;
        const std::string cut = style_.width > 0 ? fitted(shown, style_.width - used_) : shown;
        text_ += painted(cut, color, style_);
        used_ += display_width(cut);
    }

    const Style& style_;
    std::string text_;
    std::size_t used_ = 0;
    std::size_t blanks_ = 0;
};

}  // namespace

std::vector<std::size_t> Table::widths(const Style& style) const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        std::size_t widest = display_width(columns_[i].title);
        for (const std::vector<Cell>& row : rows_)
            widest = std::max(widest, display_width(row[i].text));
        widths.push_back(widest);
    }
    const std::size_t total = total_of(widths);
    if (style.width > 0 && total > style.width) narrow(widths, columns_, total - style.width);
    return widths;
}

std::string Table::text(const Style& style) const {
    const std::vector<std::size_t> widths = this->widths(style);
    std::string out;
    const auto add_row = [&](const auto& cell_at) {
        Line line{style};
        for (std::size_t i = 0; i < columns_.size(); ++i)
            line.add(cell_at(i), columns_[i], widths[i]);
        out += std::move(line).finish();
    };
    if (std::ranges::any_of(columns_, [](const Column& c) { return !c.title.empty(); })) {
        add_row([&](std::size_t i) { return Cell{std::string{columns_[i].title}, Color::faint}; });
    }
    for (const std::vector<Cell>& row : rows_)
        add_row([&](std::size_t i) { return row[i]; });
    return out;
}

std::string key_value_text(
    const std::vector<std::pair<std::string_view, std::string>>& lines, const Style& style) {
    std::size_t widest = 0;
    for (const auto& [key, value] : lines)
        widest = std::max(widest, display_width(key));
    std::string out;
    for (const auto& [key, value] : lines) {
        out += "  ";
        out += painted(key, Color::faint, style);
        out.append(widest - display_width(key) + kGap, ' ');
        out += value;
        out += '\n';
    }
    return out;
}

}  // namespace atlasjob::view

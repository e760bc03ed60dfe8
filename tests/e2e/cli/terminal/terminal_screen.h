#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::test {

/// What somebody sees on a terminal to which these bytes are written: as much of a terminal as the
/// program asks for. Characters take one column. Anything it does not know is kept in `unknown`.
class TerminalScreen {
  public:
    TerminalScreen(std::size_t rows, std::size_t columns);

    void feed(std::string_view bytes);
    void resize(std::size_t rows, std::size_t columns);

    /// The lines as they are seen, without blanks at their ends; empty ones at the bottom left out.
    std::vector<std::string> lines() const;
    /// The same as one text.
    std::string text() const;
    bool shows(std::string_view what) const { return text().find(what) != std::string::npos; }

    bool whole = false;     ///< The other screen is shown.
    bool cursor = true;     ///< It can be seen.
    bool wraps = true;      ///< Lines that are too long go on in the next one.
    bool coloured = false;  ///< Some colour has been asked for.
    std::string unknown;

  private:
    using Lines = std::vector<std::vector<std::string>>;

    void put(std::string_view character);
    void break_line();
    void obey(std::string_view parameters, char command);
    void set_mode(std::string_view mode, bool on);
    Lines blank() const;

    std::size_t rows_;
    std::size_t columns_;
    std::size_t row_ = 0;
    std::size_t column_ = 0;
    Lines shown_;
    Lines behind_;  ///< While the other screen is shown.
    std::size_t row_behind_ = 0;
    std::string pending_;
};

}  // namespace atlasjob::test

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::test {

/// The visible contents of a terminal to which the bytes are written. It implements the sequences
/// that the program uses; any other is collected in `unknown`. Every character takes one column.
class TerminalScreen {
  public:
    TerminalScreen(std::size_t rows, std::size_t columns);

    void feed(std::string_view bytes);
    void resize(std::size_t rows, std::size_t columns);

    /// The visible lines without trailing spaces and without empty lines at the bottom.
    std::vector<std::string> lines() const;
    /// The same as one text.
    std::string text() const;
    bool shows(std::string_view part) const { return text().find(part) != std::string::npos; }

    bool alternate = false;  ///< The alternate screen is shown.
    bool cursor_visible = true;
    bool wraps = true;      ///< Lines that are too long continue on the next one.
    bool coloured = false;  ///< A colour sequence has been written.
    std::string unknown;

  private:
    using Lines = std::vector<std::vector<std::string>>;

    void put(std::string_view character);
    void break_line();
    void execute(std::string_view parameters, char command);
    void set_mode(std::string_view mode, bool on);
    Lines blank() const;

    std::size_t rows_;
    std::size_t columns_;
    std::size_t row_ = 0;
    std::size_t column_ = 0;
    Lines shown_;
    Lines primary_;  ///< The primary screen while the alternate one is shown.
    std::size_t primary_row_ = 0;
    std::string pending_;
};

}  // namespace atlasjob::test

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace atlasjob::rpc {

/// In bytes, for requests and answers: the official clients stop reading at 10 MiB.
inline constexpr std::size_t kMaxMessage = std::size_t{8} * 1024 * 1024;

/// Splits a stream of bytes into lines, buffering at most one of them. Lines end with "\n" or
/// "\r\n". A line longer than the limit is discarded as it arrives and reported once.
class LineBuffer {
  public:
    struct Line {
        std::string_view text;  ///< Without the line end; empty if too long.
        bool too_long = false;
    };

    explicit LineBuffer(std::size_t max_line = kMaxMessage);

    /// Space for the next bytes; never empty. Invalidates the lines returned before.
    std::span<char> room();
    /// Marks that many bytes of the room as filled.
    void filled(std::size_t bytes);
    /// The next complete line; nullopt if more bytes are needed.
    std::optional<Line> next();
    /// At the end of the stream, once next returned nullopt: the text after the last newline, if
    /// any.
    std::optional<Line> rest();

  private:
    Line take(std::size_t end);
    void drop_overlong();

    std::size_t max_line_;
    std::vector<char> bytes_;
    std::size_t begin_ = 0;    ///< Start of the line that is still incomplete.
    std::size_t scanned_ = 0;  ///< There is no newline between begin_ and this.
    std::size_t end_ = 0;
    bool dropping_ = false;  ///< The current line is too long.
};

}  // namespace atlasjob::rpc

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace atlasjob::rpc {

/// The official clients stop reading at 10 MiB; this leaves room on the way back.
inline constexpr std::size_t kMaxMessage = std::size_t{8} * 1024 * 1024;

/// Cuts a stream of bytes into lines and holds on to no more than one of them. Lines end with
/// "\n" or "\r\n"; one longer than the limit is dropped as it comes in and told about once.
class LineBuffer {
  public:
    struct Line {
        std::string_view text;  ///< Without its end; empty when it was too long.
        bool too_long = false;
    };

    explicit LineBuffer(std::size_t longest = kMaxMessage);

    /// Where the next bytes go; never empty. Lines handed out before are gone after this call.
    std::span<char> room();
    /// So many bytes of the room have been filled.
    void filled(std::size_t bytes);
    /// The next complete line, or nothing when more bytes are needed.
    std::optional<Line> next();
    /// At the end of the stream, after next: what stands behind the last newline, if anything.
    std::optional<Line> rest();

  private:
    Line take(std::size_t end);
    void drop_overlong();

    std::size_t longest_;
    std::vector<char> bytes_;
    std::size_t begin_ = 0;    ///< Of the line that is not complete yet.
    std::size_t scanned_ = 0;  ///< No newline between begin_ and here.
    std::size_t end_ = 0;
    bool dropping_ = false;  ///< The current line is too long.
};

}  // namespace atlasjob::rpc

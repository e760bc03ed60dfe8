#include "rpc/line_buffer.h"

#include <cstring>
#include <utility>

namespace atlasjob::rpc {

namespace {

constexpr std::size_t kReadSize = std::size_t{64} * 1024;

}  // namespace

LineBuffer::LineBuffer(std::size_t max_line) : max_line_(max_line), bytes_(kReadSize) {}

std::span<char> LineBuffer::room() {
    if (begin_ > 0) {
        std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
        scanned_ -= begin_;
        end_ -= begin_;
        begin_ = 0;
    }
    if (end_ == 0 && bytes_.size() > kReadSize) {
        // Releases the memory of a huge message for the rest of the session.
        bytes_.resize(kReadSize);
        bytes_.shrink_to_fit();
    }
    if (bytes_.size() - end_ < kReadSize / 2) bytes_.resize(bytes_.size() * 2);
    return std::span{bytes_}.subspan(end_);
}

void LineBuffer::filled(std::size_t bytes) {
    end_ += bytes;
}

std::optional<LineBuffer::Line> LineBuffer::next() {
    const std::size_t newline = std::string_view{bytes_.data(), end_}.find('\n', scanned_);
    if (newline == std::string_view::npos) {
        scanned_ = end_;
        drop_overlong();
        return {};
    }
    const Line line = take(newline);
    begin_ = scanned_ = newline + 1;
    return line;
}

std::optional<LineBuffer::Line> LineBuffer::rest() {
    if (begin_ == end_ && !dropping_) return {};
    const Line line = take(end_);
    begin_ = scanned_ = end_;
    return line;
}

LineBuffer::Line LineBuffer::take(std::size_t end) {
    std::string_view text{bytes_.data() + begin_, end - begin_};
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (std::exchange(dropping_, false) || text.size() > max_line_) return {{}, true};
    return {text, false};
}

void LineBuffer::drop_overlong() {
    // One more byte is allowed: it may be the "\r" of the line end.
    if (end_ - begin_ > max_line_ + 1) dropping_ = true;
    if (dropping_) begin_ = scanned_ = end_;
}

}  // namespace atlasjob::rpc

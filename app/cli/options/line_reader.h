#pragma once

#include "base/file.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atlasjob::cli {

/// The lines of a file, to be read more than once and one at a time, however many there are. What
/// can be read only once (standard input, a pipe) is laid by in a nameless file first.
class LineReader {
  public:
    /// `path` "-" is standard input. Throws invalid_argument when it cannot be read.
    explicit LineReader(const std::string& path);

    /// How an error names it.
    const std::string& name() const { return name_; }
    std::int64_t size() const { return size_; }
    /// The next line without its end, or nothing; valid until the next call.
    std::optional<std::string_view> next();
    /// Of the line that next has given, from 1.
    std::int64_t number() const { return number_; }
    /// Bytes of the lines given so far.
    std::int64_t position() const { return position_; }
    void rewind();

  private:
    [[noreturn]] void refuse(int error) const;
    void lay_by();
    bool read_more();

    std::string name_;
    UniqueFd fd_;
    std::int64_t size_ = 0;
    std::string buffer_;
    std::size_t begin_ = 0;  ///< Of what next has not given yet, in the buffer.
    bool at_end_ = false;
    std::int64_t number_ = 0;
    std::int64_t position_ = 0;
};

}  // namespace atlasjob::cli

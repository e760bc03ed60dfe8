#pragma once

#include "base/file.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atlasjob::cli {

/// Reads a file line by line, more than once and in constant memory. Input that can be read only
/// once (stdin, a pipe) is first copied to an unnamed temporary file.
class LineReader {
  public:
    /// `path` "-" is standard input. Throws invalid_argument if it cannot be read.
    explicit LineReader(const std::string& path);

    /// The name of the input in errors.
    const std::string& name() const { return name_; }
    std::int64_t size() const { return size_; }
    /// The next line without its line end, nullopt at the end of input. Valid until the next call.
    std::optional<std::string_view> next();
    /// Number of the line that next() returned last, from 1.
    std::int64_t number() const { return number_; }
    /// Number of bytes of the lines returned so far.
    std::int64_t position() const { return position_; }
    void rewind();

  private:
    [[noreturn]] void refuse(int error) const;
    void buffer_input();
    bool read_more();

    std::string name_;
    UniqueFd fd_;
    std::int64_t size_ = 0;
    std::string buffer_;
    std::size_t begin_ = 0;  ///< Start of the next line in the buffer.
    bool at_end_ = false;
    std::int64_t number_ = 0;
    std::int64_t position_ = 0;
};

}  // namespace atlasjob::cli

#include "cli/options/line_reader.h"

#include "base/blocking_io.h"
#include "base/environment_path.h"
#include "base/error.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

namespace atlasjob::cli {

namespace {

constexpr std::size_t kBlock = 256UL * 1024;

/// A temporary file without a name, deleted when it is closed.
UniqueFd unnamed_file() {
    if (environment("TMPDIR") && !environment_path("TMPDIR")) {
        throw Error(
            ErrorCode::unavailable, "cannot buffer the input: " + why_no_path("TMPDIR"),
            "set TMPDIR to an absolute path, or unset it");
    }
    std::string path = environment_path("TMPDIR").value_or("/tmp") + "/atlasjob-XXXXXX";
    UniqueFd fd{mkostemp(path.data(), O_CLOEXEC)};
    if (!fd) {
        throw Error(
            ErrorCode::unavailable,
            fmt::format("cannot buffer the input in {}: {}", path, errno_text(errno)),
            "free some space there, or set TMPDIR");
    }
    unlink(path.c_str());
    return fd;
}

}  // namespace

LineReader::LineReader(const std::string& path)
    : name_(path == "-" ? "standard input" : path),
      fd_(path == "-" ? UniqueFd{fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)}
                      : open_file(path, O_RDONLY)) {
    if (!fd_) refuse(errno);
    struct stat status {};
    if (fstat(fd_.get(), &status) != 0) refuse(errno);
    if (S_ISDIR(status.st_mode)) refuse(EISDIR);
    if (!S_ISREG(status.st_mode) || path == "-") {
        buffer_input();
        if (fstat(fd_.get(), &status) != 0) refuse(errno);
    }
    size_ = status.st_size;
    rewind();
}

void LineReader::refuse(int error) const {
    throw Error(
        ErrorCode::invalid_argument, fmt::format("cannot read {}: {}", name_, errno_text(error)),
        "give a readable file, or - for standard input");
}

void LineReader::buffer_input() {
    const UniqueFd copy = unnamed_file();
    std::string block(kBlock, '\0');
    for (;;) {
        const ssize_t count = read_some(fd_.get(), block.data(), block.size());
        if (count == 0) break;
        if (count < 0) refuse(errno);
        if (!write_all(copy.get(), {block.data(), static_cast<std::size_t>(count)})) refuse(errno);
    }
    fd_.reset(fcntl(copy.get(), F_DUPFD_CLOEXEC, 0));
}

void LineReader::rewind() {
    if (lseek(fd_.get(), 0, SEEK_SET) != 0) refuse(errno);
    buffer_.clear();
    begin_ = 0;
    at_end_ = false;
    number_ = 0;
    position_ = 0;
}

bool LineReader::read_more() {
    buffer_.erase(0, begin_);
    begin_ = 0;
    const std::size_t kept = buffer_.size();
    buffer_.resize(kept + kBlock);
    const ssize_t count = read_some(fd_.get(), buffer_.data() + kept, kBlock);
    if (count < 0) refuse(errno);
    buffer_.resize(kept + static_cast<std::size_t>(count));
    at_end_ = count == 0;
    return !at_end_;
}

std::optional<std::string_view> LineReader::next() {
    std::size_t searched = begin_;
    std::size_t end = buffer_.find('\n', searched);
    while (end == std::string::npos && !at_end_) {
        searched = buffer_.size() - begin_;
        if (read_more()) end = buffer_.find('\n', searched);
    }
    if (end == std::string::npos && begin_ == buffer_.size()) return {};
    const std::size_t stop = std::min(end, buffer_.size());
    const std::string_view line = std::string_view{buffer_}.substr(begin_, stop - begin_);
    begin_ = std::min(stop + 1, buffer_.size());
    ++number_;
    position_ += static_cast<std::int64_t>(line.size()) + 1;
    return line;
}

}  // namespace atlasjob::cli

#include "cli/jobs/event_cursor.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>

namespace atlasjob::cli {

namespace {

[[noreturn]] void fail(const char* what, const std::string& path) {
    throw Error(
        ErrorCode::unavailable,
        fmt::format("cannot {} the cursor file {}: {}", what, repair_utf8(path), errno_text(errno)),
        "use a file in a directory that you can write");
}

bool write_file(const std::string& path, const std::string& text) {
    const UniqueFd file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
    return file && write_all(file.get(), text);
}

}  // namespace

std::int64_t EventCursor::load() {
    const auto text = read_file(path_);
    if (!text && errno == ENOENT) return 0;
    if (!text) fail("read", path_);
    const auto seq = parse_integer<std::int64_t>(trim(*text));
    if (!seq || *seq < 0) {
        throw Error(
            ErrorCode::invalid_argument,
            fmt::format("--cursor-file {}: does not hold an event number", repair_utf8(path_)),
            "remove the file to start with the first event, or name another one");
    }
    saved_ = *seq;
    return *seq;
}

void EventCursor::save(std::int64_t seq) {
    if (saved_ == seq) return;
    const std::string next = path_ + ".new";
    if (!write_file(next, fmt::format("{}\n", seq)) || rename(next.c_str(), path_.c_str()) != 0)
        fail("write", path_);
    saved_ = seq;
}

}  // namespace atlasjob::cli

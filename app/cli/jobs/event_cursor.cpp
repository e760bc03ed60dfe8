#include "cli/jobs/event_cursor.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace atlasjob::cli {

namespace {

/// To look an event up whoever's it is; only its time is compared.
const Principal kEverybody{"", true};

[[noreturn]] void fail(const char* what, const std::string& path) {
    throw Error(
        ErrorCode::unavailable,
        fmt::format("cannot {} the cursor file {}: {}", what, repair_utf8(path), errno_text(errno)),
        "use a file in a directory that you can write");
}

/// A number, and the time unless a person has written the file.
std::optional<EventMark> parse_mark(std::string_view text) {
    const std::size_t space = text.find(' ');
    const auto seq = parse_integer<std::int64_t>(text.substr(0, space));
    if (!seq || *seq < 0) return {};
    if (space == std::string_view::npos) return EventMark{*seq};
    const auto at = parse_integer<std::int64_t>(text.substr(space + 1));
    return at ? std::optional{EventMark{*seq, from_ms(*at)}} : std::nullopt;
}

std::string text_of(const EventMark& mark) {
    return mark.at ? fmt::format("{} {}\n", mark.seq, to_ms(*mark.at))
                   : fmt::format("{}\n", mark.seq);
}

/// Makes the renamed file last over a crash. Some file systems cannot sync a directory.
void sync_directory_of(const std::string& path) {
    const std::string directory = std::filesystem::path{path}.parent_path().string();
    const UniqueFd fd = open_file(directory.empty() ? "." : directory, O_RDONLY | O_DIRECTORY);
    if (fd) static_cast<void>(::fsync(fd.get()));
}

/// Returns false, with errno set, on failure. The temporary name is unique: readers may share the
/// file.
bool replace_file(const std::string& path, const std::string& text) {
    std::string next = path + ".XXXXXX";
    const UniqueFd file{::mkostemp(next.data(), O_CLOEXEC)};
    if (!file) return false;
    const bool is_replaced = write_all(file.get(), text) && ::fsync(file.get()) == 0
                             && std::rename(next.c_str(), path.c_str()) == 0;
    if (is_replaced) {
        sync_directory_of(path);
        return true;
    }
    const int error = errno;
    ::unlink(next.c_str());
    errno = error;
    return false;
}

}  // namespace

bool may_be_of(Store& store, const EventMark& mark) {
    if (mark.seq == 0) return true;
    if (store.event_position(mark.seq, kEverybody).last_seq < mark.seq) return false;
    EventQuery query;
    query.after_seq = mark.seq - 1;
    query.limit = 1;
    const std::vector<Event> found = store.events_since(query, kEverybody);
    const bool is_comparable = mark.at && !found.empty() && found.front().seq == mark.seq;
    return !is_comparable || found.front().at == *mark.at;
}

EventMark EventCursor::load() {
    const auto text = read_file(path_);
    if (!text && errno == ENOENT) return {};
    if (!text) fail("read", path_);
    if (trim(*text).empty()) return {};
    const auto mark = parse_mark(trim(*text));
    if (!mark) {
        throw Error(
            ErrorCode::invalid_argument,
            fmt::format("--cursor-file {}: does not hold an event number", repair_utf8(path_)),
            "remove the file to start with the first event, or name another one");
    }
    saved_ = mark;
    return *mark;
}

void EventCursor::save(const EventMark& mark) {
    if (saved_ == mark) return;
    if (!replace_file(path_, text_of(mark))) fail("write", path_);
    saved_ = mark;
}

}  // namespace atlasjob::cli

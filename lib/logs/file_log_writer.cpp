#include "logs/file_log_writer.h"

#include "base/error.h"
#include "base/owned_file.h"
#include "logs/log_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace atlasjob {

namespace {

constexpr std::int64_t kSegments = 4;
constexpr std::size_t kMaxChunk = 16384;  ///< As in container runtimes.
constexpr std::size_t kMinChunk = 64;

}  // namespace

FileLogWriter::FileLogWriter(
    const std::string& logs_root, const LogStore::Target& target, const Clock& clock)
    : target_(target),
      root_(logs_root),
      clock_(clock),
      segment_bytes_(target_.limit_bytes / kSegments),
      max_text_(std::clamp(static_cast<std::size_t>(segment_bytes_) / 2, kMinChunk, kMaxChunk)) {}

FileLogWriter::~FileLogWriter() {
    flush_partial();
}

void FileLogWriter::write(Stream stream, std::string_view bytes) {
    std::string& held = partial_.at(static_cast<std::size_t>(stream));
    while (!bytes.empty()) {
        const std::size_t line_end = bytes.find('\n');
        const std::size_t room = max_text_ - held.size();
        const std::size_t length = std::min({line_end, room, bytes.size()});
        const bool line_ends = length == line_end;
        held.append(bytes.substr(0, length));
        bytes.remove_prefix(length + (line_ends ? 1 : 0));
        if (!line_ends && held.size() < max_text_) break;
        put_output(stream, line_ends, held);
        held.clear();
    }
    flush();
}

bool FileLogWriter::holds_partial() const {
    return std::ranges::any_of(partial_, [](const std::string& text) { return !text.empty(); });
}

void FileLogWriter::flush_partial() {
    for (const Stream stream : {Stream::standard_output, Stream::standard_error}) {
        std::string& held = partial_.at(static_cast<std::size_t>(stream));
        if (!held.empty()) put_output(stream, false, held);
        held.clear();
    }
    flush();
}

void FileLogWriter::note(std::string_view text) {
    // The note gets its own line even if the command's line is unfinished.
    flush_partial();
    put(Stream::standard_error, false, fmt::format("atlasjob: {}", text));
    flush();
}

void FileLogWriter::put(Stream stream, bool partial, std::string_view text) {
    const auto bytes = static_cast<std::int64_t>(text.size() + kRecordOverhead + 1);
    const auto waiting = static_cast<std::int64_t>(batch_.size());
    if (active_bytes_ + waiting + bytes > segment_bytes_) {
        flush();
        if (active_bytes_ > 0) rotate();
    }
    writer_.append(batch_, {clock_.now(), stream, partial, text});
}

void FileLogWriter::put_output(Stream stream, bool line_ends, std::string_view text) {
    put(stream, !line_ends, text);  // may flush what came before
    batch_output_ += static_cast<std::int64_t>(text.size()) + (line_ends ? 1 : 0);
}

void FileLogWriter::flush() {
    const std::int64_t output = std::exchange(batch_output_, 0);
    if (batch_.empty()) return;
    if (!write_batch()) {
        lost_bytes_ += output;
        unnoted_bytes_ += static_cast<std::int64_t>(batch_.size());
        batch_.clear();
        return;
    }
    batch_.clear();
    if (unnoted_bytes_ == 0) return;
    const std::int64_t lost = std::exchange(unnoted_bytes_, 0);
    put(Stream::standard_error, false,
        fmt::format("atlasjob: {} bytes of this log could not be written: {}", lost, write_error_));
    if (!write_batch()) unnoted_bytes_ = lost;
    batch_.clear();
}

bool FileLogWriter::write_batch() {
    if (!file_ && !open()) return false;
    if (write_all(file_.get(), batch_)) {
        active_bytes_ += static_cast<std::int64_t>(batch_.size());
        return true;
    }
    write_error_ = errno_text(errno);
    // A partly written record would corrupt the next one.
    if (ftruncate(file_.get(), active_bytes_) != 0) file_.reset();
    return false;
}

bool FileLogWriter::open() {
    if (root_.is_gone()) {
        write_error_ = errno_text(ENOENT);
        return false;
    }
    try {
        const LogFolder folder = LogFolder::make(directory());
        file_ = open_or_make_owned_file(
            folder.place(file_name(0)), O_WRONLY | O_APPEND, folder.owner());
    } catch (const Error& error) {
        write_error_ = error.message();
        return false;
    }
    struct stat status {};
    active_bytes_ = fstat(file_.get(), &status) == 0 ? status.st_size : 0;
    return true;
}

std::optional<std::string> FileLogWriter::why_unwritable() {
    try {
        // Create only the root: most short commands print nothing, so the folder may never be used.
        auto folder = LogFolder::find(directory());
        if (!folder) {
            folder = LogFolder::make_root(root_.path());
            root_.path();  // opens the root to follow it
        }
        if (faccessat(folder->fd(), ".", W_OK | X_OK, 0) != 0) return errno_text(errno);
        struct statvfs disk {};
        if (fstatvfs(folder->fd(), &disk) != 0) return errno_text(errno);
        // File systems without an inode limit report 0 inodes.
        const bool is_full = disk.f_bavail == 0 || (disk.f_files > 0 && disk.f_favail == 0);
        if (is_full && disk.f_blocks > 0) return errno_text(ENOSPC);
        return {};
    } catch (const Error& error) {
        return error.message();
    }
}

std::string FileLogWriter::directory() {
    return log_directory(root_.path(), target_.job_id);
}

std::string FileLogWriter::file_name(int segment) const {
    return log_file_name(target_.job_id, target_.attempt, segment);
}

/// The job's folder; nullopt if it is gone or fails the checks of log_folder.h.
std::optional<LogFolder> FileLogWriter::folder() {
    try {
        return LogFolder::find(directory());
    } catch (const Error&) {
        return {};
    }
}

void FileLogWriter::rotate() {
    const int number = last_segment_ + 1;
    const auto directory = folder();
    // If the rename fails (the file was removed meanwhile), start over with an empty file.
    if (directory && directory->rename(file_name(0), file_name(number))) {
        last_segment_ = number;
        segments_.push_back({number, active_bytes_});
        kept_bytes_ += active_bytes_;
    }
    file_.reset();
    active_bytes_ = 0;
    drop_middle();
}

void FileLogWriter::drop_middle() {
    // The active file counts as one of kSegments.
    while (static_cast<std::int64_t>(segments_.size()) > kSegments - 1) {
        const Segment oldest = segments_[1];
        if (const auto directory = folder()) directory->remove(file_name(oldest.number));
        kept_bytes_ -= oldest.bytes;
        segments_.erase(segments_.begin() + 1);
    }
}

}  // namespace atlasjob

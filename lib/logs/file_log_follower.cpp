#include "logs/file_log_follower.h"

#include "base/error.h"
#include "base/file_identity.h"
#include "logs/log_reader.h"
#include "logs/log_record.h"

#include <fmt/format.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

namespace atlasjob {

namespace {

constexpr std::size_t kChunk = 65536;

/// The end of the last complete record within the first `bytes` bytes.
std::int64_t record_end_before(int file, std::int64_t bytes) {
    std::array<char, kChunk> buffer{};
    const auto length = static_cast<std::size_t>(std::min<std::int64_t>(bytes, kChunk));
    const ssize_t count =
        pread(file, buffer.data(), length, bytes - static_cast<std::int64_t>(length));
    if (count <= 0) return bytes;
    const std::string_view end{buffer.data(), static_cast<std::size_t>(count)};
    const std::size_t line_end = end.rfind('\n');
    if (line_end == std::string_view::npos) return bytes - count;
    return bytes - count + static_cast<std::int64_t>(line_end) + 1;
}

constexpr std::uint32_t kEvents = IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR | IN_DONT_FOLLOW;

}  // namespace

FileLogFollower::FileLogFollower(std::string logs_root, const JobId& job_id, Attempts attempts)
    : logs_root_(std::move(logs_root)),
      job_id_(job_id),
      attempts_(attempts),
      attempt_(attempts.first) {}

std::vector<LogFile> FileLogFollower::remaining_files() const {
    std::vector<LogFile> files = log_files(logs_root_, job_id_);
    std::erase_if(files, [&](const LogFile& file) {
        if (file.attempt == attempt_) return file.segment != 0 && file.segment <= last_segment_;
        return file.attempt < attempt_ || (attempts_.last && file.attempt > *attempts_.last);
    });
    return files;
}

bool FileLogFollower::is_in_file(const LogFile& file) const {
    return is_named(file_.get(), file.path);
}

bool FileLogFollower::is_first_remaining() const {
    const std::vector<LogFile> files = remaining_files();
    return !files.empty() && is_in_file(files.front());
}

int FileLogFollower::watch() {
    if (!watch_) watch_.emplace(logs_root_, job_id_);
    return watch_->fd();
}

bool FileLogFollower::read_some(const Calls& calls) {
    // Before reading, so that what is written after the read notifies again.
    if (watch_) watch_->drain();
    for (;;) {
        if (!file_ && !open_next(calls)) return false;
        if (read_chunk(calls)) return true;
        if (active_) {
            if (!has_successor()) return false;
            // The writer may have written to this file before it opened the next one.
            if (read_chunk(calls)) return true;
        }
        close_file();
    }
}

bool FileLogFollower::read_chunk(const Calls& calls) {
    const std::size_t held = pending_.size();
    pending_.resize(held + kChunk);
    const ssize_t count = read(file_.get(), pending_.data() + held, kChunk);
    pending_.resize(held + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count <= 0) return false;
    std::string_view text = pending_;
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        if (const auto record = parse_record(text.substr(0, end))) calls.record(*record);
        text.remove_prefix(end + 1);
    }
    pending_.erase(0, pending_.size() - text.size());
    return true;
}

bool FileLogFollower::open_next(const Calls& calls) {
    for (;;) {
        const std::vector<LogFile> files = remaining_files();
        if (files.empty()) return false;
        const LogFile& next = files.front();
        file_ = open_log_file(next.path);
        const int error = errno;
        if (!file_ && error != ENOENT) refuse_unreadable(next.path, error);
        // If the log was rotated before the open, this is a later file: check.
        if (file_ && (next.segment != 0 || is_first_remaining())) {
            enter(next, calls);
            return true;
        }
        file_.reset();
    }
}

void FileLogFollower::enter(const LogFile& file, const Calls& calls) {
    pending_.clear();
    if (file.attempt != attempt_) last_segment_ = 0;
    attempt_ = file.attempt;
    active_ = file.segment == 0;
    if (active_) return;
    if (file.segment != last_segment_ + 1) calls.dropped();
    last_segment_ = file.segment;
}

bool FileLogFollower::has_successor() const {
    const std::vector<LogFile> files = remaining_files();
    return std::ranges::any_of(files, [&](const LogFile& file) { return !is_in_file(file); });
}

void FileLogFollower::close_file() {
    if (active_) {
        const std::vector<LogFile> files = remaining_files();
        const auto current =
            std::ranges::find_if(files, [&](const LogFile& file) { return is_in_file(file); });
        if (current == files.end()) {
            ++last_segment_;  // dropped since; it had the next number
        } else if (current->segment != 0) {
            last_segment_ = current->segment;
        } else {
            ++attempt_;  // not rotated: the successor belongs to a later attempt
            last_segment_ = 0;
        }
    }
    file_.reset();
}

std::vector<LogLine> FileLogFollower::skip_to_tail(const TailRequest& request) {
    for (;;) {
        std::vector<LogFile> files = log_files(logs_root_, job_id_);
        std::erase_if(files, [&](const LogFile& file) { return file.attempt != attempt_; });
        file_.reset();
        active_ = !files.empty() && files.back().segment == 0;
        last_segment_ = 0;
        for (const LogFile& file : files)
            last_segment_ = std::max(last_segment_, file.segment);
        if (active_) file_ = open_log_file(files.back().path);
        if (active_ && !file_ && errno != ENOENT) refuse_unreadable(files.back().path, errno);
        std::vector<LogLine> lines = tail_of(files, request);
        if (!active_) return lines;
        // Rotated meanwhile: try again.
        if (!file_ || !is_in_file(files.back())) continue;
        lseek(file_.get(), record_end_before(file_.get(), files.back().bytes), SEEK_SET);
        return lines;
    }
}

LogWatch::LogWatch(const std::string& logs_root, const JobId& job_id)
    : directories_{
          log_directory(logs_root, job_id), logs_root,
          std::filesystem::path{logs_root}.parent_path().string()},
      inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      armed_(directories_.size()) {
    arm();
}

/// Watches the job's directory or, until it exists, the nearest parent that does. After adding a
/// watch tries the directories below it again, as they may have been created just before.
void LogWatch::arm() {
    while (armed_ > 0) {
        std::size_t at = 0;
        int watch = -1;
        while (at < armed_ && (watch = add_watch(at)) < 0)
            ++at;
        if (watch < 0) return;
        if (watch_ >= 0) inotify_rm_watch(inotify_.get(), watch_);
        watch_ = watch;
        armed_ = at;
    }
}

int LogWatch::add_watch(std::size_t at) const {
    return inotify_add_watch(inotify_.get(), directories_[at].c_str(), kEvents);
}

void LogWatch::drain() {
    arm();
    std::array<char, 4096> events{};
    while (read(inotify_.get(), events.data(), events.size()) > 0) {
    }
}

}  // namespace atlasjob

#include "runner/log_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <filesystem>

namespace atlasjob {

namespace {

constexpr std::uint32_t kEvents = IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR | IN_DONT_FOLLOW;

}  // namespace

LogWatch::LogWatch(const std::string& logs_root, const JobId& job_id)
    : directories_{
          log_directory(logs_root, job_id), logs_root,
          std::filesystem::path{logs_root}.parent_path().string()},
      inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      armed_(directories_.size()) {
    arm();
}

/// Watches the job's directory or, while that is not there, for its being made. Each step down is
/// tried again at once: the directory may have come before the one above it was watched.
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

void LogWatch::swallow() {
    arm();
    std::array<char, 4096> events{};
    while (read(inotify_.get(), events.data(), events.size()) > 0) {
    }
}

}  // namespace atlasjob

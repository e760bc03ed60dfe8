#include "runner/log_root.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>

namespace atlasjob {

const std::string& LogRoot::path() {
    if (!fd_) fd_ = open_file(path_, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (fd_ && !is_named()) follow();
    return path_;
}

bool LogRoot::is_gone() {
    path();
    return fd_ && !is_named();
}

bool LogRoot::is_named() const {
    struct stat ours {};
    struct stat named {};
    return fstat(fd_.get(), &ours) == 0 && lstat(path_.c_str(), &named) == 0
           && ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

void LogRoot::follow() {
    std::error_code failed;
    const auto place =
        std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", fd_.get()), failed);
    const std::string before = path_;
    if (!failed) path_ = place;
    // What was removed has a name that leads nowhere.
    if (!is_named()) path_ = before;
}

}  // namespace atlasjob

#include "base/file_identity.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <utility>

namespace atlasjob {

std::optional<FileIdentity> file_identity(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) return std::nullopt;
    return FileIdentity{status.st_dev, status.st_ino};
}

bool is_named(int fd, const std::string& path) {
    struct stat open {};
    struct stat named {};
    return fstat(fd, &open) == 0 && lstat(path.c_str(), &named) == 0
           && FileIdentity{open.st_dev, open.st_ino} == FileIdentity{named.st_dev, named.st_ino};
}

PathIdentity::PathIdentity(std::string path)
    : path_(std::move(path)), file_(file_identity(path_)) {}

bool PathIdentity::is_there() const {
    return file_ && file_identity(path_) == file_;
}

bool PathIdentity::is_replaced() const {
    const auto now = file_identity(path_);
    return now && now != file_;
}

std::string PathIdentity::text() const {
    return file_ ? fmt::format("{}:{}", file_->device, file_->inode) : std::string{};
}

}  // namespace atlasjob

#include "runner/same_file.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <utility>

namespace atlasjob {

SameFile::SameFile(std::string path) : path_(std::move(path)), number_(number_now()) {}

/// Zeros where there is no file.
SameFile::Number SameFile::number_now() const {
    struct stat status {};
    if (stat(path_.c_str(), &status) != 0) return {};
    return {status.st_dev, status.st_ino};
}

bool SameFile::is_there() const {
    const Number now = number_now();
    return now == number_ && now != Number{};
}

bool SameFile::is_replaced() const {
    const Number now = number_now();
    return now != number_ && now != Number{};
}

std::string SameFile::text() const {
    return number_ == Number{} ? std::string{}
                               : fmt::format("{}:{}", number_.device, number_.inode);
}

}  // namespace atlasjob

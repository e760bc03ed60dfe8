#include "support/planted.h"

#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

namespace atlasjob::test {

namespace {

constexpr const char* kContent = "foreign content\n";

void require(bool done, const std::string& path) {
    if (!done) throw std::runtime_error("cannot plant " + path);
}

void put(const std::string& path) {
    const UniqueFd fd = open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0640);
    require(fd && write_all(fd.get(), kContent), path);
}

/// Everything about a file that must not change. Size and times of a directory are left out: they
/// change with its entries.
std::string state_of(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return "(none)";
    std::string text = fmt::format(
        "{} {:o} {}:{} {}", status.st_ino, status.st_mode, status.st_uid, status.st_gid,
        status.st_nlink);
    if (S_ISREG(status.st_mode))
        text += fmt::format(" {} {}", status.st_mtim.tv_nsec, read_file(path).value_or("(closed)"));
    if (S_ISDIR(status.st_mode)) text += std::filesystem::is_empty(path) ? " empty" : " not empty";
    return text;
}

}  // namespace

std::vector<Plant> plants() {
    std::vector all = {
        Plant::link_to_file, Plant::link_to_nothing, Plant::hard_link, Plant::fifo,
        Plant::directory};
    if (::geteuid() == 0) all.push_back(Plant::foreign_file);
    return all;
}

std::string name_of(Plant plant) {
    switch (plant) {
        case Plant::link_to_file:
            return "a symbolic link to a file";
        case Plant::link_to_nothing:
            return "a symbolic link to nothing";
        case Plant::hard_link:
            return "a hard link";
        case Plant::fifo:
            return "a FIFO";
        case Plant::directory:
            return "a directory";
        case Plant::foreign_file:
            return "a file of another account";
    }
    return "?";
}

Planted::Planted(Plant plant, std::string path, const std::string& targets, uid_t owner)
    : path_(std::move(path)), target_(targets + "/target") {
    std::filesystem::remove_all(path_);
    std::filesystem::remove(target_);
    if (plant == Plant::link_to_file || plant == Plant::hard_link) put(target_);
    switch (plant) {
        case Plant::link_to_file:
        case Plant::link_to_nothing:
            std::filesystem::create_symlink(target_, path_);
            break;
        case Plant::hard_link:
            std::filesystem::create_hard_link(target_, path_);
            break;
        case Plant::fifo:
            require(::mkfifo(path_.c_str(), 0666) == 0, path_);
            break;
        case Plant::directory:
            std::filesystem::create_directory(path_);
            break;
        case Plant::foreign_file:
            put(path_);
            break;
    }
    const uid_t new_owner = plant == Plant::foreign_file ? kStranger : owner;
    if (::geteuid() == 0 && plant != Plant::hard_link)
        require(::lchown(path_.c_str(), new_owner, new_owner) == 0, path_);
    before_ = state();
}

bool Planted::untouched() const {
    return state() == before_;
}

std::string Planted::state() const {
    return state_of(path_) + '\n' + state_of(target_);
}

}  // namespace atlasjob::test

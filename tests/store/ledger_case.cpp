#include "store/ledger_case.h"

#include <sys/stat.h>

namespace atlasjob::test {

std::map<std::string, std::string> files_below(const std::filesystem::path& directory) {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{directory}) {
        const std::string content =
            entry.is_regular_file() ? read_file(entry.path()).value_or("unreadable") : "";
        files.emplace(entry.path().string(), content);
    }
    return files;
}

int mode_of(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? static_cast<int>(status.st_mode & 07777U) : -1;
}

bool exists(const std::string& path) {
    return std::filesystem::exists(path);
}

}  // namespace atlasjob::test

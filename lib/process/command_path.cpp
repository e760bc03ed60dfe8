#include "process/command_path.h"

#include "base/text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace atlasjob {

namespace {

/// What execvp(3) searches if PATH is not set.
constexpr std::string_view kDefaultPath = "/bin:/usr/bin";

std::string_view path_of(const std::vector<std::string>& environment) {
    static constexpr std::string_view kName = "PATH=";
    for (const std::string_view entry : environment) {
        if (entry.starts_with(kName)) return entry.substr(kName.size());
    }
    return kDefaultPath;
}

/// 0 if this account may execute the file at `path`, else the errno.
int executable_error(const std::string& path, int directory) {
    struct stat status {};
    if (fstatat(directory, path.c_str(), &status, 0) != 0) return errno;
    if (!S_ISREG(status.st_mode)) return EACCES;
    return faccessat(directory, path.c_str(), X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

}  // namespace

CommandPath find_command(
    std::string_view command, const std::vector<std::string>& environment, int directory) {
    if (command.find('/') != std::string_view::npos) {
        std::string path{command};
        const int error = executable_error(path, directory);
        return {std::move(path), error};
    }
    int error = ENOENT;
    for (const std::string_view part : split(path_of(environment), ':')) {
        std::string path = part.empty() ? "." : std::string{part};
        path.append("/").append(command);
        const int this_error = executable_error(path, directory);
        if (this_error == 0) return {std::move(path), 0};
        if (this_error != ENOENT && this_error != ENOTDIR) error = this_error;
    }
    return {std::string{command}, error};
}

}  // namespace atlasjob

#include "runner/attempt/capture.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "process/process_attributes.h"
#include "runner/attempt/environment.h"

#include <fmt/format.h>
#include <sys/single_threaded.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <climits>

namespace atlasjob {

namespace {

std::string current_directory() {
    std::string path(PATH_MAX, '\0');
    if (getcwd(path.data(), path.size()) == nullptr) {
        throw Error(
            ErrorCode::unavailable,
            fmt::format("cannot get the current directory: {}", errno_text(errno)),
            "change to a directory that exists, or give --cwd");
    }
    path.resize(path.find('\0'));
    return path;
}

std::string absolute_directory(const std::optional<std::string>& cwd) {
    if (!cwd) return current_directory();
    if (cwd->empty()) {
        throw Error(ErrorCode::invalid_argument, "cwd \"\": not a directory", "give a directory");
    }
    if (cwd->starts_with('/')) return *cwd;
    return current_directory() + "/" + *cwd;
}

Environment own_environment() {
    Environment entries;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
        entries.emplace_back(*entry);
    return entries;
}

Environment clean(const Environment& own) {
    Environment entries;
    for (const std::string_view name : {"PATH", "HOME", "USER"}) {
        const std::string_view value = find_variable(own, name);
        if (value.data() != nullptr) set_variable(entries, name, value);
    }
    return entries;
}

void apply(Environment& environment, const std::string& assignment, const Environment& own) {
    const std::size_t equals = assignment.find('=');
    const std::string_view name = std::string_view{assignment}.substr(0, equals);
    if (name.empty()) {
        throw Error(
            ErrorCode::invalid_argument, fmt::format("env \"{}\": the name is missing", assignment),
            "give NAME or NAME=value");
    }
    if (equals != std::string::npos) {
        set_variable(environment, name, std::string_view{assignment}.substr(equals + 1));
    } else if (const auto value = find_variable(own, name); value.data() != nullptr) {
        set_variable(environment, name, value);
    }
}

/// umask(2) can only be read by changing it. In a single-threaded process only a signal handler
/// could notice, and a file it created meanwhile would have no permissions rather than too many.
unsigned umask_by_changing_it() {
    const mode_t mask = umask(0777);
    umask(mask);
    return mask;
}

/// Does not affect other threads, but is ten times slower.
unsigned umask_from_proc() {
    const std::string status = read_file("/proc/thread-self/status").value_or("");
    for (const std::string_view line : split(status, '\n')) {
        if (!line.starts_with("Umask:")) continue;
        const std::string_view digits = trim(line.substr(6));
        unsigned mask = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), mask, 8);
        return mask;
    }
    return umask_by_changing_it();  // before Linux 4.7
}

}  // namespace

CommandSpec capture_command(std::vector<std::string> argv, const CaptureOptions& options) {
    CommandSpec spec;
    spec.argv = std::move(argv);
    spec.cwd = absolute_directory(options.cwd);
    const Environment own = own_environment();
    spec.environment = options.clean_env ? clean(own) : own;
    remove_context(spec.environment);
    for (const std::string& assignment : options.env)
        apply(spec.environment, assignment, own);
    spec.umask = current_umask();
    spec.attributes = own_attributes().text();
    return spec;
}

unsigned current_umask() {
    return __libc_single_threaded != 0 ? umask_by_changing_it() : umask_from_proc();
}

}  // namespace atlasjob

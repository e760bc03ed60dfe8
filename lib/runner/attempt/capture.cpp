#include "runner/attempt/capture.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
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
            fmt::format("cannot tell the current directory: {}", errno_text(errno)),
            "go to a directory that exists, or give --cwd");
    }
    path.resize(path.find('\0'));
    return path;
}

std::string absolute_directory(const std::optional<std::string>& wanted) {
    if (!wanted) return current_directory();
    if (wanted->empty()) {
        throw Error(ErrorCode::invalid_argument, "cwd \"\": not a directory", "give a directory");
    }
    if (wanted->starts_with('/')) return *wanted;
    return current_directory() + "/" + *wanted;
}

Environment own_environment() {
    Environment entries;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
        entries.emplace_back(*entry);
    return entries;
}

Environment clean(const Environment& ours) {
    Environment entries;
    for (const std::string_view name : {"PATH", "HOME", "USER"}) {
        const std::string_view value = find_variable(ours, name);
        if (value.data() != nullptr) set_variable(entries, name, value);
    }
    return entries;
}

void apply(Environment& environment, const std::string& wish, const Environment& ours) {
    const std::size_t equals = wish.find('=');
    const std::string_view name = std::string_view{wish}.substr(0, equals);
    if (name.empty()) {
        throw Error(
            ErrorCode::invalid_argument, fmt::format("env \"{}\": has no name", wish),
            "give NAME or NAME=value");
    }
    if (equals != std::string::npos) {
        set_variable(environment, name, std::string_view{wish}.substr(equals + 1));
    } else if (const auto value = find_variable(ours, name); value.data() != nullptr) {
        set_variable(environment, name, value);
    }
}

/// umask(2) can only be read by changing it. Where no other thread is, only a signal's handler
/// could notice; a file that it made meanwhile would be closed to all, not open.
unsigned umask_by_changing_it() {
    const mode_t mask = umask(0777);
    umask(mask);
    return mask;
}

/// Where other threads would notice a change; ten times as dear.
unsigned umask_beside_threads() {
    const std::string status = read_file("/proc/thread-self/status").value_or("");
    for (const std::string_view line : split(status, '\n')) {
        if (!line.starts_with("Umask:")) continue;
        const std::string_view digits = trim(line.substr(6));
        unsigned mask = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), mask, 8);
        return mask;
    }
    return umask_by_changing_it();  // Linux before 4.7
}

}  // namespace

CommandSpec capture_command(std::vector<std::string> argv, const CaptureOptions& options) {
    CommandSpec spec;
    spec.argv = std::move(argv);
    spec.cwd = absolute_directory(options.cwd);
    const Environment ours = own_environment();
    spec.environment = options.clean_env ? clean(ours) : ours;
    remove_context(spec.environment);
    for (const std::string& wish : options.env)
        apply(spec.environment, wish, ours);
    spec.umask = current_umask();
    return spec;
}

unsigned current_umask() {
    return __libc_single_threaded != 0 ? umask_by_changing_it() : umask_beside_threads();
}

}  // namespace atlasjob

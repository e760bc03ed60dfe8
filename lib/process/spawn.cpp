#include "process/spawn.h"

#include "base/error.h"
#include "base/printable.h"
#include "process/child.h"
#include "process/command_path.h"
#include "process/core_dumps.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

namespace atlasjob {

namespace {

using Stage = SpawnFailure::Stage;

/// The descriptors of the child, as sources that no earlier duplication overwrites.
class Sources {
  public:
    Sources(int directory, const std::vector<int>& descriptors)
        : count_(static_cast<int>(descriptors.size())), directory_(move_above(directory)) {
        for (const int fd : descriptors)
            sources_.push_back(fd < 0 ? fd : move_above(fd));
    }

    /// False if a descriptor could not be duplicated.
    bool complete() const {
        return std::ranges::all_of(copies_, [](const UniqueFd& copy) { return copy.valid(); });
    }
    int directory() const { return directory_; }
    const std::vector<int>& descriptors() const { return sources_; }

  private:
    /// `fd`, or a duplicate of it, numbered higher than the descriptors of the child.
    int move_above(int fd) {
        if (fd >= count_) return fd;
        return copies_.emplace_back(fcntl(fd, F_DUPFD_CLOEXEC, count_)).get();
    }

    int count_;
    std::vector<UniqueFd> copies_;
    int directory_;
    std::vector<int> sources_;
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (const std::string& text : texts)
        result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

Spawned spawn_file(
    const std::string& path,
    const std::vector<std::string>& argv,
    const SpawnRequest& request,
    int directory) {
    const Sources sources{directory, request.descriptors};
    if (!sources.complete()) return {0, EMFILE};
    const std::vector<char*> arguments = pointers(argv);
    const std::vector<char*> environment = pointers(request.environment);
    Child child{
        path.c_str(),
        arguments.data(),
        environment.data(),
        sources.directory(),
        request.terminal.empty() ? nullptr : request.terminal.c_str(),
        sources.descriptors(),
        static_cast<mode_t>(request.umask),
        core_limit_of_commands(),
        request.attributes ? &*request.attributes : nullptr};
    return start_child(child);
}

std::string cannot_start(const std::string& command, std::string_view why) {
    return fmt::format("cannot start \"{}\": {}", escape_controls(command), why);
}

SpawnFailure directory_failure(const std::string& cwd, int error) {
    const Stage stage =
        error == EMFILE || error == ENFILE || error == ENOMEM ? Stage::resources : Stage::directory;
    return {
        stage,
        fmt::format("cannot enter directory \"{}\": {}", escape_controls(cwd), errno_text(error))};
}

SpawnFailure lookup_failure(const std::string& command, int error) {
    const bool searched = command.find('/') == std::string::npos;
    if (error == ENOENT || error == ENOTDIR) {
        const std::string why = searched ? "no such command in PATH" : errno_text(error);
        return {Stage::not_found, cannot_start(command, why)};
    }
    return {Stage::not_executable, cannot_start(command, errno_text(error))};
}

bool is_out_of_resources(int error) {
    return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE;
}

/// The file exists, so ENOENT means its interpreter (from its "#!" line or ELF header).
SpawnFailure exec_failure(const std::string& command, int error) {
    const std::string why = error == ENOENT ? "its interpreter does not exist" : errno_text(error);
    return {
        is_out_of_resources(error) ? Stage::resources : Stage::not_executable,
        cannot_start(command, why)};
}

SpawnFailure descriptor_failure(const std::string& command, int error) {
    return {
        Stage::resources,
        cannot_start(command, "its descriptors cannot be set up: " + errno_text(error))};
}

/// Why the child did not become the command.
SpawnFailure child_failure(const SpawnRequest& request, const Spawned& spawned) {
    const std::string& command = request.argv.front();
    switch (spawned.failed) {
        case ChildStep::directory:
            return directory_failure(request.cwd, spawned.error);
        case ChildStep::terminal:
            return {
                Stage::resources,
                cannot_start(
                    command, "its terminal cannot be opened: " + errno_text(spawned.error))};
        case ChildStep::descriptors:
            return descriptor_failure(command, spawned.error);
        case ChildStep::exec:
            break;
    }
    return exec_failure(command, spawned.error);
}

/// Kills a command that cannot be watched.
std::variant<ProcessHandle, SpawnFailure> pin_or_kill(pid_t pid, const std::string& command) {
    try {
        return pin_child(pid);
    } catch (const Error& error) {
        kill(-pid, SIGKILL);
        await_and_reap(pid);
        return SpawnFailure{Stage::resources, cannot_start(command, error.message())};
    }
}

}  // namespace

int SpawnFailure::shell_status() const {
    switch (stage) {
        case Stage::not_found:
            return 127;
        case Stage::not_executable:
            return 126;
        case Stage::directory:
        case Stage::resources:
            break;
    }
    return 125;
}

namespace {

/// Where a command starts: its directory and its file.
struct Start {
    UniqueFd directory;
    std::string path;
};

std::variant<Start, SpawnFailure> find_start(const SpawnRequest& request) {
    UniqueFd directory{open_file(request.cwd, O_PATH | O_DIRECTORY)};
    if (!directory) return directory_failure(request.cwd, errno);
    if (faccessat(directory.get(), ".", X_OK, AT_EACCESS) != 0) {
        return directory_failure(request.cwd, errno);
    }
    const std::string& command = request.argv.front();
    const CommandPath file = request.file.empty()
                                 ? find_command(command, request.environment, directory.get())
                                 : CommandPath{request.file, 0};
    if (file.error != 0) return lookup_failure(command, file.error);
    return Start{std::move(directory), file.path};
}

/// A script without a "#!" line is run as `sh script arguments…`.
std::vector<std::string> shell_arguments(const std::string& path, const SpawnRequest& request) {
    std::vector<std::string> argv{"sh", path};
    argv.insert(argv.end(), request.argv.begin() + 1, request.argv.end());
    return argv;
}

/// Undoes what this program has set; handlers end with exec. What its caller ignores, as nohup and
/// the shell's & do, stays ignored.
void restore_signals() {
    struct sigaction by_default {};
    by_default.sa_handler = SIG_DFL;
    for (const int signo : {SIGPIPE, SIGXFSZ, SIGCHLD})
        static_cast<void>(sigaction(signo, &by_default, nullptr));
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace

SpawnFailure exec_command(const SpawnRequest& request) {
    auto found = find_start(request);
    if (auto* failure = std::get_if<SpawnFailure>(&found)) return std::move(*failure);
    const Start& start = std::get<Start>(found);
    const std::string& command = request.argv.front();
    if (fchdir(start.directory.get()) != 0) return directory_failure(request.cwd, errno);
    for (std::size_t target = 0; target < request.descriptors.size(); ++target) {
        const int source = request.descriptors[target];
        if (source >= 0 && dup2(source, static_cast<int>(target)) < 0)
            return descriptor_failure(command, errno);
    }
    umask(request.umask);
    allow_core_dumps();
    restore_signals();
    const std::vector<char*> environment = pointers(request.environment);
    execve(start.path.c_str(), pointers(request.argv).data(), environment.data());
    if (errno == ENOEXEC)
        execve(
            "/bin/sh", pointers(shell_arguments(start.path, request)).data(), environment.data());
    const int error = errno;
    forbid_core_dumps();
    return exec_failure(command, error);
}

std::variant<ProcessHandle, SpawnFailure> spawn(const SpawnRequest& request) {
    auto found = find_start(request);
    if (auto* failure = std::get_if<SpawnFailure>(&found)) return std::move(*failure);
    const Start& start = std::get<Start>(found);
    const std::string& command = request.argv.front();
    Spawned spawned = spawn_file(start.path, request.argv, request, start.directory.get());
    if (spawned.error == ENOEXEC && spawned.failed == ChildStep::exec) {
        const auto argv = shell_arguments(start.path, request);
        spawned = spawn_file("/bin/sh", argv, request, start.directory.get());
    }
    if (spawned.error != 0) return child_failure(request, spawned);
    return pin_or_kill(spawned.pid, command);
}

}  // namespace atlasjob

#include "process/spawn.h"

#include "base/error.h"
#include "process/command_path.h"
#include "process/core_dumps.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace atlasjob {

namespace {

using Stage = SpawnFailure::Stage;

/// The umask of this thread, set back at the end.
class ScopedUmask {
  public:
    explicit ScopedUmask(unsigned mask) : before_(own_umask(static_cast<mode_t>(mask))) {}
    ScopedUmask(const ScopedUmask&) = delete;
    ScopedUmask& operator=(const ScopedUmask&) = delete;
    ~ScopedUmask() { umask(before_); }

  private:
    static mode_t own_umask(mode_t mask) {
        static thread_local const bool unshared = unshare(CLONE_FS) == 0;
        static_cast<void>(unshared);  // a sandbox may forbid it; the header says what follows
        return umask(mask);
    }

    mode_t before_;
};

/// posix_spawn's attributes: own session, default signals, empty mask.
class Attributes {
  public:
    Attributes() {
        posix_spawnattr_init(&attributes_);
        sigset_t signals;
        sigfillset(&signals);
        posix_spawnattr_setsigdefault(&attributes_, &signals);
        sigemptyset(&signals);
        posix_spawnattr_setsigmask(&attributes_, &signals);
        posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    }
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;
    ~Attributes() { posix_spawnattr_destroy(&attributes_); }

    const posix_spawnattr_t* get() const { return &attributes_; }

  private:
    posix_spawnattr_t attributes_{};
};

/// What the child does between its birth and exec: enter the directory, arrange its descriptors.
class FileActions {
  public:
    FileActions(int directory, const SpawnRequest& request) {
        posix_spawn_file_actions_init(&actions_);
        const auto count = static_cast<int>(request.descriptors.size());
        posix_spawn_file_actions_addfchdir_np(&actions_, keep_clear(directory, count));
        if (!request.terminal.empty()) open_terminal(request.terminal);
        for (int target = 0; target < count; ++target) {
            const int source = request.descriptors[static_cast<std::size_t>(target)];
            if (source < 0) continue;
            posix_spawn_file_actions_adddup2(&actions_, keep_clear(source, count), target);
        }
        posix_spawn_file_actions_addclosefrom_np(&actions_, count);
    }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;
    ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }

    /// False when the descriptors did not suffice.
    bool complete() const {
        return std::ranges::all_of(copies_, [](const UniqueFd& copy) { return copy.valid(); });
    }
    const posix_spawn_file_actions_t* get() const { return &actions_; }

  private:
    /// The first terminal that the leader of a new session opens becomes its controlling one.
    void open_terminal(const std::string& path) {
        posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, path.c_str(), O_RDWR, 0);
        posix_spawn_file_actions_adddup2(&actions_, STDIN_FILENO, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, STDIN_FILENO, STDERR_FILENO);
    }

    /// `fd`, or a copy of it, with a number that no dup2 onto the first `count` can overwrite.
    int keep_clear(int fd, int count) {
        if (fd >= count) return fd;
        return copies_.emplace_back(fcntl(fd, F_DUPFD_CLOEXEC, count)).get();
    }

    posix_spawn_file_actions_t actions_{};
    std::vector<UniqueFd> copies_;
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (const std::string& text : texts)
        result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

struct Spawned {
    pid_t pid = 0;
    int error = 0;
};

Spawned spawn_file(
    const std::string& path,
    const std::vector<std::string>& argv,
    const SpawnRequest& request,
    int directory) {
    const Attributes attributes;
    const FileActions actions{directory, request};
    if (!actions.complete()) return {0, EMFILE};
    const std::vector<char*> arguments = pointers(argv);
    const std::vector<char*> environment = pointers(request.environment);
    const ScopedUmask mask{request.umask};
    const InheritedCoreLimit core_limit;
    Spawned spawned;
    spawned.error = posix_spawn(
        &spawned.pid, path.c_str(), actions.get(), attributes.get(), arguments.data(),
        environment.data());
    return spawned;
}

/// A script without "#!" line: `sh script arguments…`.
Spawned spawn_by_shell(const std::string& path, const SpawnRequest& request, int directory) {
    std::vector<std::string> argv{"sh", path};
    argv.insert(argv.end(), request.argv.begin() + 1, request.argv.end());
    return spawn_file("/bin/sh", argv, request, directory);
}

SpawnFailure directory_failure(const std::string& cwd, int error) {
    const Stage stage =
        error == EMFILE || error == ENFILE || error == ENOMEM ? Stage::resources : Stage::directory;
    return {stage, fmt::format("cannot enter directory \"{}\": {}", cwd, errno_text(error))};
}

SpawnFailure lookup_failure(const std::string& command, int error) {
    const bool by_path = command.find('/') == std::string::npos;
    if (error == ENOENT || error == ENOTDIR) {
        const std::string why = by_path ? "no such command in PATH" : errno_text(error);
        return {Stage::not_found, fmt::format("cannot start \"{}\": {}", command, why)};
    }
    return {
        Stage::not_executable, fmt::format("cannot start \"{}\": {}", command, errno_text(error))};
}

/// The file is there, so ENOENT means the interpreter that its first line or its format names.
SpawnFailure start_failure(const std::string& command, int error) {
    const bool no_room = error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE;
    const std::string why = error == ENOENT ? "its interpreter does not exist" : errno_text(error);
    return {
        no_room ? Stage::resources : Stage::not_executable,
        fmt::format("cannot start \"{}\": {}", command, why)};
}

/// A command that cannot be watched must not run.
std::variant<ProcessHandle, SpawnFailure> pin_or_end(pid_t pid, const std::string& command) {
    try {
        return pin_child(pid);
    } catch (const Error& error) {
        kill(-pid, SIGKILL);
        siginfo_t ignored{};
        waitid(P_PID, static_cast<id_t>(pid), &ignored, WEXITED);
        return SpawnFailure{
            Stage::resources, fmt::format("cannot start \"{}\": {}", command, error.message())};
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

std::variant<ProcessHandle, SpawnFailure> spawn(const SpawnRequest& request) {
    const UniqueFd directory{open_file(request.cwd, O_PATH | O_DIRECTORY)};
    if (!directory) return directory_failure(request.cwd, errno);
    if (faccessat(directory.get(), ".", X_OK, AT_EACCESS) != 0) {
        return directory_failure(request.cwd, errno);
    }
    const std::string& command = request.argv.front();
    const CommandPath file = request.file.empty()
                                 ? find_command(command, request.environment, directory.get())
                                 : CommandPath{request.file, 0};
    if (file.error != 0) return lookup_failure(command, file.error);
    Spawned spawned = spawn_file(file.path, request.argv, request, directory.get());
    if (spawned.error == ENOEXEC) spawned = spawn_by_shell(file.path, request, directory.get());
    if (spawned.error != 0) return start_failure(command, spawned.error);
    return pin_or_end(spawned.pid, command);
}

}  // namespace atlasjob

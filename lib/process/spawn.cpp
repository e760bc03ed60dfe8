#include "process/spawn.h"

#include "base/error.h"
#include "base/printable.h"
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
#include <csignal>

namespace atlasjob {

namespace {

using Stage = SpawnFailure::Stage;

/// Sets the umask of this thread and restores it at scope exit.
class ScopedUmask {
  public:
    explicit ScopedUmask(unsigned mask) : before_(own_umask(static_cast<mode_t>(mask))) {}
    ScopedUmask(const ScopedUmask&) = delete;
    ScopedUmask& operator=(const ScopedUmask&) = delete;
    ~ScopedUmask() { umask(before_); }

  private:
    static mode_t own_umask(mode_t mask) {
        static thread_local const bool unshared = unshare(CLONE_FS) == 0;
        static_cast<void>(unshared);  // a sandbox may forbid it: see spawn.h
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

/// What the child does before exec: enter the directory and arrange its descriptors.
class FileActions {
  public:
    FileActions(int directory, const SpawnRequest& request) {
        posix_spawn_file_actions_init(&actions_);
        const auto count = static_cast<int>(request.descriptors.size());
        posix_spawn_file_actions_addfchdir_np(&actions_, move_above(directory, count));
        if (!request.terminal.empty()) open_terminal(request.terminal);
        for (int target = 0; target < count; ++target) {
            const int source = request.descriptors[static_cast<std::size_t>(target)];
            if (source < 0) continue;
            posix_spawn_file_actions_adddup2(&actions_, move_above(source, count), target);
        }
        posix_spawn_file_actions_addclosefrom_np(&actions_, count);
    }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;
    ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }

    /// False if a descriptor could not be duplicated.
    bool complete() const {
        return std::ranges::all_of(copies_, [](const UniqueFd& copy) { return copy.valid(); });
    }
    const posix_spawn_file_actions_t* get() const { return &actions_; }

  private:
    /// The first terminal that a new session's leader opens becomes its controlling terminal.
    void open_terminal(const std::string& path) {
        posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, path.c_str(), O_RDWR, 0);
        posix_spawn_file_actions_adddup2(&actions_, STDIN_FILENO, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, STDIN_FILENO, STDERR_FILENO);
    }

    /// `fd`, or a duplicate of it, numbered `count` or higher, so that no later dup2 overwrites it.
    int move_above(int fd, int count) {
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

/// The file exists, so ENOENT means its interpreter (from its "#!" line or ELF header).
SpawnFailure start_failure(const std::string& command, int error) {
    const bool out_of_resources =
        error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE;
    const std::string why = error == ENOENT ? "its interpreter does not exist" : errno_text(error);
    return {
        out_of_resources ? Stage::resources : Stage::not_executable, cannot_start(command, why)};
}

/// Kills a command that cannot be watched.
std::variant<ProcessHandle, SpawnFailure> pin_or_kill(pid_t pid, const std::string& command) {
    try {
        return pin_child(pid);
    } catch (const Error& error) {
        kill(-pid, SIGKILL);
        siginfo_t ignored{};
        waitid(P_PID, static_cast<id_t>(pid), &ignored, WEXITED);
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
    for (const int signo : {SIGPIPE, SIGXFSZ, SIGCHLD})
        static_cast<void>(signal(signo, SIG_DFL));
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
            return start_failure(command, errno);
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
    return start_failure(command, error);
}

std::variant<ProcessHandle, SpawnFailure> spawn(const SpawnRequest& request) {
    auto found = find_start(request);
    if (auto* failure = std::get_if<SpawnFailure>(&found)) return std::move(*failure);
    const Start& start = std::get<Start>(found);
    const std::string& command = request.argv.front();
    Spawned spawned = spawn_file(start.path, request.argv, request, start.directory.get());
    if (spawned.error == ENOEXEC) {
        const auto argv = shell_arguments(start.path, request);
        spawned = spawn_file("/bin/sh", argv, request, start.directory.get());
    }
    if (spawned.error != 0) return start_failure(command, spawned.error);
    return pin_or_kill(spawned.pid, command);
}

}  // namespace atlasjob

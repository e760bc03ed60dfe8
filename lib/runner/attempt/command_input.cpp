#include "runner/attempt/command_input.h"

#include "base/error.h"
#include "logs/log_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

namespace atlasjob {

namespace {

constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;

[[noreturn]] void fail_to_seal(std::string_view what, int error) {
    throw Error(
        ErrorCode::unavailable,
        fmt::format("cannot store {} in memory: {}", what, errno_text(error)),
        "free memory or descriptors, then try again");
}

using State = SendResult::State;

[[noreturn]] void fail(std::string_view what, const std::string& path) {
    throw Error(
        ErrorCode::unavailable, fmt::format("cannot {} {}: {}", what, path, errno_text(errno)),
        "check the permissions and free space of that directory");
}

/// Creates the FIFO and replaces any existing file.
void create_fifo(const LogFolder& folder, const std::string& name) {
    const FilePlace fifo = folder.place(name);
    if (!folder.remove(name) && errno != ENOENT) fail("replace", fifo.path);
    if (mkfifoat(folder.fd(), name.c_str(), 0600) != 0) fail("create", fifo.path);
}

UniqueFd open_end(const LogFolder& folder, const std::string& name, int direction) {
    // Without O_NONBLOCK, opening either end waits for the other.
    UniqueFd end = folder.open(name, direction | O_NONBLOCK, S_IFIFO);
    if (!end) fail("open", folder.place(name).path);
    return end;
}

/// If this process is root, gives the new FIFO to the ledger's owner.
void give_to(const FileOwner& owner, int fd) {
    struct stat status {};
    if (geteuid() != 0 || fstat(fd, &status) != 0 || status.st_uid != 0) return;
    static_cast<void>(fchown(fd, owner.uid, owner.gid));
}

/// Returns false on timeout. True may also mean that the reader has left; the next write reports
/// it.
bool wait_writable(int fd, std::optional<milliseconds> timeout) {
    pollfd room{fd, POLLOUT, 0};
    const auto limit = timeout ? static_cast<int>(timeout->count()) : -1;
    int ready = 0;
    do {
        ready = poll(&room, 1, limit);
    } while (ready < 0 && errno == EINTR);
    return ready != 0;
}

}  // namespace

UniqueFd make_input(std::string_view bytes) {
    return make_sealed(bytes, "the command's standard input");
}

UniqueFd make_sealed(std::string_view bytes, std::string_view what) {
    const UniqueFd memory{memfd_create("atlasjob", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (!memory || !write_all(memory.get(), bytes)) fail_to_seal(what, errno);
    if (fcntl(memory.get(), F_ADD_SEALS, kSeals) != 0) fail_to_seal(what, errno);
    // Reopened to be read-only and at offset 0.
    UniqueFd input = open_file(fmt::format("/proc/self/fd/{}", memory.get()), O_RDONLY);
    if (!input) fail_to_seal(what, errno);
    return input;
}

bool is_sealed(int fd) {
    return fcntl(fd, F_GET_SEALS) == kSeals;
}

/// A delegated constructor, so that the destructor removes the FIFO even if the other one throws.
InputPipe::InputPipe(LogFolder folder, std::string name)
    : folder_(std::move(folder)), name_(std::move(name)) {
    create_fifo(folder_, name_);
}

InputPipe::InputPipe(const std::string& logs_root, const JobId& job_id, int attempt)
    : InputPipe(
        LogFolder::make(log_directory(logs_root, job_id)),
        split_path(input_path(logs_root, job_id, attempt)).name) {
    command_end_ = open_end(folder_, name_, O_RDONLY);
    give_to(folder_.owner(), command_end_.get());
    // Back to blocking, as commands expect of their standard input.
    if (fcntl(command_end_.get(), F_SETFL, O_RDONLY) != 0)
        fail("prepare", folder_.place(name_).path);
    kept_open_ = open_end(folder_, name_, O_WRONLY);
}

InputPipe::~InputPipe() {
    folder_.remove(name_);
}

SendResult send_input(
    const std::string& path, std::string_view text, std::optional<milliseconds> timeout) {
    const PathParts parts = split_path(path);
    const auto folder = LogFolder::find(parts.directory);
    if (!folder) return {State::not_accepting, 0};
    // A FIFO that belongs to another account is treated as missing.
    const UniqueFd pipe = folder->open(parts.name, O_WRONLY | O_NONBLOCK, S_IFIFO);
    if (!pipe && errno != ENXIO && errno != ENOENT) fail("write to", path);
    if (!pipe) return {State::not_accepting, 0};
    std::size_t sent = 0;
    while (sent < text.size()) {
        const ssize_t count = write(pipe.get(), text.data() + sent, text.size() - sent);
        if (count > 0) {
            sent += static_cast<std::size_t>(count);
        } else if (errno == EPIPE) {
            return {State::not_accepting, sent};
        } else if (errno == EAGAIN) {
            if (!wait_writable(pipe.get(), timeout)) return {State::timed_out, sent};
        } else if (errno != EINTR) {
            fail("write to", path);
        }
    }
    return {State::sent, sent};
}

}  // namespace atlasjob

#include "runner/input_pipe.h"

#include "base/error.h"
#include "runner/log_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

namespace atlasjob {

namespace {

using State = Sending::State;

[[noreturn]] void fail(std::string_view what, const std::string& path) {
    throw Error(
        ErrorCode::unavailable, fmt::format("cannot {} {}: {}", what, path, errno_text(errno)),
        "see to the permissions and the space of that directory");
}

std::string prepared_path(const std::string& logs_root, const JobId& job_id, int attempt) {
    make_log_directory(logs_root, job_id);
    return input_path(logs_root, job_id, attempt);
}

UniqueFd open_end(const std::string& path, int direction) {
    // Without O_NONBLOCK either end would wait for the other.
    UniqueFd end = open_file(path, direction | O_NONBLOCK | O_NOFOLLOW);
    if (!end) fail("open", path);
    return end;
}

/// Nobody takes a file that somebody else has put there for a command's input.
bool is_pipe_of_ours(int fd) {
    struct stat status {};
    return fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode)
           && (status.st_uid == geteuid() || geteuid() == 0);
}

/// False: it stayed full, or nobody reads it any more (a write says which).
bool await_room(int fd, std::optional<milliseconds> patience) {
    pollfd room{fd, POLLOUT, 0};
    const auto limit = patience ? static_cast<int>(patience->count()) : -1;
    int ready = 0;
    do {
        ready = poll(&room, 1, limit);
    } while (ready < 0 && errno == EINTR);
    return ready != 0;
}

}  // namespace

/// Once this is through the destructor removes what is there, whatever comes next.
InputPipe::InputPipe(std::string path) : path_(std::move(path)) {
    if (unlink(path_.c_str()) != 0 && errno != ENOENT) fail("replace", path_);
    if (mkfifo(path_.c_str(), 0600) != 0) fail("make", path_);
    give_to_owner_of_directory(path_);
}

InputPipe::InputPipe(const std::string& logs_root, const JobId& job_id, int attempt)
    : InputPipe(prepared_path(logs_root, job_id, attempt)) {
    command_end_ = open_end(path_, O_RDONLY);
    // The command's reads wait, as those of any standard input do.
    if (fcntl(command_end_.get(), F_SETFL, O_RDONLY) != 0) fail("prepare", path_);
    kept_open_ = open_end(path_, O_WRONLY);
}

InputPipe::~InputPipe() {
    unlink(path_.c_str());
}

Sending send_input(
    const std::string& path, std::string_view text, std::optional<milliseconds> patience) {
    const UniqueFd pipe = open_file(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW);
    if (!pipe && errno != ENXIO && errno != ENOENT) fail("write to", path);
    if (!pipe || !is_pipe_of_ours(pipe.get())) return {State::not_accepting, 0};
    std::size_t sent = 0;
    while (sent < text.size()) {
        const ssize_t count = write(pipe.get(), text.data() + sent, text.size() - sent);
        if (count > 0) {
            sent += static_cast<std::size_t>(count);
        } else if (errno == EPIPE) {
            return {State::not_accepting, sent};
        } else if (errno == EAGAIN) {
            if (!await_room(pipe.get(), patience)) return {State::stuck, sent};
        } else if (errno != EINTR) {
            fail("write to", path);
        }
    }
    return {State::whole, sent};
}

}  // namespace atlasjob

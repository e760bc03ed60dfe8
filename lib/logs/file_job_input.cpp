#include "logs/file_job_input.h"

#include "base/error.h"
#include "base/file.h"
#include "base/owned_file.h"
#include "logs/log_files.h"
#include "logs/log_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace atlasjob {

namespace {

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

class Fifo final : public InputPipe {
  public:
    Fifo(LogFolder folder, std::string name) : folder_(std::move(folder)), name_(std::move(name)) {
        create_fifo(folder_, name_);
    }
    Fifo(const Fifo&) = delete;
    Fifo& operator=(const Fifo&) = delete;
    ~Fifo() override { folder_.remove(name_); }

    /// Not in the constructor, so that the destructor removes the FIFO if this throws.
    void open() {
        command_end_ = open_end(folder_, name_, O_RDONLY);
        give_to(folder_.owner(), command_end_.get());
        // Back to blocking, as commands expect of their standard input.
        if (fcntl(command_end_.get(), F_SETFL, O_RDONLY) != 0)
            fail("prepare", folder_.place(name_).path);
        kept_open_ = open_end(folder_, name_, O_WRONLY);
    }

    int command_end() const override { return command_end_.get(); }
    void close_command_end() override { command_end_.reset(); }

  private:
    LogFolder folder_;
    std::string name_;
    UniqueFd command_end_;
    UniqueFd kept_open_;
};

}  // namespace

std::unique_ptr<InputPipe> FileJobInput::open(const JobId& job_id, int attempt) {
    auto fifo = std::make_unique<Fifo>(
        LogFolder::make(log_directory(logs_root_, job_id)),
        split_path(input_path(logs_root_, job_id, attempt)).name);
    fifo->open();
    return fifo;
}

SendResult FileJobInput::send(
    const JobId& job_id, int attempt, std::string_view text, std::optional<milliseconds> timeout) {
    const std::string path = input_path(logs_root_, job_id, attempt);
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

std::vector<InputEntry> FileJobInput::list() {
    std::vector<InputEntry> found;
    for_each_folder(logs_root_, [&](const LogFolder& folder) {
        for (const LogFile& pipe : input_pipes_in(folder))
            found.push_back({pipe.job_id, pipe.attempt});
        return true;
    });
    return found;
}

bool FileJobInput::remove(const JobId& job_id, int attempt) {
    return remove_log_file(input_path(logs_root_, job_id, attempt));
}

}  // namespace atlasjob

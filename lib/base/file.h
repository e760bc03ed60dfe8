#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace atlasjob {

/// Owns a file descriptor and closes it once. Empty (-1) after a move.
class UniqueFd {
  public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) noexcept : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept;
    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;
    ~UniqueFd() { reset(); }

    int get() const noexcept { return fd_; }
    bool valid() const noexcept { return fd_ >= 0; }
    explicit operator bool() const noexcept { return valid(); }
    int release() noexcept { return std::exchange(fd_, -1); }
    void reset(int fd = -1) noexcept;

  private:
    int fd_ = -1;
};

/// open(2) with O_CLOEXEC; an invalid descriptor and errno on failure.
UniqueFd open_file(const std::string& path, int flags, unsigned mode = 0);

/// Both ends of a pipe, close-on-exec. Throws Error(unavailable).
struct Pipe {
    UniqueFd read_end;
    UniqueFd write_end;
};
Pipe make_pipe();

/// The whole content of a file; nothing (and errno) when it cannot be opened or read.
std::optional<std::string> read_file(const std::string& path);

/// Writes all of `bytes`, through short writes and EINTR. False (and errno) on failure.
bool write_all(int fd, std::string_view bytes);

/// The value of an environment variable, or nothing when it is not set or empty. Not to be called
/// once other threads may change the environment (nothing here does).
std::optional<std::string> environment(const char* name);

}  // namespace atlasjob

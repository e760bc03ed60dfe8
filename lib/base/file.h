#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace atlasjob {

/// Owns a file descriptor and closes it once. Empty (-1) after a move.
class [[nodiscard]] UniqueFd {
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

/// open(2) with O_CLOEXEC. On failure returns an invalid descriptor and sets errno.
UniqueFd open_file(const std::string& path, int flags, unsigned mode = 0);

/// Both ends of a pipe.
struct [[nodiscard]] Pipe {
    UniqueFd read_end;
    UniqueFd write_end;
};
/// Creates a pipe that is closed on exec. Throws Error(unavailable).
Pipe make_pipe();

/// The content of a file; nullopt, with errno set, if it cannot be opened or read.
[[nodiscard]] std::optional<std::string> read_file(const std::string& path);

/// Writes all of `bytes`, continuing after short writes and EINTR. Returns false, with errno set,
/// on failure.
[[nodiscard]] bool write_all(int fd, std::string_view bytes);

/// The value of an environment variable; nullopt if it is unset or empty. Must not be called while
/// another thread may change the environment (no code in atlasjob does).
[[nodiscard]] std::optional<std::string> environment(const char* name);

}  // namespace atlasjob

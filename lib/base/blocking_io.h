#pragma once

#include <sys/types.h>

#include <cstddef>

namespace atlasjob {

/// read(2) for callers that may block, on any descriptor: repeats the call after EINTR and waits
/// if the descriptor is non-blocking. A caller's pipe or terminal may become so at any time, as
/// node, ssh and tmux leave them; the flag belongs to every process that shares it. Returns the
/// number of bytes, 0 at the end, or -1 with errno set.
[[nodiscard]] ssize_t read_some(int fd, char* buffer, std::size_t size);

/// Whether to repeat a call that has just failed with errno. Waits for `events` of poll(2) if the
/// descriptor would block. Safe in a signal handler.
[[nodiscard]] bool wait_to_retry(int fd, short events);

}  // namespace atlasjob

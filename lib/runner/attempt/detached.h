#pragma once

#include "process/process_handle.h"

#include <optional>
#include <string>
#include <vector>

namespace atlasjob {

/// A copy of this program that goes its own way, and what it said before it did.
struct DetachedStart {
    ProcessHandle process;  ///< Our child: reap() it once it has ended, unless SIGCHLD is ignored.
    std::string out;        ///< What it wrote to its standard output,
    std::string err;        ///< and to its standard error, before it let go of them.
};

/// Starts this very program once more, in a session of its own, with our directory and umask, and
/// with our environment but for what it tells about an attempt that we may be part of. Returns once
/// it has let go of its outputs (leave_starter) or has ended. Its standard input is `input`; it has
/// no other descriptor of ours and no terminal. Throws Error(unavailable).
///
/// Of `words` only the first two, program and command, stand in its argv, where every account can
/// read them for as long as it lives: the others may be secrets, and handed_over_words() gets them.
DetachedStart start_detached(const std::vector<std::string>& words, int input);

/// The other side, first of all: the words that its starter handed over. nullopt: none did. Throws
/// Error(unavailable).
std::optional<std::vector<std::string>> handed_over_words();

/// The other side, before it does anything that lasts: waits until its starter holds it, or is
/// gone. Without this a process that ends at once could pass for one that did not start.
void await_starter();

/// The other side, once its starter may go on: its standard descriptors lead nowhere from here on,
/// and it is in "/", in nobody's way.
/// Throws Error(unavailable).
void leave_starter();

}  // namespace atlasjob

#pragma once

#include <array>

namespace atlasjob {

/// What is added to the name of a ledger for the files beside it; the log folder (`.logs`) is none
/// of them. First those of readers, then those of writers; the last is a worker's.
inline constexpr std::array kSiblings = {"-wal", "-shm", "-journal", ".gate", ".bell", ".worker"};

}  // namespace atlasjob

#pragma once

namespace atlasjob::cli {

/// The whole program: reads argv, runs one command, tells what went wrong and returns the exit
/// status. Never throws.
int run(int argc, const char* const* argv) noexcept;

}  // namespace atlasjob::cli

#pragma once

namespace atlasjob::cli {

/// Entry point of atlasjob: parses argv, runs one command, prints errors and returns the exit
/// status. Never throws.
int run(int argc, const char* const* argv) noexcept;

}  // namespace atlasjob::cli

#include "runner/command_input.h"

#include "base/error.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>

namespace atlasjob {

namespace {

[[noreturn]] void fail(int error) {
    throw Error(
        ErrorCode::unavailable,
        fmt::format("cannot hold the command's standard input: {}", errno_text(error)),
        "free memory or descriptors, then try again");
}

}  // namespace

UniqueFd make_input(std::string_view bytes) {
    const UniqueFd memory{memfd_create("atlasjob-stdin", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (!memory || !write_all(memory.get(), bytes)) fail(errno);
    constexpr int kForGood = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
    if (fcntl(memory.get(), F_ADD_SEALS, kForGood) != 0) fail(errno);
    // Opened anew: read-only, and at offset 0.
    UniqueFd input = open_file(fmt::format("/proc/self/fd/{}", memory.get()), O_RDONLY);
    if (!input) fail(errno);
    return input;
}

}  // namespace atlasjob

#include "runner/attempt/command_input.h"

#include "base/error.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>

namespace atlasjob {

namespace {

constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;

[[noreturn]] void fail_to_seal(std::string_view what, int error) {
    throw Error(
        ErrorCode::unavailable,
        fmt::format("cannot store {} in memory: {}", what, errno_text(error)),
        "free memory or descriptors, then try again");
}

}  // namespace

UniqueFd make_input(std::string_view bytes) {
    return make_sealed(bytes, "the command's standard input");
}

UniqueFd make_sealed(std::string_view bytes, std::string_view what) {
    const UniqueFd memory{memfd_create("atlasjob", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    if (!memory || !write_all(memory.get(), bytes)) fail_to_seal(what, errno);
    if (fcntl(memory.get(), F_ADD_SEALS, kSeals) != 0) fail_to_seal(what, errno);
    // Reopened to be read-only and at offset 0.
    UniqueFd input = open_file(fmt::format("/proc/self/fd/{}", memory.get()), O_RDONLY);
    if (!input) fail_to_seal(what, errno);
    return input;
}

bool is_sealed(int fd) {
    return fcntl(fd, F_GET_SEALS) == kSeals;
}

}  // namespace atlasjob

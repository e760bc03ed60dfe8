#include "base/host_identity.h"

#include "base/file.h"
#include "base/text.h"

#include <fmt/format.h>
#include <sha2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string_view>

namespace atlasjob {

namespace {

/// The key of the hash: a random number that no other program uses.
constexpr std::string_view kKey = "atlasjob 9f5d1c0b6e7a4f0e8d5b2c3a1e4f6071";
constexpr std::size_t kMachineIdBytes = 16;  ///< 128 bits, as in the file.

std::string host_name() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return {};
    return name.data();
}

/// HMAC-SHA256 (RFC 2104) of `text` with kKey, which is shorter than a block.
std::array<std::uint8_t, SHA256_DIGEST_LENGTH> keyed_hash(std::string_view text) {
    const auto pass = [](std::uint8_t pad, std::string_view message) {
        std::array<std::uint8_t, SHA256_BLOCK_LENGTH> block{};
        block.fill(pad);
        for (std::size_t i = 0; i < kKey.size(); ++i)
            block.at(i) ^= static_cast<std::uint8_t>(kKey[i]);
        SHA2_CTX context;
        SHA256Init(&context);
        SHA256Update(&context, block.data(), block.size());
        SHA256Update(
            &context, reinterpret_cast<const std::uint8_t*>(message.data()), message.size());
        std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
        SHA256Final(digest.data(), &context);
        return digest;
    };
    static_assert(kKey.size() <= SHA256_BLOCK_LENGTH);
    const auto inner = pass(0x36, text);
    return pass(0x5c, {reinterpret_cast<const char*>(inner.data()), inner.size()});
}

std::string hashed_machine_id() {
    const auto file = read_file("/etc/machine-id");
    // While a system is being installed the file may be empty or say "uninitialized".
    if (!file || trim(*file).size() != 2 * kMachineIdBytes) return {};
    const auto digest = keyed_hash(trim(*file));
    std::string hex;
    for (std::size_t i = 0; i < kMachineIdBytes; ++i)
        hex += fmt::format("{:02x}", digest.at(i));
    return hex;
}

std::uint64_t inode_of(const char* path) {
    struct stat status {};
    return ::stat(path, &status) == 0 ? status.st_ino : 0;
}

HostIdentity read_host_identity() {
    HostIdentity identity;
    identity.host = host_name();
    identity.machine_id = hashed_machine_id();
    if (const auto boot = read_file("/proc/sys/kernel/random/boot_id"))
        identity.boot_id = trim(*boot);
    identity.pid_namespace = inode_of("/proc/self/ns/pid");
    identity.time_namespace = inode_of("/proc/self/ns/time");
    return identity;
}

}  // namespace

const HostIdentity& host_identity() {
    static const HostIdentity cached = read_host_identity();
    return cached;
}

}  // namespace atlasjob

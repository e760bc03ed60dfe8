#include "base/id.h"

#include "base/error.h"

#include <sys/random.h>

#include <cerrno>
#include <cstring>
#include <mutex>

namespace atlasjob {

namespace {

constexpr std::uint64_t kCounterLimit = 1U << 12U;

struct RandomBits {
    std::uint64_t tail;
    std::uint16_t counter;
};

RandomBits random_bits() {
    std::array<unsigned char, sizeof(std::uint64_t) + sizeof(std::uint16_t)> bytes{};
    // Requests of up to 256 bytes always return in full (getrandom(2)).
    if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        throw Error(ErrorCode::internal, "cannot get random bytes: " + errno_text(errno));
    }
    RandomBits bits{};
    std::memcpy(&bits.tail, bytes.data(), sizeof bits.tail);
    std::memcpy(&bits.counter, bytes.data() + sizeof bits.tail, sizeof bits.counter);
    return bits;
}

/// Keeps the last id's time and counter as one number, so that a full counter carries into the
/// time.
class Sequence {
  public:
    std::uint64_t next(std::uint64_t ms, std::uint16_t seed) {
        const std::lock_guard lock{mutex_};
        // Half of the counter's range stays free for later ids of the same millisecond.
        const std::uint64_t fresh = ms * kCounterLimit + seed % (kCounterLimit / 2);
        last_ = ms > last_ / kCounterLimit ? fresh : last_ + 1;
        return last_;
    }

  private:
    std::mutex mutex_;
    std::uint64_t last_ = 0;
};

UuidText uuid_text(std::uint64_t high, std::uint64_t low) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    UuidText text{};
    std::size_t at = 0;
    for (unsigned nibble = 0; nibble < 32; ++nibble) {
        if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) text[at++] = '-';
        const std::uint64_t half = nibble < 16 ? high : low;
        text[at++] = kHex[(half >> (60 - 4 * (nibble % 16))) & 0xFU];
    }
    return text;
}

}  // namespace

UuidText make_uuid7(Time now) {
    static Sequence sequence;
    const RandomBits bits = random_bits();
    const auto ms = static_cast<std::uint64_t>(to_ms(now)) & 0xFFFF'FFFF'FFFFU;
    const std::uint64_t stamp = sequence.next(ms, bits.counter);
    const std::uint64_t high =
        stamp / kCounterLimit << 16U | 0x7000U | (stamp % kCounterLimit);  // version 7
    const std::uint64_t low = bits.tail >> 2U | 0x8000'0000'0000'0000U;    // variant 10
    return uuid_text(high, low);
}

std::optional<UuidText> parse_uuid(std::string_view text) {
    UuidText uuid{};
    if (text.size() != uuid.size()) return {};
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        const char c =
            text[i] >= 'A' && text[i] <= 'F' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (hyphen ? c != '-' : !hex) return {};
        uuid[i] = c;
    }
    return uuid;
}

}  // namespace atlasjob

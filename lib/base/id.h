#pragma once

#include "base/time.h"

#include <array>
#include <compare>

namespace atlasjob {

/// A UUID as text: 36 characters, lower case, with hyphens.
using UuidText = std::array<char, 36>;

/// Creates a UUIDv7 (RFC 9562, section 6.2, method 1): 48 bits of `now` in ms, a 12-bit counter
/// that starts at a random value in each millisecond, 62 random bits from the OS. The ids of one
/// process are strictly increasing, even when the clock steps back. Thread-safe.
[[nodiscard]] UuidText make_uuid7(Time now);

/// Parses a UUID of any version in upper or lower case; nullopt for anything else.
[[nodiscard]] std::optional<UuidText> parse_uuid(std::string_view text);

/// A UUID with a type of its own, so that ids of different things cannot be mixed up. `Tag` is
/// never defined.
template <class Tag>
class Id {
  public:
    [[nodiscard]] static Id make(Time now) { return Id{make_uuid7(now)}; }
    static std::optional<Id> parse(std::string_view text) {
        const auto uuid = parse_uuid(text);
        return uuid ? std::optional{Id{*uuid}} : std::nullopt;
    }

    std::string_view view() const { return {text_.data(), text_.size()}; }
    std::string str() const { return std::string{view()}; }

    // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 mistakes <=> for a null pointer
    friend auto operator<=>(const Id&, const Id&) = default;

  private:
    explicit Id(const UuidText& text) : text_(text) {}

    UuidText text_;
};

}  // namespace atlasjob

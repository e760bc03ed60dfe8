#pragma once

#include "base/time.h"

#include <array>
#include <compare>

namespace atlasjob {

/// The text of a UUID: 36 characters, lower case, with hyphens.
using UuidText = std::array<char, 36>;

/// A new UUIDv7 (RFC 9562, method 1 of section 6.2): 48 bits of `now` in ms, a 12-bit counter that
/// starts at random in each millisecond, 62 random bits from the OS. Ids of one process are
/// strictly increasing, also when the clock steps back. May be called from any thread.
UuidText make_uuid7(Time now);

/// Reads a UUID of any version in any letter case. Returns nothing for anything else.
std::optional<UuidText> parse_uuid(std::string_view text);

/// An id that cannot be mistaken for the id of something else. `Tag` is never defined.
template <class Tag>
class Id {
  public:
    static Id make(Time now) { return Id{make_uuid7(now)}; }
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

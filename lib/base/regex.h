#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace atlasjob {

/// Longest pattern in bytes.
inline constexpr std::size_t kMaxPattern = 1024;

/// A regular expression that a user wrote, in RE2 syntax, for text in UTF-8. Whatever the pattern,
/// matching takes time proportional to the text, at most 8 MiB and no deep recursion; so there are
/// no back-references and no look-around. Thread-safe once constructed.
class Regex {
  public:
    /// Never throws because of the pattern: see fault().
    explicit Regex(const std::string& pattern);
    Regex(Regex&&) noexcept;
    Regex& operator=(Regex&&) noexcept;
    ~Regex();

    /// What is wrong with the pattern, and where: `missing closing ] at byte 2: "["`. nullopt if
    /// nothing is.
    [[nodiscard]] const std::optional<std::string>& fault() const { return fault_; }
    /// The number of groups; 0 for a faulty pattern.
    [[nodiscard]] int groups() const;
    /// Searches the text for the first match and sets `found` to its groups, from the first on;
    /// those that took no part are empty. False if there is none. Not for a faulty pattern. `found`
    /// has at most groups() elements, which refer to `text`.
    [[nodiscard]] bool search(std::string_view text, std::span<std::string_view> found) const;

  private:
    struct Compiled;

    std::unique_ptr<const Compiled> compiled_;
    std::optional<std::string> fault_;
};

}  // namespace atlasjob

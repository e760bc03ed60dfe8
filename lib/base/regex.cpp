#include "base/regex.h"

#include "base/text.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <vector>

namespace atlasjob {

namespace {

constexpr std::int64_t kMaxMemory = std::int64_t{8} << 20;
constexpr std::size_t kMaxShown = 40;  ///< Bytes of the part at fault.

RE2::Options options() {
    RE2::Options options;
    options.set_max_mem(kMaxMemory);
    options.set_log_errors(false);  // it would write them to stderr
    return options;
}

std::string_view reason(RE2::ErrorCode code) {
    switch (code) {
        case RE2::ErrorBadEscape:
            return "invalid escape sequence";
        case RE2::ErrorBadCharClass:
        case RE2::ErrorBadCharRange:
            return "invalid range of characters";
        case RE2::ErrorMissingBracket:
            return "missing closing ]";
        case RE2::ErrorMissingParen:
            return "missing closing )";
        case RE2::ErrorUnexpectedParen:
            return "unexpected )";
        case RE2::ErrorTrailingBackslash:
            return "backslash at the end";
        case RE2::ErrorRepeatArgument:
            return "nothing to repeat";
        case RE2::ErrorRepeatSize:
            return "too many repetitions";
        case RE2::ErrorRepeatOp:
            return "repetition of a repetition";
        case RE2::ErrorBadPerlOp:
            return "unsupported group";
        case RE2::ErrorBadUTF8:
            return "not UTF-8";
        case RE2::ErrorBadNamedCapture:
            return "invalid name of a group";
        case RE2::ErrorPatternTooLarge:
            return "needs too much memory";
        case RE2::NoError:
        case RE2::ErrorInternal:
            break;
    }
    return "not a regular expression";
}

/// RE2 names the part at fault, which is all of the pattern if a parenthesis is missing.
std::string fault_of(const RE2& pattern) {
    const std::string& part = pattern.error_arg();
    const std::size_t at = pattern.pattern().find(part);
    const std::string_view what = reason(pattern.error_code());
    if (part.empty() || part == pattern.pattern() || at == std::string::npos)
        return std::string{what};
    return fmt::format(
        "{} at byte {}: \"{}\"", what, at + 1, repair_utf8(part.substr(0, kMaxShown)));
}

}  // namespace

struct Regex::Compiled {
    explicit Compiled(const std::string& pattern) : re2(pattern, options()) {}

    RE2 re2;
};

Regex::Regex(const std::string& pattern) {
    if (pattern.size() > kMaxPattern) {
        fault_ = fmt::format("longer than {} bytes", kMaxPattern);
        return;
    }
    auto compiled = std::make_unique<Compiled>(pattern);
    if (compiled->re2.ok()) {
        compiled_ = std::move(compiled);
    } else {
        fault_ = fault_of(compiled->re2);
    }
}

Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

int Regex::groups() const {
    return compiled_ ? compiled_->re2.NumberOfCapturingGroups() : 0;
}

bool Regex::search(std::string_view text, std::span<std::string_view> found) const {
    // The first submatch is the whole match.
    std::vector<re2::StringPiece> parts(found.size() + 1);
    const re2::StringPiece all{text.data(), text.size()};
    if (!compiled_->re2.Match(
            all, 0, text.size(), RE2::UNANCHORED, parts.data(), static_cast<int>(parts.size())))
        return false;
    for (std::size_t at = 0; at < found.size(); ++at)
        found[at] = {parts[at + 1].data(), parts[at + 1].size()};
    return true;
}

}  // namespace atlasjob

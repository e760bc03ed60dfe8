#include "cli/mcp_verbs.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace atlasjob::cli {

namespace {

struct Verb {
    std::string_view word;
    bool mcp::Allowed::*opens;
};
constexpr std::array kVerbs = {
    Verb{"submit", &mcp::Allowed::submit},
    Verb{"cancel", &mcp::Allowed::cancel},
    Verb{"retry", &mcp::Allowed::retry},
};

}  // namespace

void allow(const std::string& verbs, mcp::Allowed& allowed) {
    for (const std::string_view verb : split(verbs, ',')) {
        const auto* const known = std::ranges::find(kVerbs, trim(verb), &Verb::word);
        if (known == kVerbs.end()) {
            throw Error(
                ErrorCode::invalid_argument,
                fmt::format("--allow \"{}\": no such verb", repair_utf8(verb)),
                "give submit, cancel, retry, or several of them with commas between");
        }
        allowed.*known->opens = true;
    }
}

int calls_per_minute(const std::string& text) {
    constexpr int kMost = 1'000'000;
    constexpr std::string_view kUnit = "/min";
    std::string_view number = text;
    if (number.ends_with(kUnit)) number.remove_suffix(kUnit.size());
    const auto calls = parse_integer<int>(number);
    if (calls && *calls >= 1 && *calls <= kMost) return *calls;
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("--rate-limit \"{}\": not a number of calls a minute", repair_utf8(text)),
        "give one such as 60/min");
}

}  // namespace atlasjob::cli

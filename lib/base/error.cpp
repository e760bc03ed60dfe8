#include "base/error.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace atlasjob {

namespace {

/// Shown as in escape_controls(), because the text of what() ends at the first NUL.
constexpr std::string_view kShownNul = "\\u{0}";

std::string joined(std::string_view message, std::string_view hint) {
    std::string text{message};
    if (!hint.empty()) {
        text += "; ";
        text += hint;
    }
    for (std::size_t nul = text.find('\0'); nul != std::string::npos; nul = text.find('\0', nul))
        text.replace(nul, 1, kShownNul);
    return text;
}

}  // namespace

const ErrorRow& error_row(ErrorCode code) noexcept {
    static_assert(kErrors.size() == static_cast<std::size_t>(ErrorCode::internal) + 1);
    return kErrors.at(static_cast<std::size_t>(code));
}

Error::Error(ErrorCode code, std::string_view message, std::string_view hint)
    : std::runtime_error(joined(message, hint)), code_(code), message_(message), hint_(hint) {}

std::string errno_text(int error) {
    std::string text = std::generic_category().message(error);
    rlimit limit{};
    if (error == EMFILE && getrlimit(RLIMIT_NOFILE, &limit) == 0)
        text += fmt::format(" (the limit is {}; raise it with ulimit -n)", limit.rlim_cur);
    return text;
}

}  // namespace atlasjob

#include "base/error.h"

#include <algorithm>
#include <system_error>

namespace atlasjob {

namespace {

std::string joined(std::string_view message, std::string_view hint) {
    std::string text{message};
    if (!hint.empty()) {
        text += "; ";
        text += hint;
    }
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
    return std::generic_category().message(error);
}

}  // namespace atlasjob

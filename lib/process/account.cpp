#include "process/account.h"

#include "base/file.h"
#include "base/text.h"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <optional>

namespace atlasjob {

namespace {

/// The local file first: asking the name service costs as much as the rest of `status` together.
std::optional<std::string> local_account(const std::string& uid) {
    const auto passwd = read_file("/etc/passwd");
    if (!passwd) return {};
    for (const std::string_view line : split(*passwd, '\n')) {
        const auto fields = split(line, ':');
        if (fields.size() > 2 && fields[2] == uid && !fields[0].empty()) {
            return std::string{fields[0]};
        }
    }
    return {};
}

std::optional<std::string> directory_account(uid_t uid) {
    std::array<char, 16384> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
        return {};
    }
    return std::string{found->pw_name};
}

}  // namespace

std::string account_name() {
    const uid_t uid = geteuid();
    const std::string number = std::to_string(uid);
    if (auto name = local_account(number)) return *name;
    return directory_account(uid).value_or(number);
}

}  // namespace atlasjob

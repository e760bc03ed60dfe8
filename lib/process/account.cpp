#include "process/account.h"

#include "base/file.h"
#include "base/text.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <optional>

namespace atlasjob {

namespace {

/// In lines as /etc/passwd has them.
std::optional<std::string> name_in(std::string_view accounts, std::string_view uid) {
    for (const std::string_view line : split(accounts, '\n')) {
        const auto fields = split(line, ':');
        if (fields.size() > 2 && fields[2] == uid && !fields[0].empty()) {
            return std::string{fields[0]};
        }
    }
    return {};
}

/// LDAP and the like are asked by a program of the system: their modules are shared libraries, and
/// this program starts in three quarters of the time because it needs none.
std::string directory_account(std::string_view uid) {
    // Where the system has it whatever our PATH, so that cron and a shell give one account one
    // name.
    const auto command = fmt::format(
        "PATH=${{PATH:+$PATH:}}/usr/bin:/bin; exec getent passwd {} </dev/null 2>/dev/null", uid);
    const std::unique_ptr<FILE, int (*)(FILE*)> getent{popen(command.c_str(), "re"), pclose};
    std::array<char, 4096> line{};
    if (!getent || std::fgets(line.data(), line.size(), getent.get()) == nullptr) return {};
    return line.data();
}

}  // namespace

std::string account_name_of(uid_t uid) {
    const std::string number = std::to_string(uid);
    // The local file first: a directory costs more than the rest of `status` together.
    if (auto name = name_in(read_file("/etc/passwd").value_or(""), number)) return *name;
    return name_in(directory_account(number), number).value_or(number);
}

std::string account_name() {
    return account_name_of(geteuid());
}

}  // namespace atlasjob

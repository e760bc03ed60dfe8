#include "process/service_notifier.h"

#include "base/file.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace atlasjob {

namespace {

constexpr const char* kVariable = "NOTIFY_SOCKET";

}  // namespace

ServiceNotifier ServiceNotifier::from_environment() {
    ServiceNotifier notifier;
    notifier.address_ = environment(kVariable).value_or("");
    unsetenv(kVariable);  // NOLINT(concurrency-mt-unsafe): no other thread yet
    return notifier;
}

void ServiceNotifier::send(std::string_view state) const {
    sockaddr_un address{};
    if (address_.empty() || address_.size() >= sizeof address.sun_path) return;
    if (address_[0] != '/' && address_[0] != '@') return;  // vsock, for virtual machines
    address.sun_family = AF_UNIX;
    std::memcpy(&address.sun_path, address_.data(), address_.size());
    if (address_[0] == '@') address.sun_path[0] = '\0';
    const UniqueFd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    if (!socket) return;
    static_cast<void>(sendto(
        socket.get(), state.data(), state.size(), MSG_NOSIGNAL,
        reinterpret_cast<const sockaddr*>(&address), length));
}

bool is_journal(int fd) {
    struct stat status {};
    const auto stream = environment("JOURNAL_STREAM");
    return stream && fstat(fd, &status) == 0
           && *stream == fmt::format("{}:{}", status.st_dev, status.st_ino);
}

}  // namespace atlasjob

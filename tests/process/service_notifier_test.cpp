#include "process/service_notifier.h"

#include "base/file.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace atlasjob {

namespace {

/// The service manager's end.
class Manager {
  public:
    explicit Manager(const std::string& name) : name_(name) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        name.copy(&address.sun_path[0], name.size());
        if (name[0] == '@') address.sun_path[0] = '\0';
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        REQUIRE(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
    }
    ServiceNotifier notifier() const {
        setenv("NOTIFY_SOCKET", name_.c_str(), 1);
        return ServiceNotifier::from_environment();
    }
    std::string received() const {
        std::array<char, 512> buffer{};
        const ssize_t count = recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
    }

  private:
    std::string name_;
    UniqueFd socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

}  // namespace

TEST_CASE("a state is sent to the service manager as one datagram") {
    const test::TempDir directory;
    const bool is_abstract = GENERATE(false, true);
    const std::string name =
        is_abstract ? fmt::format("@atlasjob-test-{}", getpid()) : directory / "notify";
    const Manager manager{name};
    const ServiceNotifier notifier = manager.notifier();
    notifier.send("READY=1\nSTATUS=running queued jobs");
    CHECK(manager.received() == "READY=1\nSTATUS=running queued jobs");
}

TEST_CASE("the socket of the service manager is not passed on") {
    const Manager manager{fmt::format("@atlasjob-test-{}", getpid())};
    static_cast<void>(manager.notifier());
    CHECK(environment("NOTIFY_SOCKET") == std::nullopt);
}

TEST_CASE("without a service manager, or with one that is gone, nothing is sent") {
    ServiceNotifier::from_environment().send("READY=1");
    for (const char* address : {"/nowhere/notify", "vsock:2:1", "relative"}) {
        setenv("NOTIFY_SOCKET", address, 1);
        ServiceNotifier::from_environment().send("READY=1");
    }
    setenv("NOTIFY_SOCKET", ("/" + std::string(300, 'x')).c_str(), 1);
    ServiceNotifier::from_environment().send("READY=1");
    CHECK(environment("NOTIFY_SOCKET") == std::nullopt);
}

TEST_CASE("standard error is the journal's if the environment names its device and inode") {
    struct stat status {};
    REQUIRE(fstat(STDERR_FILENO, &status) == 0);
    setenv("JOURNAL_STREAM", fmt::format("{}:{}", status.st_dev, status.st_ino).c_str(), 1);
    CHECK(is_journal(STDERR_FILENO));
    setenv("JOURNAL_STREAM", fmt::format("{}:{}", status.st_dev, status.st_ino + 1).c_str(), 1);
    CHECK_FALSE(is_journal(STDERR_FILENO));
    unsetenv("JOURNAL_STREAM");
    CHECK_FALSE(is_journal(STDERR_FILENO));
}

}  // namespace atlasjob

#include "process/account.h"

#include "base/error.h"
#include "base/file.h"
#include "base/sanitized.h"
#include "support/child.h"
#include "support/scoped_variable.h"
#include "support/temp_dir.h"
#include "support/timeout.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

namespace atlasjob {

namespace {

/// An account that is in no machine's passwd file.
constexpr uid_t kUnknownUid = 3'141'592'653;
constexpr int kSkipped = 77;
const std::string kUnknownUidText = "3141592653";

/// Replaces getent by a script.
struct Directory {
    explicit Directory(const std::string& script) {
        const std::string getent = folder / "getent";
        std::ofstream{getent} << "#!/bin/sh\necho \"$@\" >> " << queries() << "\n" << script;
        REQUIRE(chmod(getent.c_str(), 0755) == 0);
    }

    std::string queries() const { return folder / "queries"; }

    test::TempDir folder;
    test::ScopedVariable path{"PATH", (folder.path().string() + ":/usr/bin:/bin").c_str()};
};

Error failure_to_name(uid_t uid, milliseconds timeout = kDirectoryTimeout) {
    try {
        return {ErrorCode::internal, "it is called " + account_name_of(uid, timeout)};
    } catch (const Error& error) {
        return error;
    }
}

/// Waits for the exit of a process that is not a child of the test; false after kTimeoutMs.
bool is_gone(pid_t pid) {
    const UniqueFd pidfd{static_cast<int>(syscall(SYS_pidfd_open, pid, 0))};
    if (!pidfd) return true;
    pollfd ended{pidfd.get(), POLLIN, 0};
    return poll(&ended, 1, test::kTimeoutMs) == 1;
}

}  // namespace

TEST_CASE("an account in the local passwd file is resolved without getent") {
    const Directory directory{"echo impostor:x:0:0::/:/bin/sh"};
    CHECK(account_name_of(0) == "root");
    CHECK_FALSE(std::filesystem::exists(directory.queries()));
}

TEST_CASE("an account known only to a directory service is resolved by getent") {
    const Directory directory{"echo somebody:x:$2:100:Some Body:/home/somebody:/bin/sh"};
    CHECK(account_name_of(kUnknownUid) == "somebody");
    std::string query;
    std::getline(std::ifstream{directory.queries()}, query);
    CHECK(query == "passwd " + kUnknownUidText);
}

TEST_CASE("an account unknown to getent is named by its number") {
    const auto script = GENERATE(
        as<std::string>{}, "exit 2", "echo other:x:1:100::/:/bin/sh; exit 2", "echo exit 0; exit 2",
        "printf 'no line end'; exit 2");
    const Directory directory{script};
    CHECK(account_name_of(kUnknownUid) == kUnknownUidText);
}

TEST_CASE("a failing directory service is an outage and never another name") {
    using Case = std::pair<std::string, std::string>;
    const auto [script, why] = GENERATE(values<Case>(
        {{"exit 1", "getent exited with 1"},
         {"exit 3", "getent exited with 3"},
         {"echo somebody:x:$2:100::/:/bin/sh; exit 1", "getent exited with 1"},
         {"kill -KILL $$", "getent exited with 137"},
         {"exit 0", "getent did not return this account"},
         {"echo nonsense", "getent did not return this account"},
         {"echo other:x:1:100::/:/bin/sh", "getent did not return this account"},
         {"echo :x:$2:100::/:/bin/sh", "getent did not return this account"},
         {"exec yes nonsense", "getent printed too much"}}));
    const Directory directory{script};
    INFO(script);
    const Error error = failure_to_name(kUnknownUid);
    CHECK(error.code() == ErrorCode::unavailable);
    CHECK(error.message() == "cannot look up the name of account " + kUnknownUidText + ": " + why);
}

TEST_CASE("a hanging directory lookup is killed with all its children") {
    const Directory directory{"sleep 1000 & echo $! > $0.pid; wait"};
    const Error error = failure_to_name(kUnknownUid, milliseconds{500});
    CHECK(error.code() == ErrorCode::unavailable);
    CHECK_THAT(error.message(), Catch::Contains("getent did not finish within 500ms"));
    pid_t started = 0;
    std::ifstream{directory.folder / "getent.pid"} >> started;
    // On a very busy machine the timeout may come before anything was started.
    if (started > 0) CHECK(is_gone(started));
}

TEST_CASE("a caller that ignores SIGCHLD still gets the answer of getent") {
    const auto before = std::signal(SIGCHLD, SIG_IGN);
    {
        const Directory directory{"echo somebody:x:$2:100::/:/bin/sh"};
        CHECK(account_name_of(kUnknownUid) == "somebody");
    }
    {
        const Directory directory{"exit 2"};
        CHECK(account_name_of(kUnknownUid) == kUnknownUidText);
    }
    {
        const Directory directory{"exit 1"};
        CHECK(failure_to_name(kUnknownUid).code() == ErrorCode::unavailable);
    }
    static_cast<void>(std::signal(SIGCHLD, before));
}

TEST_CASE("running out of descriptors during a lookup is an outage") {
    if (kSanitized) {
        WARN("skipped: sanitizers need descriptors of their own");
        return;
    }
    const Directory directory{"exit 2"};
    // The lowest free descriptor; the limit is relative to it.
    const int lowest = UniqueFd{fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)}.get();
    const auto [descriptors, why] = GENERATE(values<std::pair<int, std::string>>(
        {{0, "/etc/passwd: Too many open files"}, {1, "cannot make a pipe: Too many open files"}}));
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
    const rlimit few{static_cast<rlim_t>(lowest + descriptors), before.rlim_max};
    REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
    std::string message;
    try {
        message = account_name_of(kUnknownUid);
    } catch (const Error& error) {
        message = error.message();
    }
    setrlimit(RLIMIT_NOFILE, &before);
    CHECK_THAT(message, Catch::Contains(why));
}

TEST_CASE("getent is run from system directories and never from the current one") {
    const Directory directory{"echo impostor:x:$2:100::/:/bin/sh"};
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(directory.folder.path());
    {
        const test::ScopedVariable path{"PATH", ""};
        CHECK(account_name_of(kUnknownUid) == kUnknownUidText);
    }
    std::filesystem::current_path(before);
    CHECK_FALSE(std::filesystem::exists(directory.queries()));
}

TEST_CASE("a process looks up its own account only once") {
    const Directory directory{"echo somebody:x:$2:100::/:/bin/sh"};
    std::filesystem::permissions(directory.folder.path(), std::filesystem::perms::all);
    test::Child alone{[&] {
        if (setgroups(0, nullptr) != 0 || setresuid(kUnknownUid, kUnknownUid, kUnknownUid) != 0)
            return kSkipped;
        std::string other;
        std::thread concurrent{[&] { other = account_name(); }};
        const std::string name = account_name();
        concurrent.join();
        setenv("PATH", "/nowhere", 1);
        if (name != "somebody" || other != name || account_name() != name) return 1;
        std::ifstream queries{directory.queries()};
        const std::string all{std::istreambuf_iterator<char>{queries}, {}};
        return std::ranges::count(all, '\n') == 1 ? 0 : 2;
    }};
    const auto end = alone.wait();
    if (end.code == kSkipped) {
        WARN("skipped: only root can run as another account");
        return;
    }
    CHECK(end.code == 0);
}

TEST_CASE("a failed lookup of the own account is retried and its error has a hint") {
    const Directory directory{"test -e $0.up && echo somebody:x:$2:100::/:/bin/sh"};
    std::filesystem::permissions(directory.folder.path(), std::filesystem::perms::all);
    test::Child alone{[&] {
        if (setgroups(0, nullptr) != 0 || setresuid(kUnknownUid, kUnknownUid, kUnknownUid) != 0)
            return kSkipped;
        try {
            static_cast<void>(account_name());
            return 1;
        } catch (const Error& error) {
            if (error.message() != "cannot look up your account name: getent exited with 1")
                return 2;
            if (error.hint() != "give --principal NAME or set ATLASJOB_PRINCIPAL") return 3;
        }
        std::ofstream{directory.folder / "getent.up"} << "";
        return account_name() == "somebody" ? 0 : 4;
    }};
    const auto end = alone.wait();
    if (end.code == kSkipped) {
        WARN("skipped: only root can run as another account");
        return;
    }
    CHECK(end.code == 0);
}

TEST_CASE("a process is named after the account it runs as") {
    CHECK(account_name() == account_name_of(geteuid()));
}

}  // namespace atlasjob

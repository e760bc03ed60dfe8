#include "base/owned_file.h"

#include "base/error.h"
#include "base/file_identity.h"
#include "support/planted_cases.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

struct stat status_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return status;
}

/// A file and the path of a sibling.
struct Case {
    Case() {
        std::ofstream{main} << "x";
        fs::permissions(main, fs::perms{0640});
        fs::create_directory(targets);
    }

    TempDir dir;
    std::string main = dir / "main";
    std::string sibling = dir / "main.gate";
    std::string targets = dir / "targets";
    FileOwner self{::geteuid(), ::getegid()};
};

}  // namespace

TEST_CASE("a sibling is created with the mode of its main file and then reused") {
    const Case c;
    const UniqueFd made = open_sibling(c.main, c.sibling);
    CHECK((status_of(c.sibling).st_mode & 07777U) == 0640);
    CHECK(is_named(open_sibling(c.main, c.sibling).get(), c.sibling));
    CHECK(is_named(made.get(), c.sibling));
    fs::rename(c.sibling, c.sibling + ".old");
    CHECK_FALSE(is_named(made.get(), c.sibling));
    fs::create_symlink(c.sibling + ".old", c.sibling);
    CHECK_FALSE(is_named(made.get(), c.sibling));
}

TEST_CASE("a planted sibling is refused by name and left untouched") {
    const Case c;
    for_each_plant(c.sibling, c.targets, c.self.uid, [&](Plant) {
        CHECK_THAT(
            refusal([&] { static_cast<void>(open_sibling(c.main, c.sibling)); }),
            Contains(c.sibling));
    });
}

TEST_CASE("only a real directory writable by its owner alone is opened") {
    const Case c;
    const std::string path = c.dir / "main.logs";
    const FilePlace place{AT_FDCWD, path, path};
    CHECK_FALSE(open_owned_directory(place, c.self));
    for_each_plant(path, c.targets, c.self.uid, [&](Plant plant) {
        if (plant == Plant::directory) return;
        CHECK_THAT(
            refusal([&] { static_cast<void>(open_or_make_owned_directory(place, c.self)); }),
            Contains(path));
    });
    CHECK(open_or_make_owned_directory(place, c.self));
    CHECK((status_of(path).st_mode & 07777U) == 0700);
    fs::permissions(path, fs::perms{01777});
    CHECK_THAT(
        refusal([&] { static_cast<void>(open_owned_directory(place, c.self)); }),
        Contains("written by others"));
    fs::permissions(path, fs::perms{0700});
    if (::geteuid() != 0) return;
    REQUIRE(::chown(path.c_str(), kStranger, kStranger) == 0);
    CHECK_THAT(
        refusal([&] { static_cast<void>(open_owned_directory(place, c.self)); }),
        Contains("another account"));
}

TEST_CASE("root gives newly created files to the owner but not existing ones") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can give files away");
        return;
    }
    const Case c;
    const FileOwner owner{kStranger, kStranger};
    REQUIRE(::chown(c.main.c_str(), kStranger, kStranger) == 0);
    CHECK(open_sibling(c.main, c.sibling).valid());
    CHECK(status_of(c.sibling).st_uid == kStranger);
    std::ofstream{c.dir / "main.bell"} << "x";
    CHECK(open_sibling(c.main, c.dir / "main.bell").valid());
    CHECK(status_of(c.dir / "main.bell").st_uid == 0);
    const std::string made = c.dir / "made";
    const std::string kept = c.dir / "kept";
    fs::create_directory(kept);
    CHECK(open_or_make_owned_directory({AT_FDCWD, made, made}, owner).valid());
    CHECK(open_or_make_owned_directory({AT_FDCWD, kept, kept}, owner).valid());
    CHECK(status_of(made).st_uid == kStranger);
    CHECK(status_of(kept).st_uid == 0);
}

TEST_CASE("a symbolic link that appears during sibling creation is never followed") {
    const Case c;
    const std::string target = c.targets + "/target";
    std::atomic<bool> over = false;
    std::thread planter{[&] {
        while (!over) {
            static_cast<void>(::symlink(target.c_str(), c.sibling.c_str()));
            static_cast<void>(::unlink(c.sibling.c_str()));
        }
    }};
    for (int round = 0; round < 2'000; ++round) {
        try {
            static_cast<void>(open_sibling(c.main, c.sibling));
        } catch (const Error& error) {
            if (error.code() != ErrorCode::unavailable) FAIL(error.what());
        }
    }
    over = true;
    planter.join();
    CHECK_FALSE(fs::exists(target));
}

TEST_CASE("the owner's private group does not count as others") {
    struct stat status {};
    status.st_uid = 0;
    status.st_gid = 0;
    status.st_mode = S_IFDIR | 0775;
    CHECK_FALSE(others_may_write(status));
    status.st_mode = S_IFDIR | 0777;
    CHECK(others_may_write(status));
    // A gid missing from /etc/group counts as the private group of the uid with the same number.
    status.st_uid = kStranger;
    status.st_gid = kStranger;
    status.st_mode = S_IFDIR | 0775;
    CHECK_FALSE(others_may_write(status));
    status.st_gid = kStranger + 1;
    CHECK(others_may_write(status));
    status.st_mode = S_IFDIR | 0755;
    CHECK_FALSE(others_may_write(status));
}

TEST_CASE("accounts that may write the main file may own its siblings") {
    struct stat status {};
    status.st_uid = kStranger;
    status.st_gid = 700;
    CHECK_FALSE(may_own(status, {1000, 700, 0600}));
    CHECK_FALSE(may_own(status, {1000, 701, 0660}));
    CHECK(may_own(status, {1000, 700, 0660}));
    CHECK(may_own(status, {1000, 701, 0666}));
    CHECK(may_own(status, {kStranger, 701, 0600}));
    status.st_uid = 0;
    CHECK(may_own(status, {1000, 701, 0600}));
}

TEST_CASE("directories above a file are safe only if no other account can replace one") {
    const TempDir dir;
    const std::string file = dir / "a/b/file";
    fs::create_directories(dir / "a/b");
    const uid_t self = ::geteuid();
    CHECK_FALSE(fault_of_directories(file, self));
    fs::permissions(dir / "a/b", fs::perms{01777});
    REQUIRE(fault_of_directories(file, self));
    CHECK(fault_of_directories(file, self)->path == dir / "a/b");
    fs::permissions(dir / "a/b", fs::perms{0755});
    fs::permissions(dir / "a", fs::perms{01777});
    CHECK_FALSE(fault_of_directories(file, self));
    fs::permissions(dir / "a", fs::perms{0777});
    REQUIRE(fault_of_directories(file, self));
    CHECK(fault_of_directories(file, self)->fix == "chmod go-w " + dir / "a");
    fs::permissions(dir / "a", fs::perms{0755});
    if (self != 0) return;
    REQUIRE(::chown((dir / "a").c_str(), kStranger, kStranger) == 0);
    CHECK_THAT(fault_of_directories(file, self)->text(), Contains("uid 12345"));
    CHECK_FALSE(fault_of_directories(file, kStranger));
}

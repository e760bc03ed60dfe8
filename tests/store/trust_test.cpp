#include "store/ledger_case.h"
#include "store/open.h"
#include "support/child.h"
#include "support/planted_cases.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
namespace fs = std::filesystem;

namespace {

struct TrustCase : LedgerCase {
    TrustCase() {
        path = home + "/ledger.db";
        fs::create_directory(targets);
        fs::create_directory(home);
        fs::permissions(home, fs::perms{0700});
    }

    std::string why(OpenMode mode = OpenMode::read) const {
        return open(mode)->why_untrusted().value_or("trusted");
    }
    static std::string why(Store& store) { return store.why_untrusted().value_or("trusted"); }
    std::string error_of_creation() const {
        try {
            open();
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::unavailable);
            return error.what();
        }
        return "(created)";
    }

    std::string targets = dir / "targets";
    std::string home = dir / "home";
};

}  // namespace

TEST_CASE_METHOD(TrustCase, "a ledger owned by this account alone is trusted in every open mode") {
    const auto store = open();
    CHECK(store->why_untrusted() == std::nullopt);
    CHECK(why() == "trusted");
    fs::create_directory(path + ".logs");
    fs::permissions(path + ".logs", fs::perms{0700});
    CHECK(store->why_untrusted() == std::nullopt);
}

TEST_CASE_METHOD(TrustCase, "trust is checked again on every call") {
    const auto store = open();
    REQUIRE(store->why_untrusted() == std::nullopt);
    fs::permissions(home, fs::perms{0777});
    CHECK(store->why_untrusted() == "the directory " + home + " can be written by others");
    fs::permissions(home, fs::perms{0700});
    CHECK(store->why_untrusted() == std::nullopt);
}

TEST_CASE_METHOD(TrustCase, "a ledger that others can write or replace is not trusted") {
    const auto store = open();
    fs::permissions(path, fs::perms{0666});
    CHECK(store->why_untrusted() == "the ledger " + path + " can be written by others");
    fs::permissions(path, fs::perms{0600});
    fs::permissions(home, fs::perms{01777});
    CHECK_THAT(why(), Contains(home) && Contains("others"));
    fs::permissions(home, fs::perms{0700});
    fs::permissions(dir.path(), fs::perms{0777});
    CHECK_THAT(why(), Contains(dir.path()) && Contains("others"));
    // In a sticky parent directory such as /tmp, others cannot replace an entry.
    fs::permissions(dir.path(), fs::perms{01777});
    CHECK(why() == "trusted");
}

TEST_CASE_METHOD(TrustCase, "any planted sibling makes a ledger untrusted") {
    const auto store = open();
    for (const char* sibling : kSiblings) {
        const std::string beside = path + sibling;
        const std::string kept = dir / "kept";
        const bool there = exists(beside);
        if (there) fs::rename(beside, kept);
        for_each_plant(beside, targets, ::geteuid(), [&](Plant) {
            CHECK_THAT(store->why_untrusted().value_or("trusted"), StartsWith(beside));
        });
        if (there) fs::rename(kept, beside);
        CHECK(store->why_untrusted() == std::nullopt);
    }
}

TEST_CASE_METHOD(
    TrustCase, "a log folder that is a link or writable by others makes a ledger untrusted") {
    const auto store = open();
    const std::string logs = path + ".logs";
    for_each_plant(logs, targets, ::geteuid(), [&](Plant plant) {
        if (plant == Plant::directory) return;
        CHECK_THAT(store->why_untrusted().value_or("trusted"), StartsWith(logs));
    });
    fs::create_directory(logs);
    fs::permissions(logs, fs::perms{0777});
    CHECK(store->why_untrusted() == logs + " can be written by others");
}

TEST_CASE_METHOD(TrustCase, "a ledger of another account is not trusted") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can give a ledger away");
        return;
    }
    const auto store = open();
    REQUIRE(::chown(path.c_str(), kNobody, kNobody) == 0);
    CHECK_THAT(why(*store), Contains("the ledger " + path + " belongs to another account ("));
    CHECK_THAT(why(*store), Contains("uid 65534"));
    REQUIRE(::chown(path.c_str(), 0, 0) == 0);
    CHECK(why(*store) == "trusted");
    REQUIRE(::chown(home.c_str(), kNobody, kNobody) == 0);
    CHECK_THAT(why(*store), StartsWith("the directory " + home + " belongs to another account ("));
}

TEST_CASE_METHOD(TrustCase, "a ledger below root's directories is trusted by its owner") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can give a ledger away");
        return;
    }
    { const auto store = open(); }
    for (const auto& entry : fs::directory_iterator{home})
        REQUIRE(::chown(entry.path().c_str(), kNobody, kNobody) == 0);
    REQUIRE(::chown(home.c_str(), kNobody, kNobody) == 0);
    fs::permissions(dir.path(), fs::perms{0755});
    Child owner{[&] {
        if (!become(kNobody)) return 2;
        return why(OpenMode::write) == "trusted" ? 0 : 1;
    }};
    CHECK(owner.wait().code == 0);
    CHECK_THAT(why(), Contains("another account"));
}

TEST_CASE_METHOD(TrustCase, "no ledger is created in a directory writable by others") {
    const unsigned mode = GENERATE(0777U, 01777U, 0757U);
    fs::permissions(home, fs::perms{mode});
    CHECK_THAT(
        error_of_creation(), Contains("no ledger is created in " + home)
                                 && Contains("chmod go-w " + home) && Contains("--ledger"));
    CHECK(fs::is_empty(home));
    // Nor in an empty file that another account may have put there.
    { const UniqueFd empty = open_file(path, O_RDWR | O_CREAT, 0600); }
    CHECK_THAT(error_of_creation(), Contains("no ledger is created in " + home));
    CHECK(fs::file_size(path) == 0);
    CHECK(std::distance(fs::directory_iterator{home}, {}) == 1);
}

TEST_CASE_METHOD(
    TrustCase, "an existing ledger in a directory now writable by others works but is untrusted") {
    { const auto store = open(); }
    fs::permissions(home, fs::perms{01777});
    const auto store = open();
    JobFactory{*store, clock}.queued();
    CHECK(open(OpenMode::read)->list({}, kAdmin).total == 1);
    CHECK_THAT(why(), Contains("can be written by others"));
}

TEST_CASE_METHOD(
    TrustCase, "a ledger is created in a group-writable directory only for the private group") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can give a directory to a group");
        return;
    }
    fs::permissions(home, fs::perms{0770});
    REQUIRE(::chown(home.c_str(), 0, kStranger) == 0);
    CHECK_THAT(error_of_creation(), Contains("can be written by others"));
    REQUIRE(::chown(home.c_str(), 0, 0) == 0);
    CHECK(error_of_creation() == "(created)");
}

TEST_CASE_METHOD(TrustCase, "no ledger is created in a directory of another account") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can give a directory away");
        return;
    }
    REQUIRE(::chown(home.c_str(), kNobody, kNobody) == 0);
    CHECK_THAT(error_of_creation(), Contains("belongs to another account"));
    CHECK(fs::is_empty(home));
}

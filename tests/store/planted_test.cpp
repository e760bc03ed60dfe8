#include "store/ledger_case.h"
#include "store/open.h"
#include "support/child.h"
#include "support/planted_cases.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

/// All siblings that a store opens (only the runner opens the lock of a worker).
constexpr std::array kStoreSiblings = {"-wal", "-shm", "-journal", ".gate", ".bell"};

struct PlantedCase : LedgerCase {
    PlantedCase() { fs::create_directory(targets); }

    void submit() const {
        const auto store = open();
        JobFactory{*store, clock_}.queued();
    }
    /// Plants each kind of file at the path of each sibling in turn and calls `check` with the
    /// path.
    void for_each_planted_sibling(
        uid_t owner, const std::function<void(const std::string&)>& check) const {
        for (const char* sibling : kStoreSiblings)
            for_each_plant(path + sibling, targets, owner, [&](Plant) { check(path + sibling); });
    }

    std::string targets = dir / "targets";
    mutable FakeClock clock_;
};

/// Runs `check` as another account; 0 if it returns true.
int as_nobody(const std::function<bool()>& check) {
    Child child{[&] {
        if (!become(kNobody)) return 2;
        return check() ? 0 : 1;
    }};
    return child.wait().code.value_or(-1);
}

void give(const fs::path& directory, uid_t user) {
    REQUIRE(::chown(directory.c_str(), user, user) == 0);
    for (const auto& entry : fs::directory_iterator{directory})
        REQUIRE(::chown(entry.path().c_str(), user, user) == 0);
}

}  // namespace

TEST_CASE_METHOD(PlantedCase, "a planted sibling prevents creation of a ledger") {
    for_each_planted_sibling(::geteuid(), [&](const std::string& sibling) {
        CHECK_THAT(refusal([&] { submit(); }), Contains(sibling));
        CHECK_FALSE(exists(path));
    });
}

TEST_CASE_METHOD(PlantedCase, "a writer refuses siblings planted between two opens") {
    submit();
    for_each_planted_sibling(::geteuid(), [&](const std::string& sibling) {
        CHECK_THAT(refusal([&] { submit(); }), Contains(sibling));
    });
    CHECK(open(OpenMode::read)->list({}, kAdmin).total == 1);
}

TEST_CASE_METHOD(PlantedCase, "a reader refuses only the planted siblings it uses") {
    submit();
    for_each_planted_sibling(::geteuid(), [&](const std::string& sibling) {
        const bool used = sibling[path.size()] == '-';
        std::int64_t total = 0;
        const std::string message =
            refusal([&] { total = open(OpenMode::read)->list({}, kAdmin).total; });
        CHECK(total == (used ? 0 : 1));
        CHECK_THAT(message, Contains(used ? sibling : "(no refusal)"));
    });
}

TEST_CASE_METHOD(PlantedCase, "a writer lock file planted under an open ledger is not used") {
    const auto store = open();
    JobFactory jobs{*store, clock_};
    jobs.queued();
    const std::string lock = path + ".gate";
    for_each_plant(lock, targets, ::geteuid(), [&](Plant) {
        CHECK_THAT(refusal([&] { jobs.queued(); }), Contains(lock));
    });
    jobs.queued();
    CHECK(store->list({}, kAdmin).total == 2);
}

TEST_CASE_METHOD(PlantedCase, "a change signal file planted under an open ledger is not written") {
    const auto store = open();
    JobFactory jobs{*store, clock_};
    for_each_plant(path + ".bell", targets, ::geteuid(), [&](Plant) { jobs.queued(); });
    CHECK(store->list({}, kAdmin).total == std::ssize(plants()));
}

TEST_CASE_METHOD(PlantedCase, "a dangling symbolic link does not become a ledger") {
    for (const char* name : {"ledger.db", "other.db"}) {
        const Planted planted{Plant::link_to_nothing, dir / name, targets, ::geteuid()};
        path = dir / name;
        CHECK_THAT(refusal([&] { submit(); }), Contains("symbolic link"));
        CHECK(planted.untouched());
        for (const char* sibling : kSiblings)
            CHECK_FALSE(exists(path + sibling));
    }
}

TEST_CASE_METHOD(PlantedCase, "root never changes the owner of a planted file") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can be another account");
        return;
    }
    submit();
    give(dir.path(), kNobody);
    fs::permissions(dir.path(), fs::perms{0755});
    for_each_planted_sibling(kNobody, [&](const std::string& sibling) {
        CHECK_THAT(refusal([&] { submit(); }), Contains(sibling));
    });
    // Without planted files root and the owner can both use the ledger, and root's files belong to
    // the owner.
    submit();
    CHECK(as_nobody([&] { return submit(), true; }) == 0);
    CHECK(open(OpenMode::read)->list({}, kAdmin).total == 3);
}

TEST_CASE_METHOD(
    PlantedCase, "an account refuses siblings planted by a third account beside root's ledger") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can be another account");
        return;
    }
    submit();
    fs::permissions(path, fs::perms{0644});
    fs::permissions(dir.path(), fs::perms{01777});
    for (const char* sibling : {"-wal", "-shm", "-journal"}) {
        for_each_plant(path + sibling, targets, kStranger, [&](Plant) {
            const auto is_refused = [&] {
                return refusal([&] { open(OpenMode::read); }).find(sibling) != std::string::npos;
            };
            CHECK(as_nobody(is_refused) == 0);
        });
    }
}

TEST_CASE_METHOD(PlantedCase, "an account that may not own a sibling does not leave one behind") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can be another account");
        return;
    }
    submit();
    fs::permissions(path, fs::perms{0644});
    fs::permissions(dir.path(), fs::perms{01777});
    fs::remove(path + ".gate");
    CHECK(
        as_nobody([&] {
            const std::string message =
                refusal([&] { static_cast<void>(sqlite::WriterLock{path}.enter()); });
            return message.find("another account (root, uid 0)") != std::string::npos;
        })
        == 0);
    CHECK_FALSE(exists(path + ".gate"));
    submit();
}

TEST_CASE_METHOD(PlantedCase, "doctor reports a planted lock or signal file with a fix") {
    submit();
    for (const auto& [subject, suffix] :
         {std::pair{"write lock", ".gate"}, std::pair{"change signal", ".bell"}}) {
        const std::string sibling = path + suffix;
        const Planted planted{Plant::link_to_file, sibling, targets, ::geteuid()};
        const auto findings = open(OpenMode::read)->check_health(false);
        const auto found = std::ranges::find(findings, subject, &Finding::subject);
        REQUIRE(found != findings.end());
        CHECK(found->level == Finding::Level::problem);
        CHECK_THAT(found->text, Contains(sibling + " is a symbolic link"));
        CHECK(found->fix == "remove it");
        CHECK(planted.untouched());
        fs::remove(sibling);
    }
}

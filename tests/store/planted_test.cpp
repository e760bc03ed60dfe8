#include "support/planted.h"

#include "store/ledger_case.h"
#include "store/open.h"
#include "support/child.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

constexpr uid_t kNobody = 65534;

/// All that a store opens; the lock of a worker is the runner's.
constexpr std::array kStoreSiblings = {"-wal", "-shm", "-journal", ".gate", ".bell"};

struct PlantedCase : LedgerCase {
    PlantedCase() { fs::create_directory(targets); }

    void make_ledger() const {
        const auto store = open();
        JobFactory{*store, clock_}.queued();
    }
    void submit() const {
        const auto store = open();
        JobFactory{*store, clock_}.queued();
    }
    /// What `act` is refused with.
    static std::string refusal(const std::function<void()>& act) {
        try {
            act();
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::unavailable);
            CHECK_FALSE(error.hint().empty());
            return error.message();
        }
        return "(no refusal)";
    }

    std::string targets = dir / "targets";
    mutable FakeClock clock_;
};

/// Runs `look` as another account; 0 when it is content.
int as_nobody(const std::function<bool()>& look) {
    Child child{[&] {
        if (::setresgid(kNobody, kNobody, kNobody) != 0) return 2;
        if (::setresuid(kNobody, kNobody, kNobody) != 0) return 2;
        return look() ? 0 : 1;
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
    for (const char* sibling : kStoreSiblings) {
        for (const Plant plant : plants()) {
            const Planted planted{plant, path + sibling, targets, ::geteuid()};
            INFO(sibling << ": " << name_of(plant));
            CHECK_THAT(refusal([&] { submit(); }), Contains(path + sibling));
            CHECK(planted.untouched());
            CHECK_FALSE(exists(path));
            fs::remove_all(path + sibling);
        }
    }
}

TEST_CASE_METHOD(PlantedCase, "a writer refuses siblings planted between two opens") {
    make_ledger();
    for (const char* sibling : kStoreSiblings) {
        for (const Plant plant : plants()) {
            const Planted planted{plant, path + sibling, targets, ::geteuid()};
            INFO(sibling << ": " << name_of(plant));
            CHECK_THAT(refusal([&] { submit(); }), Contains(path + sibling));
            CHECK(planted.untouched());
            fs::remove_all(path + sibling);
        }
    }
    CHECK(open(OpenMode::read)->list({}, kAdmin).total == 1);
}

TEST_CASE_METHOD(PlantedCase, "a reader refuses only the planted siblings it uses") {
    make_ledger();
    for (const char* sibling : kStoreSiblings) {
        for (const Plant plant : plants()) {
            const Planted planted{plant, path + sibling, targets, ::geteuid()};
            INFO(sibling << ": " << name_of(plant));
            const bool used = std::string_view{sibling}.front() == '-';
            std::int64_t total = 0;
            const std::string message =
                refusal([&] { total = open(OpenMode::read)->list({}, kAdmin).total; });
            CHECK(total == (used ? 0 : 1));
            CHECK_THAT(message, Contains(used ? path + sibling : "(no refusal)"));
            CHECK(planted.untouched());
            fs::remove_all(path + sibling);
        }
    }
}

TEST_CASE_METHOD(PlantedCase, "a writer lock file planted under an open ledger is not used") {
    const auto store = open();
    JobFactory jobs{*store, clock_};
    jobs.queued();
    for (const Plant plant : plants()) {
        const Planted planted{plant, path + ".gate", targets, ::geteuid()};
        INFO(name_of(plant));
        CHECK_THAT(refusal([&] { jobs.queued(); }), Contains(path + ".gate"));
        CHECK(planted.untouched());
    }
    fs::remove_all(path + ".gate");
    jobs.queued();
    CHECK(store->list({}, kAdmin).total == 2);
}

TEST_CASE_METHOD(PlantedCase, "a change signal file planted under an open ledger is not written") {
    const auto store = open();
    JobFactory jobs{*store, clock_};
    for (const Plant plant : plants()) {
        const Planted planted{plant, path + ".bell", targets, ::geteuid()};
        INFO(name_of(plant));
        jobs.queued();
        CHECK(planted.untouched());
    }
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
        WARN("only root can be another account");
        return;
    }
    make_ledger();
    give(dir.path(), kNobody);
    fs::permissions(dir.path(), fs::perms{0755});
    for (const char* sibling : kStoreSiblings) {
        for (const Plant plant : plants()) {
            const Planted planted{plant, path + sibling, targets, kNobody};
            INFO(sibling << ": " << name_of(plant));
            CHECK_THAT(refusal([&] { submit(); }), Contains(path + sibling));
            CHECK(planted.untouched());
            fs::remove_all(path + sibling);
        }
    }
    // Without them the ledger is the other account's as before, and what root makes is, too.
    submit();
    CHECK(as_nobody([&] { return submit(), true; }) == 0);
    CHECK(open(OpenMode::read)->list({}, kAdmin).total == 3);
}

TEST_CASE_METHOD(
    PlantedCase, "an account refuses siblings planted by a third account beside root's ledger") {
    if (::geteuid() != 0) {
        WARN("only root can be another account");
        return;
    }
    make_ledger();
    fs::permissions(path, fs::perms{0644});
    fs::permissions(dir.path(), fs::perms{01777});
    for (const char* sibling : {"-wal", "-shm", "-journal"}) {
        for (const Plant plant : plants()) {
            const Planted planted{plant, path + sibling, targets, kStranger};
            INFO(sibling << ": " << name_of(plant));
            CHECK(
                as_nobody([&] {
                    return refusal([&] { open(OpenMode::read); }).find(sibling)
                           != std::string::npos;
                })
                == 0);
            CHECK(planted.untouched());
            fs::remove_all(path + sibling);
        }
    }
}

TEST_CASE_METHOD(PlantedCase, "an account that may not own a sibling does not leave one behind") {
    if (::geteuid() != 0) {
        WARN("only root can be another account");
        return;
    }
    make_ledger();
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
    make_ledger();
    for (const char* subject : {"gate", "bell"}) {
        const std::string sibling = path + '.' + subject;
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

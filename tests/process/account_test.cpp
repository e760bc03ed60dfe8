#include "process/account.h"

#include "support/scoped_variable.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace atlasjob {

namespace {

/// An account that no machine's own file has.
constexpr uid_t kStranger = 3'141'592'653;
const std::string kStrangersNumber = "3141592653";

/// A machine on which getent answers what it is told here.
struct Directory {
    explicit Directory(const std::string& script) {
        const std::string getent = folder / "getent";
        std::ofstream{getent} << "#!/bin/sh\necho \"$@\" >> " << asked() << "\n" << script;
        REQUIRE(chmod(getent.c_str(), 0755) == 0);
    }

    std::string asked() const { return folder / "asked"; }

    test::TempDir folder;
    test::ScopedVariable path{"PATH", folder.path().c_str()};
};

}  // namespace

TEST_CASE("An account of the machine's own file is named without asking anybody") {
    const Directory directory{"echo impostor:x:0:0::/:/bin/sh"};
    CHECK(account_name_of(0) == "root");
    CHECK_FALSE(std::filesystem::exists(directory.asked()));
}

TEST_CASE("An account that only a directory knows is named by getent") {
    const Directory directory{"echo somebody:x:$2:100:Some Body:/home/somebody:/bin/sh"};
    CHECK(account_name_of(kStranger) == "somebody");
    std::string question;
    std::getline(std::ifstream{directory.asked()}, question);
    CHECK(question == "passwd " + kStrangersNumber);
}

TEST_CASE("An account that nobody can name is called by its number") {
    const auto script = GENERATE(
        as<std::string>{}, "exit 2", "echo other:x:1:100::/:/bin/sh", "echo nonsense", "echo ::");
    const Directory directory{script};
    CHECK(account_name_of(kStranger) == kStrangersNumber);
}

TEST_CASE(
    "An account is looked for where the system keeps getent, and never in the current folder") {
    const Directory directory{"echo impostor:x:$2:100::/:/bin/sh"};
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(directory.folder.path());
    {
        const test::ScopedVariable path{"PATH", ""};
        CHECK(account_name_of(kStranger) == kStrangersNumber);
    }
    std::filesystem::current_path(before);
    CHECK_FALSE(std::filesystem::exists(directory.asked()));
}

TEST_CASE("A process is named after the account it runs as") {
    CHECK(account_name() == account_name_of(geteuid()));
}

}  // namespace atlasjob

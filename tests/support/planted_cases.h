#pragma once

#include "base/error.h"
#include "support/planted.h"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <filesystem>

namespace atlasjob::test {

/// The second account of tests that root runs.
inline constexpr uid_t kNobody = 65534;

/// Switches this process to another account for good; false if it may not.
inline bool become(uid_t account) {
    return ::setresgid(account, account, account) == 0
           && ::setresuid(account, account, account) == 0;
}

/// The message of the `unavailable` error that `act` throws, or "(no refusal)".
template <class Act>
std::string refusal(Act act) {
    try {
        act();
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::unavailable);
        CHECK_FALSE(error.hint().empty());
        return error.message();
    }
    return "(no refusal)";
}

/// Plants each kind of file at `path`, calls `check`, checks that the file is untouched and removes
/// it.
template <class Check>
void for_each_plant(const std::string& path, const std::string& targets, uid_t owner, Check check) {
    for (const Plant plant : plants()) {
        const Planted planted{plant, path, targets, owner};
        INFO(path << ": " << name_of(plant));
        check(plant);
        CHECK(planted.untouched());
        std::filesystem::remove_all(path);
    }
}

}  // namespace atlasjob::test

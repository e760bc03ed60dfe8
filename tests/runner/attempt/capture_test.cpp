#include "runner/attempt/capture.h"

#include "base/error.h"
#include "event/signal_blocked_thread.h"
#include "ledger/address_files.h"
#include "runner/attempt/environment.h"
#include "support/scoped_variable.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <future>

namespace atlasjob {

namespace {

using test::ScopedVariable;

std::string directory() {
    return std::filesystem::current_path();
}

bool has(const CommandSpec& spec, const std::string& entry) {
    return std::ranges::find(spec.environment, entry) != spec.environment.end();
}

}  // namespace

TEST_CASE("capture records the submitter's directory and environment and umask") {
    const ScopedVariable variable{"ATLASJOB_TEST", "a=b"};
    const mode_t before = umask(027);
    const CommandSpec spec = capture_command({"make", "-j8"}, {});
    const mode_t during = umask(before);
    CHECK(during == 027);
    CHECK(spec.umask == 027);
    CHECK(spec.argv == std::vector<std::string>{"make", "-j8"});
    CHECK(spec.cwd == directory());
    CHECK(has(spec, "ATLASJOB_TEST=a=b"));
}

TEST_CASE("reading the umask does not change it for other threads") {
    std::promise<void> leave;
    std::thread other = start_signal_blocked_thread([&] { leave.get_future().wait(); });
    const mode_t before = umask(027);
    CHECK(current_umask() == 027);
    CHECK(umask(before) == 027);
    leave.set_value();
    other.join();
}

TEST_CASE("a given directory is made absolute and need not exist") {
    CHECK(capture_command({"x"}, {"/no/such", {}, false}).cwd == "/no/such");
    CHECK(capture_command({"x"}, {"sub/dir", {}, false}).cwd == directory() + "/sub/dir");
    CHECK_THROWS_AS(capture_command({"x"}, {"", {}, false}), Error);
}

TEST_CASE("given environment entries override captured ones") {
    const ScopedVariable variable{"ATLASJOB_TEST", "old"};
    CHECK(has(capture_command({"x"}, {{}, {"ATLASJOB_TEST=new"}, false}), "ATLASJOB_TEST=new"));
    const CommandSpec emptied = capture_command({"x"}, {{}, {"ATLASJOB_TEST="}, false});
    CHECK(has(emptied, "ATLASJOB_TEST="));
    CHECK_FALSE(has(emptied, "ATLASJOB_TEST=old"));
    CHECK_THROWS_AS(capture_command({"x"}, {{}, {"=x"}, false}), Error);
    CHECK_THROWS_AS(capture_command({"x"}, {{}, {""}, false}), Error);
}

TEST_CASE("a clean environment has only PATH and HOME and USER and the given entries") {
    const ScopedVariable path{"PATH", "/bin"};
    const ScopedVariable home{"HOME", "/home/u"};
    const ScopedVariable user{"USER", "u"};
    const ScopedVariable token{"ATLASJOB_TEST", "secret"};
    const ScopedVariable kept{"ATLASJOB_WANTED", "w"};
    const CommandSpec spec =
        capture_command({"x"}, {{}, {"ATLASJOB_WANTED", "ATLASJOB_UNSET", "A=1"}, true});
    CHECK(
        spec.environment
        == std::vector<std::string>{
            "PATH=/bin", "HOME=/home/u", "USER=u", "ATLASJOB_WANTED=w", "A=1"});
}

TEST_CASE("job variables of atlasjob are not passed on to jobs submitted by a command") {
    const ScopedVariable id{"ATLASJOB_JOB_ID", "outer"};
    const ScopedVariable attempt{"ATLASJOB_ATTEMPT", "7"};
    const ScopedVariable fd{"ATLASJOB_REPORT_FD", "3"};
    const CommandSpec spec = capture_command({"x"}, {});
    CHECK(find_variable(spec.environment, "ATLASJOB_JOB_ID").data() == nullptr);
    CHECK(find_variable(spec.environment, "ATLASJOB_ATTEMPT").data() == nullptr);
    CHECK(find_variable(spec.environment, "ATLASJOB_REPORT_FD").data() == nullptr);
}

TEST_CASE("a command gets the variables of its own attempt only") {
    Environment environment{"A=1", "ATLASJOB_JOB_ID=outer", "ATLASJOB_REPORT_FD=9", "B=2"};
    set_context(environment, {"inner", 2, LedgerFiles::address_of("/ledger.db"), "alice"});
    CHECK(
        environment
        == Environment{
            "A=1", "B=2", "ATLASJOB_JOB_ID=inner", "ATLASJOB_ATTEMPT=2",
            "ATLASJOB_LEDGER=/ledger.db", "ATLASJOB_PRINCIPAL=alice", "ATLASJOB_REPORT_FD=3"});
}

TEST_CASE("environment variables are looked up by their whole name") {
    const Environment environment{"PATHS=x", "PATH=y", "EMPTY="};
    CHECK(find_variable(environment, "PATH") == "y");
    CHECK(find_variable(environment, "EMPTY").data() != nullptr);
    CHECK(find_variable(environment, "PAT").data() == nullptr);
}

}  // namespace atlasjob

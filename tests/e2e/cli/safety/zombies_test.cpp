#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <csignal>

using namespace atlasjob::test;

namespace {

/// Leaves 200 orphans, waits for their adoption and prints how many stay zombies while the command
/// runs.
constexpr const char* kOrphans = R"sh(
for i in $(seq 200); do (true &); done
zombies() {
    n=0
    for pid in $(cat /proc/$PPID/task/*/children); do
        { read -r _ _ state _ </proc/$pid/stat; } 2>/dev/null || continue
        [ "$state" = Z ] && n=$((n + 1))
    done
}
for try in $(seq 200); do
    zombies
    [ $n = 0 ] && break
done
echo $n zombies
)sh";

}  // namespace

TEST_CASE("run reaps the orphans of its command while it runs") {
    const auto option = GENERATE(as<std::string>{}, "-q", "--tty", "--keep-strays");
    CAPTURE(option);
    const Sandbox sandbox;
    const Ran ran = sandbox.run({"run", option, "--", "bash", "-c", kOrphans});
    CHECK(ran.exit_status == 0);
    CHECK(ran.out.starts_with("0 zombies"));
}

TEST_CASE("the supervisor of a detached run reaps the orphans of its command") {
    const Sandbox sandbox;
    REQUIRE(sandbox.run({"run", "--detach", "--", "bash", "-c", kOrphans}).exit_status == 0);
    CHECK(sandbox.run({"wait", "last"}).exit_status == 0);
    CHECK(sandbox.run({"logs", "last"}).out == "0 zombies\n");
}

TEST_CASE("a slot reaps the orphans of its job, and the job's own exit status still arrives") {
    const Sandbox sandbox;
    sandbox.submit(std::string{kOrphans} + "exit 3");
    sandbox.drain();
    CHECK(sandbox.run({"logs", "last"}).out == "0 zombies\n");
    CHECK(sandbox.status("last")["exit_code"] == 3);
}

namespace {

/// Runs $0 with the arguments $1 as the first process of a container. Another process there leaves
/// orphans, which the first one adopts, and prints how many stay zombies; then it ends the input of
/// the first and interrupts it.
constexpr const char* kContainer = R"sh(
exec 3>&1 >/dev/null 2>&1
others() {
    until [[ $(readlink /proc/1/exe) == */atlasjob ]]; do :; done
    for i in $(seq 100); do (true &); done
    for try in $(seq 200); do
        n=0
        for pid in $(cat /proc/1/task/*/children); do
            read -r _ _ state _ </proc/$pid/stat && [ "$state" = Z ] && n=$((n + 1))
        done
        [ $n = 0 ] && break
    done
    echo $n zombies >&3
    while kill -INT 1; do :; done
}
exec "$0" $1 < <(others) 3>&-
)sh";

}  // namespace

TEST_CASE("the first process of a container keeps no zombies") {
    const auto command =
        GENERATE(as<std::string>{}, "logs -f 1", "wait 1", "status --watch 1", "events -f 1");
    CAPTURE(command);
    const Sandbox sandbox;
    sandbox.create({"--start"});
    const std::vector<std::string> isolated = {"unshare",      "-Urpf", "--mount-proc",
                                               "--kill-child", "bash",  "-c"};
    std::vector<std::string> argv = isolated;
    argv.emplace_back("true");
    if (sandbox.exec(argv).exit_status != 0) {
        WARN("this account has no namespaces");
        return;
    }
    argv.back() = kContainer;
    argv.push_back(sandbox.shell("printf %s \"$atlasjob\"").out);
    argv.push_back(command);
    CHECK(sandbox.exec(argv).out == "0 zombies\n");
}

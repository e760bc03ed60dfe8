#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>

using namespace atlasjob::test;

TEST_CASE("every verb that leaves a job ready to run starts a worker") {
    const std::vector<std::vector<std::string>> verbs = {
        {"edit", "1", "--at", "2020-01-01T00:00:00Z"}, {"resume"}, {"gc"}, {"retry", "2"}};
    for (const auto& verb : verbs) {
        Sandbox sandbox;
        const bool delayed = verb[0] == "edit";
        sandbox.submit(
            "exit 0",
            delayed ? std::vector<std::string>{"--in", "1h"} : std::vector<std::string>{});
        sandbox.submit("exit 0", {"--in", "1h"});
        sandbox.run({"cancel", "2"});
        sandbox.environment()["ATLASJOB_ON_DEMAND_WORKER"] = "true";
        INFO(verb[0]);
        CHECK(sandbox.run(verb).exit_status == 0);
        CHECK(sandbox.run({"wait", "1", "--timeout", "120s"}).exit_status == 0);
        sandbox.stop_workers();
    }
}

TEST_CASE("a worker respects the queue slots of the config file") {
    const Sandbox sandbox;
    std::filesystem::create_directories(sandbox.dir() / ".config/atlasjob");
    sandbox.shell("printf '[queue.gpu]\\nslots = 1\\n' > $HOME/.config/atlasjob/config.toml");
    // A job fails if another of its queue is running: its directory already exists.
    const std::string lock = sandbox.dir() / "lock";
    for (int n = 0; n < 6; ++n)
        sandbox.submit(
            "mkdir " + lock + " && ls / > /dev/null && rmdir " + lock, {"--queue", "gpu"});
    sandbox.drain();
    CHECK(sandbox.run({"stats", "--json"}).json()["by_status"]["done"] == 6);
}

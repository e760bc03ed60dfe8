#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

void configure(const Sandbox& sandbox, const std::string& content) {
    const fs::path path = fs::path{sandbox.dir().path()} / ".config/atlasjob/config.toml";
    fs::create_directories(path.parent_path());
    std::ofstream{path} << content;
}

/// The effective value of a setting, as "source: value".
std::string effective(
    const Sandbox& sandbox, const std::string& key, const std::vector<std::string>& flags = {}) {
    std::vector<std::string> args = {"config", "--json"};
    args.insert(args.end(), flags.begin(), flags.end());
    const auto setting = sandbox.run(args).json()["settings"][key];
    return setting["source"].get<std::string>() + ": " + setting["value"].dump();
}

}  // namespace

TEST_CASE("flags override the environment, the config file and the built-in defaults, in order") {
    Sandbox sandbox;
    auto& environment = sandbox.environment();
    environment.erase("ATLASJOB_LEDGER");
    environment.erase("ATLASJOB_PRINCIPAL");
    environment.erase("NO_COLOR");
    const std::string home = environment.at("HOME");
    CHECK(
        effective(sandbox, "ledger")
        == "default: \"" + home + "/.local/state/atlasjob/ledger.db\"");
    CHECK(effective(sandbox, "color") == "default: \"auto\"");
    configure(
        sandbox,
        "ledger = \"~/file.db\"\nprincipal = \"of-the-file\"\ncolor = \"always\"\nquiet = true\n");
    CHECK(effective(sandbox, "ledger") == "file: \"" + home + "/file.db\"");
    CHECK(effective(sandbox, "principal") == "file: \"of-the-file\"");
    CHECK(effective(sandbox, "color") == "file: \"always\"");
    CHECK(effective(sandbox, "quiet") == "file: true");
    environment["ATLASJOB_LEDGER"] = home + "/environment.db";
    environment["ATLASJOB_PRINCIPAL"] = "of-the-environment";
    environment["NO_COLOR"] = "1";
    CHECK(effective(sandbox, "ledger") == "environment: \"" + home + "/environment.db\"");
    CHECK(effective(sandbox, "principal") == "environment: \"of-the-environment\"");
    CHECK(effective(sandbox, "color") == "environment: \"never\"");
    const std::string flag = home + "/flag.db";
    CHECK(effective(sandbox, "ledger", {"--ledger", flag}) == "flag: \"" + flag + "\"");
    CHECK(effective(sandbox, "principal", {"--principal=me"}) == "flag: \"me\"");
    CHECK(effective(sandbox, "color", {"--color", "auto"}) == "flag: \"auto\"");
    CHECK(effective(sandbox, "quiet", {"--quiet=false"}) == "flag: false");

    // The commands use the values that config shows.
    const auto owner_in = [&](const std::string& ledger) {
        return sandbox.run({"status", "1", "--json", "--ledger", ledger, "--admin"})
            .json()["owner"];
    };
    REQUIRE(sandbox.run({"create", "--ledger", flag, "--principal", "me"}).exit_status == 0);
    REQUIRE(sandbox.run({"create"}).exit_status == 0);
    environment.erase("ATLASJOB_LEDGER");
    environment.erase("ATLASJOB_PRINCIPAL");
    REQUIRE(sandbox.run({"create"}).exit_status == 0);
    CHECK(owner_in(flag) == "me");
    CHECK(owner_in(home + "/environment.db") == "of-the-environment");
    CHECK(owner_in(home + "/file.db") == "of-the-file");
}

TEST_CASE(
    "the config file sets option defaults, and an option on the command line overrides them") {
    const Sandbox sandbox;
    configure(
        sandbox,
        "[job]\nqueue = \"bulk\"\npriority = 3\nretries = 2\n[list]\nlimit = 1\n"
        "[gc]\nkeep-done = \"0s\"\n[wait]\ntimeout = \"1ms\"\n");
    sandbox.create();
    sandbox.create({"--queue", "other", "--priority=-1"});
    CHECK(sandbox.status("1")["queue"] == "bulk");
    CHECK(sandbox.status("1")["priority"] == 3);
    CHECK(sandbox.status("1")["max_attempts"] == 3);
    CHECK(sandbox.status("2")["queue"] == "other");
    CHECK(sandbox.status("2")["priority"] == -1);
    CHECK(sandbox.run({"list", "--json"}).json()["jobs"].size() == 1);
    CHECK(sandbox.run({"list", "--json", "--limit", "5"}).json()["jobs"].size() == 2);
    CHECK(sandbox.run({"wait", "1"}).exit_status == 75);
    // run has no --retries and ignores that default, but takes the queue.
    REQUIRE(sandbox.run({"run", "--", "true"}).exit_status == 0);
    CHECK(sandbox.status("last")["queue"] == "bulk");
    CHECK(sandbox.run({"gc", "--json", "--keep-done", "1h"}).json()["pruned"] == 0);
    CHECK(sandbox.run({"gc", "--json"}).json()["pruned"] == 1);
}

TEST_CASE("submit --like keeps the job's own options, whatever the config file says now") {
    const Sandbox sandbox;
    sandbox.submit("true", {"--queue", "first", "--priority", "7"});
    configure(
        sandbox, "[job]\nqueue = \"second\"\npriority = 1\n[submit]\ndetach-after = \"1h\"\n");
    const auto again = sandbox.run({"submit", "--like", "1", "--json"}).json();
    CHECK(again["queue"] == "first");
    CHECK(again["priority"] == 7);
    CHECK(sandbox.run({"submit", "--json", "--", "true"}).json()["queue"] == "second");
    const Ran batch = sandbox.run(
        {"submit", "--batch", "-", "--json"},
        "{\"command\":[\"true\"]}\n{\"command\":[\"true\"],\"queue\":\"third\"}\n");
    REQUIRE(batch.exit_status == 0);
    CHECK(sandbox.status("4")["queue"] == "second");
    CHECK(sandbox.status("5")["queue"] == "third");
}

TEST_CASE("a worker takes its queues from the config file unless --queue is given") {
    const Sandbox sandbox;
    sandbox.submit("true", {"--queue", "mine"});
    sandbox.submit("true", {"--queue", "other"});
    configure(sandbox, "[worker]\nqueue = [\"mine\"]\nslots = 1\nidle-exit = \"1h\"\n");
    REQUIRE(sandbox.run({"worker", "--drain"}).exit_status == 0);
    CHECK(sandbox.status("1")["status"] == "done");
    CHECK(sandbox.status("2")["status"] == "queued");
    REQUIRE(sandbox.run({"worker", "--drain", "--queue", "other"}).exit_status == 0);
    CHECK(sandbox.status("2")["status"] == "done");
}

TEST_CASE("an invalid config file stops every command except help, completion and doctor") {
    const Sandbox sandbox;
    sandbox.create();
    configure(sandbox, "quiet = true\n[cancle]\ngrace = \"1s\"\n");
    for (const char* command : {"status", "list", "config", "gc", "stats"}) {
        const Ran ran = sandbox.run({command});
        INFO(command << ": " << ran.err);
        CHECK(ran.exit_status == 2);
        CHECK(ran.out.empty());
        CHECK_THAT(ran.err, Contains("config.toml, line 3") && Contains("\"cancle.grace\""));
        CHECK_THAT(ran.err, Contains("; did you mean [cancel] grace?"));
        CHECK(sandbox.run({command, "--json"}).error_json()["code"] == "invalid_argument");
    }
    CHECK(sandbox.run({"help", "cancel"}).exit_status == 0);
    CHECK(sandbox.run({"--help"}).exit_status == 0);
    CHECK(sandbox.run({"completion", "bash"}).exit_status == 0);
    const Ran doctor = sandbox.run({"doctor", "--json"});
    CHECK(doctor.exit_status == 1);
    CHECK_THAT(doctor.out, Contains("config.toml, line 3"));
    CHECK(doctor.err.empty());
}

TEST_CASE("config prints a table of settings with file and line") {
    const Sandbox sandbox;
    configure(sandbox, "[cancel]\ngrace = \"30s\"\n[queue.gpu]\nslots = 2\n");
    const Ran ran = sandbox.run({"config"});
    CHECK(ran.exit_status == 0);
    CHECK(ran.err.empty());
    CHECK_THAT(ran.out, Contains("config.toml\nSETTING"));
    CHECK_THAT(
        ran.out, Contains("\ncancel.grace ") && Contains(" 30s ") && Contains("file, line 2\n"));
    CHECK_THAT(ran.out, Contains("\nqueue.gpu.slots ") && Contains("file, line 4\n"));
    CHECK_THAT(ran.out, Contains("environment ATLASJOB_LEDGER"));
    const auto json = sandbox.run({"config", "--json"}).json();
    CHECK(json["exists"] == true);
    CHECK(json["settings"]["queue.gpu.slots"]["value"] == 2);
    CHECK(json["settings"]["cancel.grace"]["place"] == "line 2");
    CHECK(json["settings"]["worker.queue"]["value"] == nlohmann::json::array());
    CHECK(json["settings"]["job.timeout"]["value"].is_null());
}

TEST_CASE("help prints the same as --help of the command or the program") {
    const Sandbox sandbox;
    CHECK(sandbox.run({"help"}).out == sandbox.run({"--help"}).out);
    CHECK(sandbox.run({"help", "submit"}).out == sandbox.run({"submit", "--help"}).out);
    CHECK(sandbox.run({"help", "--help"}).exit_status == 0);
    const Ran wrong = sandbox.run({"help", "sumbit"});
    CHECK(wrong.exit_status == 2);
    CHECK_THAT(wrong.err, Contains("did you mean submit?"));
    CHECK(sandbox.run({"help", "a", "b"}).exit_status == 2);
    CHECK(sandbox.untouched());
}

TEST_CASE("complete prints nothing and creates nothing without a valid ledger") {
    Sandbox sandbox;
    const auto silent = [&](const std::vector<std::string>& args) {
        const Ran ran = sandbox.run(args);
        CHECK(ran.exit_status == 0);
        CHECK(ran.out.empty());
        CHECK(ran.err.empty());
    };
    silent({"complete", "jobs", "status", "--prefix=", "--"});
    silent({"complete", "queues", "pause", "--prefix=", "--", "--ledger", "/nowhere/at/all"});
    silent({"complete"});
    sandbox.environment().erase("HOME");
    sandbox.environment().erase("ATLASJOB_LEDGER");
    silent({"complete", "jobs", "status", "--prefix=", "--"});
    CHECK(sandbox.untouched());
    sandbox.environment()["ATLASJOB_LEDGER"] = sandbox.dir() / "garbage";
    std::ofstream{sandbox.dir() / "garbage"} << std::string(4096, 'x');
    silent({"complete", "jobs", "status", "--prefix=", "--"});
}

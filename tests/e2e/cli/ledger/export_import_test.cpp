#include "e2e/cli/ledger/ledger_helpers.h"
#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

void write_file(const std::string& path, const std::string& content) {
    std::ofstream{path, std::ios::binary} << content;
}

const std::string kMinimal =
    R"({"job_id":"01a2031f-fc00-7000-8000-000000000001","kind":"sync","owner":"alice",)"
    R"("created_at":"2026-11-22T12:00:00Z","status":)";

}  // namespace

TEST_CASE("exported jobs can be imported elsewhere, and importing them back changes nothing") {
    const Sandbox sandbox;
    fill_ledger(sandbox);
    const Ran exported = sandbox.run({"export", "--admin", "--with-env"});
    REQUIRE(exported.exit_status == 0);
    const std::string other = sandbox.dir() / "other.db";
    const Ran imported =
        sandbox.run({"import", "--admin", "-", "--ledger", other, "--json"}, exported.out);
    CHECK(imported.json() == json::parse(R"({"imported":5,"skipped":0,"held":1,"renumbered":[]})"));
    const Ran again = sandbox.run({"import", "--admin", "-", "--ledger", other}, exported.out);
    CHECK(again.exit_status == 0);
    CHECK_THAT(again.out, Contains("0 jobs imported, 5 already present"));
    const Ran back = sandbox.run({"export", "--admin", "--with-env", "--ledger", other});
    const std::string file = sandbox.dir() / "jobs.ndjson";
    write_file(file, back.out);
    CHECK_THAT(
        sandbox.run({"import", "--admin", file}).out,
        Contains("0 jobs imported, 5 already present"));
    const json doctor = sandbox.run({"doctor", "--json", "--ledger", other}).json();
    CHECK(doctor["healthy"] == true);
}

TEST_CASE("each line of an export is a job with its attempts, events and spec") {
    const Sandbox sandbox;
    fill_ledger(sandbox);
    const std::string out = sandbox.run({"export"}).out;
    CHECK_THAT(out, !Contains("hunter2"));
    std::size_t lines = 0;
    for (std::size_t at = 0; at < out.size(); ++lines) {
        const std::size_t end = out.find('\n', at);
        const auto line = nlohmann::ordered_json::parse(out.substr(at, end - at));
        const auto status =
            nlohmann::ordered_json::parse(sandbox.run({"status", line["job_id"], "--json"}).out);
        std::vector<std::string> keys;
        for (const auto& [key, value] : line.items())
            keys.push_back(key);
        CHECK(
            std::vector<std::string>(keys.end() - 3, keys.end())
            == std::vector<std::string>{"attempts", "events", "spec"});
        for (const auto& [key, value] : status.items())
            if (key != "stale") CHECK(line[key] == value);
        CHECK(std::ssize(keys) == static_cast<std::ptrdiff_t>(status.size()) + 3);
        CHECK(line["attempts"].size() == line["attempt"].get<std::size_t>());
        CHECK(line["events"].back()["to"] == line["status"]);
        at = end + 1;
    }
    CHECK(lines == 5);
    CHECK_THAT(sandbox.run({"export", "--with-env"}).out, Contains("SECRET=hunter2"));
    CHECK_THAT(out, Contains(R"({"n":1.50})"));
}

TEST_CASE("export writes the caller's jobs, filtered like list, or all jobs with --admin") {
    const Sandbox sandbox;
    const auto lines = [&](std::vector<std::string> args) {
        args.insert(args.begin(), "export");
        const std::string out = sandbox.run(args).out;
        return std::count(out.begin(), out.end(), '\n');
    };
    sandbox.create({"--principal", "alice", "--label", "a=1"});
    sandbox.create({"--principal", "alice"});
    sandbox.create({"--principal", "bob"});
    CHECK(lines({"--principal", "alice"}) == 2);
    CHECK(lines({"--principal", "alice", "--label", "a=1"}) == 1);
    CHECK(lines({"--principal", "alice", "--status", "done"}) == 0);
    CHECK(lines({"--principal", "alice", "--since", "1h"}) == 2);
    CHECK(lines({"--principal", "alice", "--until", "1h"}) == 0);
    CHECK(lines({"--admin"}) == 3);
}

TEST_CASE("an imported command runs only after retry or start") {
    const auto* verb = GENERATE("retry", "start");
    const Sandbox sandbox;
    const std::string job = sandbox.submit("echo ran >>" + (sandbox.dir() / "ran"));
    const Ran exported = sandbox.run({"export", "--with-env"});
    const std::string other = sandbox.dir() / "other.db";
    CHECK_THAT(
        sandbox.run({"import", "--admin", "-", "--ledger", other}, exported.out).out,
        Contains("retry"));
    CHECK(sandbox.run({"worker", "--drain", "--ledger", other}).exit_status == 0);
    CHECK_FALSE(fs::exists(sandbox.dir() / "ran"));
    CHECK_THAT(sandbox.run({"status", job, "--ledger", other}).out, Contains("imported"));
    CHECK(sandbox.run({verb, job, "--ledger", other}).exit_status == 0);
    CHECK(sandbox.run({"worker", "--drain", "--ledger", other}).exit_status == 0);
    CHECK(fs::exists(sandbox.dir() / "ran"));
    CHECK(sandbox.run({"wait", job, "--ledger", other}).exit_status == 0);
}

TEST_CASE("jobs of another owner are imported with --admin only, and nothing otherwise") {
    const Sandbox sandbox;
    const std::string own = sandbox.run({"--principal", "bob", "import", "-"}, "").err;
    CHECK(own.empty());
    const std::string line = kMinimal + "\"done\"}\n";
    const Ran refused = sandbox.run({"--principal", "bob", "import", "-"}, line);
    CHECK(refused.exit_status == 2);
    CHECK_THAT(refused.err, Contains("line 1 of standard input: the job belongs to \"alice\""));
    CHECK_THAT(refused.err, Contains("--admin"));
    CHECK(sandbox.run({"list", "--admin", "--ids"}).out.empty());
    CHECK(sandbox.run({"--principal", "alice", "import", "-"}, line).exit_status == 0);
    CHECK(sandbox.run({"--admin", "--principal", "bob", "import", "-"}, line).exit_status == 0);
}

TEST_CASE("a minimal line of any status is imported for any owner") {
    const std::string status = GENERATE("queued", "running", "done", "error", "cancelled");
    const Sandbox sandbox;
    const Ran ran = sandbox.run({"import", "--admin", "-"}, kMinimal + "\"" + status + "\"}\n");
    INFO(ran.err);
    CHECK(ran.exit_status == 0);
    const json job = json::parse(sandbox.run({"list", "--admin", "--json"}).out)["jobs"][0];
    CHECK(job["status"] == status);
    CHECK(job["owner"] == "alice");
    CHECK(job["seq"] == 1);
}

TEST_CASE("an invalid import line is reported by number, and nothing is imported or created") {
    const Sandbox sandbox;
    const Ran ran = sandbox.run(
        {"import", "--admin", "-"}, kMinimal + "\"done\"}\n\n" + kMinimal + "\"dead\"}\n");
    CHECK(ran.exit_status == 2);
    CHECK_THAT(ran.err, Contains("line 3 of standard input") && Contains("dead"));
    CHECK(sandbox.untouched());
    CHECK(sandbox.run({"import"}).exit_status == 2);
    CHECK(sandbox.run({"import", sandbox.dir() / "none"}).exit_status == 2);
}

TEST_CASE("a job that exists with other content is refused with line number and job_id") {
    const Sandbox sandbox;
    REQUIRE(sandbox.run({"import", "--admin", "-"}, kMinimal + "\"done\"}\n").exit_status == 0);
    const Ran ran = sandbox.run({"import", "--admin", "-", "--json"}, kMinimal + "\"error\"}\n");
    CHECK(ran.exit_status == 6);
    const json error = ran.error_json();
    CHECK(error["code"] == "refused");
    CHECK_THAT(
        error["message"].get<std::string>(),
        Contains("line 1") && Contains("01a2031f-fc00-7000-8000-000000000001"));
}

TEST_CASE("import reports a job that gets a new number") {
    const Sandbox sandbox;
    sandbox.create();
    const std::string line = kMinimal + R"("done","seq":1})";
    const Ran ran = sandbox.run({"import", "--admin", "-"}, line);
    CHECK_THAT(ran.out, Contains("job 1 was renumbered to 2"));
}

TEST_CASE("export into a closed pipe prints no error") {
    const Sandbox sandbox;
    for (int i = 0; i < 3; ++i)
        sandbox.create({"--target", "\"" + std::string(70'000, 'x') + "\""});
    const Ran ran = sandbox.shell("\"$atlasjob\" export | head -c 10 >/dev/null");
    CHECK(ran.err.empty());
}

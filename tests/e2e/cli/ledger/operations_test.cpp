#include "e2e/cli/sandbox.h"
#include "support/places.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <csignal>
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

/// A ledger with a job of every status that commands and executors can leave.
void fill(const Sandbox& sandbox) {
    sandbox.run(
        {"run", "--label", "team=core", "--", "sh", "-c", "echo '{\"result\":{\"n\":1.50}}' >&3"});
    sandbox.run({"run", "--", "sh", "-c", "exit 3"});
    sandbox.create({"--kind", "sync", "--start", "--ttl", "1h"});
    sandbox.submit("echo $SECRET", {"--env", "SECRET=hunter2", "--in", "1h"});
    sandbox.run({"cancel", sandbox.create({"--kind", "sync"})});
}

json findings_of(const Ran& doctor) {
    json bad = json::array();
    const json all = doctor.json();
    for (const json& finding : all["findings"])
        if (finding["level"] == "problem") bad.push_back(finding);
    return bad;
}

const std::string kMinimal =
    R"({"job_id":"01a2031f-fc00-7000-8000-000000000001","kind":"sync","owner":"alice",)"
    R"("created_at":"2026-11-22T12:00:00Z","status":)";

}  // namespace

TEST_CASE("All jobs move to another ledger and back is nothing to do") {
    const Sandbox sandbox;
    fill(sandbox);
    const Ran exported = sandbox.run({"export", "--admin", "--with-env"});
    REQUIRE(exported.exit_status == 0);
    const std::string other = sandbox.dir() / "other.db";
    const Ran imported = sandbox.run({"import", "-", "--ledger", other, "--json"}, exported.out);
    CHECK(imported.json() == json::parse(R"({"imported":5,"skipped":0,"held":1,"renumbered":[]})"));
    const Ran again = sandbox.run({"import", "-", "--ledger", other}, exported.out);
    CHECK(again.exit_status == 0);
    CHECK_THAT(again.out, Contains("0 jobs imported, 5 already present"));
    const Ran back = sandbox.run({"export", "--admin", "--with-env", "--ledger", other});
    const std::string file = sandbox.dir() / "jobs.ndjson";
    write_file(file, back.out);
    CHECK_THAT(sandbox.run({"import", file}).out, Contains("0 jobs imported, 5 already present"));
    const json doctor = sandbox.run({"doctor", "--json", "--ledger", other}).json();
    CHECK(doctor["healthy"] == true);
}

TEST_CASE("Each line of an export is the job with its attempts, events and spec") {
    const Sandbox sandbox;
    fill(sandbox);
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

TEST_CASE("An export is of one's own jobs, filtered as a list is; with --admin of all") {
    const Sandbox sandbox;
    const auto lines = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "export");
        const std::string out = sandbox.run(words).out;
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

TEST_CASE("An imported command runs only when it is told to, with retry or with start") {
    const auto* verb = GENERATE("retry", "start");
    const Sandbox sandbox;
    const std::string job = sandbox.submit("echo ran >>" + (sandbox.dir() / "ran"));
    const Ran exported = sandbox.run({"export", "--with-env"});
    const std::string other = sandbox.dir() / "other.db";
    CHECK_THAT(
        sandbox.run({"import", "-", "--ledger", other}, exported.out).out, Contains("retry"));
    CHECK(sandbox.run({"worker", "--drain", "--ledger", other}).exit_status == 0);
    CHECK_FALSE(fs::exists(sandbox.dir() / "ran"));
    CHECK_THAT(sandbox.run({"status", job, "--ledger", other}).out, Contains("imported"));
    CHECK(sandbox.run({verb, job, "--ledger", other}).exit_status == 0);
    CHECK(sandbox.run({"worker", "--drain", "--ledger", other}).exit_status == 0);
    CHECK(fs::exists(sandbox.dir() / "ran"));
    CHECK(sandbox.run({"wait", job, "--ledger", other}).exit_status == 0);
}

TEST_CASE("A minimal line of any status is imported, whoever owns it") {
    const std::string status = GENERATE("queued", "running", "done", "error", "cancelled");
    const Sandbox sandbox;
    const Ran ran = sandbox.run({"import", "-"}, kMinimal + "\"" + status + "\"}\n");
    INFO(ran.err);
    CHECK(ran.exit_status == 0);
    const json job = json::parse(sandbox.run({"list", "--admin", "--json"}).out)["jobs"][0];
    CHECK(job["status"] == status);
    CHECK(job["owner"] == "alice");
    CHECK(job["seq"] == 1);
}

TEST_CASE("A bad line is named by its number, and nothing is imported or created") {
    const Sandbox sandbox;
    const Ran ran =
        sandbox.run({"import", "-"}, kMinimal + "\"done\"}\n\n" + kMinimal + "\"dead\"}\n");
    CHECK(ran.exit_status == 2);
    CHECK_THAT(ran.err, Contains("line 3 of standard input") && Contains("dead"));
    CHECK(sandbox.untouched());
    CHECK(sandbox.run({"import"}).exit_status == 2);
    CHECK(sandbox.run({"import", sandbox.dir() / "none"}).exit_status == 2);
}

TEST_CASE("The same job with other content is refused with its line and name") {
    const Sandbox sandbox;
    REQUIRE(sandbox.run({"import", "-"}, kMinimal + "\"done\"}\n").exit_status == 0);
    const Ran ran = sandbox.run({"import", "-", "--json"}, kMinimal + "\"error\"}\n");
    CHECK(ran.exit_status == 6);
    const json error = ran.error_json();
    CHECK(error["code"] == "refused");
    CHECK_THAT(
        error["message"].get<std::string>(),
        Contains("line 1") && Contains("01a2031f-fc00-7000-8000-000000000001"));
}

TEST_CASE("A new number is told") {
    const Sandbox sandbox;
    sandbox.create();
    const std::string line = kMinimal + R"("done","seq":1})";
    const Ran ran = sandbox.run({"import", "-"}, line);
    CHECK_THAT(ran.out, Contains("job 1 is job 2 here"));
}

TEST_CASE("An export that nobody reads to its end is no error") {
    const Sandbox sandbox;
    for (int i = 0; i < 3; ++i)
        sandbox.create({"--target", "\"" + std::string(70'000, 'x') + "\""});
    const Ran ran = sandbox.shell("\"$atlasjob\" export | head -c 10 >/dev/null");
    CHECK(ran.err.empty());
}

TEST_CASE("A backup is a ledger, and a file that is there is kept without --force") {
    const Sandbox sandbox;
    fill(sandbox);
    const std::string copy = sandbox.dir() / "copy.db";
    const Ran made = sandbox.run({"backup", copy, "--json"});
    CHECK(made.exit_status == 0);
    CHECK(made.json()["file"] == copy);
    CHECK(
        sandbox.run({"list", "--json"}).out
        == sandbox.run({"list", "--json", "--ledger", copy}).out);
    CHECK(sandbox.run({"doctor", "-q", "--ledger", copy}).exit_status == 0);
    const Ran refused = sandbox.run({"backup", copy});
    CHECK(refused.exit_status == 6);
    CHECK_THAT(refused.err, Contains("--force"));
    CHECK(sandbox.run({"backup", copy, "--force"}).exit_status == 0);
    CHECK(sandbox.run({"backup"}).exit_status == 2);
    CHECK(sandbox.run({"backup", sandbox.ledger(), "--force"}).exit_status == 6);
}

TEST_CASE("Where there is no ledger, nothing is copied, exported or migrated, and none is made") {
    for (const char* command : {"export", "migrate", "backup"}) {
        const Sandbox sandbox;
        std::vector<std::string> words = {command};
        if (words[0] == "backup") words.push_back(sandbox.dir() / "copy.db");
        const Ran ran = sandbox.run(words);
        INFO(command << ran.err);
        CHECK(ran.exit_status == 7);
        CHECK(sandbox.untouched());
    }
}

TEST_CASE("migrate says which schema there is; a newer one is refused") {
    const Sandbox sandbox;
    sandbox.create();
    const json steps = sandbox.run({"migrate", "--dry-run", "--json"}).json();
    CHECK(steps["from"] == steps["to"]);
    CHECK(steps["steps"].empty());
    CHECK_THAT(sandbox.run({"migrate"}).out, Contains("nothing to do"));
    sandbox.exec({"sqlite3", sandbox.ledger(), "PRAGMA user_version = 99"});
    for (const char* command : {"migrate", "doctor", "export"}) {
        const Ran ran = sandbox.run({command});
        INFO(command);
        CHECK(ran.exit_status == 8);
        CHECK_THAT(ran.err, Contains("99"));
    }
}

TEST_CASE("An older ledger is told by doctor and migrated on request") {
    const Sandbox sandbox;
    const auto v1 = atlasjob::read_file(atlasjob::test::source_path("tests/store/fixtures/v1.sql"));
    REQUIRE(v1.has_value());
    REQUIRE(sandbox.exec({"sqlite3", sandbox.ledger()}, *v1).exit_status == 0);
    REQUIRE(chmod(sandbox.ledger().c_str(), 0600) == 0);
    const Ran doctor = sandbox.run({"doctor", "--json"});
    CHECK(doctor.exit_status == 7);
    CHECK_THAT(findings_of(doctor)[0]["fix"].get<std::string>(), Contains("atlasjob migrate"));
    CHECK(sandbox.run({"migrate", "--dry-run", "--json"}).json()["from"] == 1);
    CHECK(sandbox.run({"migrate", "--dry-run", "--json"}).json()["from"] == 1);
    const json done = sandbox.run({"migrate", "--json"}).json();
    CHECK(done["from"] == 1);
    CHECK(done["steps"][0] == "import");
    CHECK(sandbox.run({"migrate", "--json"}).json()["steps"].empty());
}

TEST_CASE("The doctor names what is wrong with a ledger in any state, and ends as others would") {
    struct Wrong {
        const char* script;
        int exit_status;
        const char* subject;
    };
    const auto wrong = GENERATE(
        Wrong{"echo hello >$L", 8, "ledger"}, Wrong{"truncate -s 20000 $L", 8, "ledger"},
        Wrong{"printf broken | dd of=$L conv=notrunc status=none", 8, "ledger"},
        Wrong{"chmod 0644 $L", 1, "file"}, Wrong{"chmod 0777 $(dirname $L)", 1, "directory"},
        Wrong{"mkdir $L.bell2; rm $L.bell; mkdir $L.bell", 7, "bell"},
        Wrong{"sqlite3 $L 'DROP TRIGGER jobs_terminal_is_immutable'", 1, "schema drift"},
        Wrong{"sqlite3 $L 'UPDATE counters SET jobs = 7'", 1, "counters"},
        Wrong{"sqlite3 $L \"INSERT INTO labels VALUES (99, 'a', 'b')\"", 8, "references"},
        Wrong{"sqlite3 $L \"UPDATE jobs SET updated_at = updated_at + 9999999\"", 1, "clock"},
        Wrong{"\"$atlasjob\" create --kind k --start --ttl 1ms", 1, "leases"},
        Wrong{"echo x >$L.logs", 1, "output"});
    const Sandbox sandbox;
    sandbox.create();
    REQUIRE(sandbox.shell("L=$ATLASJOB_LEDGER; " + std::string{wrong.script}).exit_status == 0);
    const auto before = atlasjob::read_file(sandbox.ledger());
    const Ran doctor = sandbox.run({"doctor", "--json"});
    INFO(wrong.script << "\n" << doctor.out << doctor.err);
    CHECK(doctor.exit_status == wrong.exit_status);
    const json problems = findings_of(doctor);
    REQUIRE_FALSE(problems.empty());
    bool named = false;
    for (const json& problem : problems) {
        CHECK_FALSE(problem["fix"].is_null());
        named = named || problem["subject"] == wrong.subject;
    }
    CHECK(named);
    CHECK(atlasjob::read_file(sandbox.ledger()) == before);
}

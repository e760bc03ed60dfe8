// Which account runs the jobs of whose ledger: root and two unprivileged accounts.
#include "base/text.h"
#include "e2e/cli/sandbox.h"
#include "support/places.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

using Args = std::vector<std::string>;

constexpr uid_t kA = 65534;
constexpr uid_t kB = 65533;

/// A ledger of account A in A's own directory, and a log of the accounts that its jobs ran as.
class Accounts {
  public:
    Accounts() {
        auto& environment = sandbox_.environment();
        environment.erase("ATLASJOB_PRINCIPAL");
        environment["HOME"] = folder();
        environment["ATLASJOB_LEDGER"] = ledger();
        environment["ATLASJOB_ON_DEMAND_WORKER"] = "true";
        fs::create_directory(folder());
        fs::permissions(sandbox_.dir().path(), fs::perms{0755});
        give(folder(), kA);
    }
    Accounts(const Accounts&) = delete;
    Accounts& operator=(const Accounts&) = delete;
    ~Accounts() {
        for (const pid_t pid : processes({""}))
            kill(pid, SIGKILL);
    }

    /// Whether this is root, and the other accounts can execute the program.
    bool can_be_tested() const {
        const bool can = geteuid() == 0 && as(kA, {"--version"}).exit_status == 0;
        if (!can) WARN("skipped: needs root and a program that every account can execute");
        return can;
    }

    const Sandbox& sandbox() const { return sandbox_; }
    Sandbox& sandbox() { return sandbox_; }
    std::string folder() const { return sandbox_.dir() / "a"; }
    std::string ledger() const { return folder() + "/ledger.db"; }
    /// The uids that log_uid() has logged.
    std::string uids() const { return trim(atlasjob::read_file(folder() + "/uids").value_or("")); }
    /// A shell script that appends the uid it runs as to the log.
    std::string log_uid() const { return fmt::format("id -u >> {}/uids", folder()); }

    Ran as(uid_t account, const Args& args, const std::string& input = {}) const {
        Args argv = {
            "/usr/bin/setpriv", fmt::format("--reuid={}", account),
            fmt::format("--regid={}", account), "--clear-groups", kProgram};
        argv.insert(argv.end(), args.begin(), args.end());
        return sandbox_.exec(argv, input);
    }
    Ran as_root(const Args& args, const std::string& input = {}) const {
        return sandbox_.run(args, input);
    }
    /// Submits a job as A without starting a worker; returns its job_id.
    std::string submit_as_a(const Args& options = {}) {
        sandbox_.environment()["ATLASJOB_ON_DEMAND_WORKER"] = "false";
        Args args = {"submit"};
        args.insert(args.end(), options.begin(), options.end());
        args.insert(args.end(), {"--", "sh", "-c", log_uid()});
        const Ran ran = as(kA, args);
        sandbox_.environment()["ATLASJOB_ON_DEMAND_WORKER"] = "true";
        INFO(ran.err);
        REQUIRE(ran.exit_status == 0);
        return ran.line();
    }
    /// Submits a job as A, from a shell that has run `before`; returns its job_id.
    std::string submit_from(const std::string& before, const std::string& script) const {
        const Ran ran = sandbox_.exec(
            {"/usr/bin/setpriv", fmt::format("--reuid={}", kA), fmt::format("--regid={}", kA),
             "--clear-groups", "sh", "-c", before + R"(exec "$0" submit -- sh -c "$1")", kProgram,
             script});
        INFO(ran.err);
        REQUIRE(ran.exit_status == 0);
        return ran.line();
    }
    /// A script that runs until it is killed.
    std::string blocking() const { return "exec sleep 1000"; }
    void await_running(const std::string& job) const {
        Sandbox::await([&] { return status_of(job) == "running"; });
    }
    /// How many workers there are, draining ones included.
    std::size_t workers() const {
        const json answer = as_root({"doctor", "--json"}).json();
        std::size_t count = 0;
        for (const json& finding : answer["findings"]) {
            const std::string text = finding["text"];
            if (finding["subject"] != "workers") continue;
            for (auto at = text.find("pid "); at != std::string::npos;
                 at = text.find("pid ", at + 1))
                ++count;
        }
        return count;
    }
    void drain_as(uid_t account) const {
        const Ran ran = as(account, {"worker", "--slots", "1", "--drain"});
        INFO(ran.err);
        CHECK(ran.exit_status == 0);
    }
    std::string status_of(const std::string& job) const {
        return as_root({"status", job, "--admin", "--json"}).json().at("status");
    }

    /// The running processes of this ledger that are named so: its workers, slots and on-end hooks.
    /// A command that starts one returns only after it is visible here.
    std::vector<pid_t> processes(const Args& named = {"worker", "slot", "on-end"}) const {
        std::vector<pid_t> found;
        for (const auto& entry : fs::directory_iterator{"/proc"}) {
            const std::string name = entry.path().filename();
            const auto line = atlasjob::read_file(entry.path() / "cmdline").value_or("");
            const auto variables = atlasjob::read_file(entry.path() / "environ").value_or("");
            const bool of_ledger = variables.find(ledger()) != std::string::npos
                                   && std::ranges::any_of(named, [&](const std::string& word) {
                                          return line.find(word) != std::string::npos;
                                      });
            if (of_ledger) found.push_back(std::stoi(name));
        }
        return found;
    }

    static void give(const std::string& path, uid_t account) {
        REQUIRE((geteuid() != 0 || chown(path.c_str(), account, account) == 0));
    }

  private:
    static std::string trim(const std::string& text) { return std::string{atlasjob::trim(text)}; }

    Sandbox sandbox_;
};

void check_refusal(const Ran& ran) {
    INFO(ran.out << ran.err);
    CHECK(ran.exit_status == 0);
    CHECK_THAT(ran.err, Contains("uid 65534"));
    CHECK_THAT(ran.err, Contains("--any-account"));
    CHECK(ran.err.find("--any-account") == ran.err.rfind("--any-account"));
}

}  // namespace

TEST_CASE("root's gc on another account's ledger names the owner and starts nothing") {
    Accounts accounts;
    if (!accounts.can_be_tested()) return;
    const std::string job = accounts.submit_as_a();
    check_refusal(accounts.as_root({"gc"}));
    CHECK(accounts.processes().empty());
    CHECK(accounts.status_of(job) == "queued");
    CHECK(accounts.as_root({"gc", "-q"}).err.empty());
    accounts.drain_as(kA);
    CHECK(accounts.status_of(job) == "done");
    CHECK(accounts.uids() == "65534");
}

TEST_CASE("no command of root starts a worker for another account's ledger") {
    Accounts accounts;
    if (!accounts.can_be_tested()) return;
    const std::string queued = accounts.submit_as_a();
    const std::string ended = accounts.submit_as_a();
    REQUIRE(accounts.as_root({"cancel", ended, "--admin", "-q"}).exit_status == 0);
    REQUIRE(accounts.as_root({"pause", "-q"}).exit_status == 0);
    SECTION("submit") {
        check_refusal(accounts.as_root({"submit", "--", "sh", "-c", accounts.log_uid()}));
    }
    SECTION("submit --like") {
        check_refusal(accounts.as_root({"submit", "--admin", "--like", queued}));
    }
    SECTION("submit --batch") {
        check_refusal(accounts.as_root({"submit", "--batch", "-"}, R"({"command":["true"]})"));
    }
    SECTION("retry") {
        check_refusal(accounts.as_root({"retry", ended, "--admin"}));
    }
    SECTION("resume") {
        check_refusal(accounts.as_root({"resume"}));
    }
    SECTION("edit") {
        check_refusal(accounts.as_root({"edit", queued, "--admin", "--priority", "3"}));
    }
    CHECK(accounts.processes().empty());
    CHECK(accounts.uids().empty());
}

TEST_CASE("root's own job in another account's ledger waits for a worker of root") {
    Accounts accounts;
    if (!accounts.can_be_tested()) return;
    const std::string of_a = accounts.submit_as_a();
    const std::string of_root =
        accounts.as_root({"submit", "-q", "--", "sh", "-c", accounts.log_uid()}).line();
    const std::string like = accounts.as_root({"submit", "-q", "--admin", "--like", of_a}).line();
    // The worker exits: jobs that it must not run neither keep it alive nor occupy it.
    const Ran worker = accounts.as(kA, {"worker", "--on-demand", "--idle-exit", "100ms"});
    INFO(worker.err);
    CHECK(worker.exit_status == 0);
    CHECK(accounts.status_of(of_a) == "done");
    CHECK(accounts.status_of(of_root) == "queued");
    CHECK(accounts.status_of(like) == "queued");
    CHECK(accounts.uids() == "65534");
    // No worker is started for them either.
    CHECK(accounts.as(kA, {"gc"}).exit_status == 0);
    CHECK(accounts.processes().empty());
    CHECK_THAT(
        accounts.as(kA, {"status", of_root, "--admin"}).out,
        Contains("only a worker of account root, uid 0 can run it"));
    CHECK_THAT(
        accounts.as(kA, {"doctor"}).out,
        Contains("2 queued jobs of account root, uid 0 need a worker of that account"));
}

TEST_CASE("a worker refuses another account's ledger unless --any-account is given") {
    Accounts accounts;
    if (!accounts.can_be_tested()) return;
    const std::string job = accounts.submit_as_a();
    const Ran refused = accounts.as_root({"worker", "--drain"});
    CHECK(refused.exit_status == 7);
    CHECK_THAT(refused.err, Contains("belongs to another account"));
    CHECK_THAT(refused.err, Contains("uid 65534"));
    CHECK_THAT(refused.err, Contains("--any-account"));
    CHECK(accounts.status_of(job) == "queued");
    const Ran slot = accounts.as_root({"slot"});
    CHECK(slot.exit_status == 0);
    CHECK(accounts.status_of(job) == "queued");
    CHECK(accounts.as_root({"worker", "--drain", "--any-account"}).exit_status == 0);
    CHECK(accounts.status_of(job) == "done");
    CHECK(accounts.uids() == "0");
    CHECK(accounts.as_root({"worker", "--on-demand", "--any-account"}).exit_status == 2);
}

TEST_CASE("after root ended another account's job, that account runs its on-end hook once") {
    Accounts accounts;
    if (!accounts.can_be_tested()) return;
    const std::string job = accounts.submit_as_a({"--on-end", accounts.log_uid()});
    std::string expected = "65534";
    SECTION("by cancel") {
        CHECK(accounts.as_root({"cancel", job, "--admin"}).exit_status == 0);
    }
    SECTION("by gc of a lost job") {
        auto worker = accounts.sandbox().start_program(
            {"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", kProgram,
             "run", "--on-end", accounts.log_uid(), "--", "sh", "-c", "echo up; exec sleep 1000"});
        REQUIRE(worker.wait_for("up"));
        worker.kill_now();
        REQUIRE(accounts.as_root({"cancel", job, "--admin", "-q"}).exit_status == 0);
        CHECK_THAT(accounts.as_root({"gc"}).out, Contains("1 lost attempt reaped"));
        expected = "65534\n65534";
    }
    CHECK(accounts.processes().empty());
    CHECK(accounts.uids().empty());
    CHECK(accounts.as(kA, {"gc", "-q"}).exit_status == 0);
    while (!accounts.processes().empty())
        CHECK(accounts.as(kA, {"gc", "-q"}).exit_status == 0);
    CHECK(accounts.uids() == expected);
}

TEST_CASE("root's MCP server starts no commands or hooks of another account's ledger") {
    Accounts accounts;
    if (!accounts.can_be_tested()) return;
    const std::string ended = accounts.submit_as_a({"--on-end", accounts.log_uid()});
    const std::string other = accounts.submit_as_a();
    REQUIRE(accounts.as(kA, {"cancel", other}).exit_status == 0);
    const auto call = [](int id, const char* tool, const json& arguments) {
        return json{
                   {"jsonrpc", "2.0"},
                   {"id", id},
                   {"method", "tools/call"},
                   {"params", {{"name", tool}, {"arguments", arguments}}}}
                   .dump()
               + "\n";
    };
    const std::string initialize =
        R"({"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"2025-06-18",)"
        R"("capabilities":{},"clientInfo":{"name":"t","version":"1"}}})"
        "\n";
    std::ofstream{accounts.sandbox().dir() / "actions.json"}
        << R"({"actions":[{"name":"act","description":"Acts.","command":["true"]}]})";
    const Ran ran = accounts.as_root(
        {"mcp", "--principal", "nobody", "--allow", "submit,cancel,retry", "--actions",
         accounts.sandbox().dir() / "actions.json"},
        initialize + call(1, "submit_job", {{"command", {"sh", "-c", accounts.log_uid()}}})
            + call(2, "retry_job", {{"job_id", other}}) + call(3, "cancel_job", {{"job_id", ended}})
            + call(4, "act", json::object()));
    INFO(ran.out << ran.err);
    CHECK(ran.exit_status == 0);
    CHECK_THAT(ran.err, Contains("uid 65534"));
    CHECK(ran.err.find("--any-account") == ran.err.rfind("--any-account"));
    CHECK(accounts.status_of(ended) == "cancelled");
    CHECK(accounts.status_of(other) == "queued");
    CHECK(accounts.as_root({"list", "--admin", "--ids", "--status", "queued"}).out.size() > 37 * 2);
    CHECK(accounts.processes().empty());
    CHECK(accounts.uids().empty());
}

TEST_CASE("submit to a ledger that another account made writable for everybody runs nothing") {
    Accounts accounts;
    if (!accounts.can_be_tested()) return;
    accounts.sandbox().environment()["ATLASJOB_ON_DEMAND_WORKER"] = "false";
    fs::remove_all(accounts.folder());
    fs::create_directory(accounts.folder());
    Accounts::give(accounts.folder(), kB);
    // B queues a command in A's name and makes the ledger writable for everybody.
    REQUIRE(
        accounts.as(kB, {"submit", "--principal", "nobody", "--", "sh", "-c", accounts.log_uid()})
            .exit_status
        == 0);
    for (const auto& entry : fs::directory_iterator{accounts.folder()})
        fs::permissions(entry.path(), fs::perms{0666});
    fs::permissions(accounts.folder(), fs::perms{0777});
    accounts.sandbox().environment()["ATLASJOB_ON_DEMAND_WORKER"] = "true";
    const Ran submitted = accounts.as(kA, {"submit", "--", "sh", "-c", accounts.log_uid()});
    INFO(submitted.err);
    CHECK(submitted.exit_status == 0);
    CHECK_THAT(submitted.err, Contains("uid 65533"));
    CHECK(accounts.as(kA, {"worker", "--drain"}).exit_status == 7);
    CHECK(accounts.processes().empty());
    CHECK(accounts.uids().empty());
}

TEST_CASE("run does not run its --on-end hook from another account's ledger") {
    Accounts accounts;
    if (!accounts.can_be_tested()) return;
    accounts.submit_as_a();
    const Ran ran = accounts.as_root({"run", "--on-end", accounts.log_uid(), "--", "true"});
    CHECK(ran.exit_status == 0);
    CHECK_THAT(ran.err, Contains("does not run --on-end hooks"));
    CHECK(accounts.processes().empty());
    CHECK(accounts.uids().empty());
}

TEST_CASE("root leaves a restricted worker of another account alone") {
    Accounts accounts;
    if (!accounts.can_be_tested()) return;
    const std::string job = accounts.submit_from("ulimit -n 64;", accounts.blocking());
    accounts.await_running(job);
    CHECK(accounts.as_root({"submit", "-q", "--", "true"}).exit_status == 0);
    CHECK_THAT(accounts.as(kA, {"doctor"}).out, !Contains("draining"));
    CHECK(accounts.workers() == 1);
}

TEST_CASE("two submitters that are restricted in different ways share a worker") {
    Accounts accounts;
    if (!accounts.can_be_tested()) return;
    accounts.await_running(accounts.submit_from("ulimit -n 512;", accounts.blocking()));
    accounts.submit_from("renice -n 10 $$ >/dev/null;", "true");
    accounts.submit_from("ulimit -n 512;", "true");
    CHECK(accounts.workers() == 1);
    CHECK_THAT(accounts.as(kA, {"doctor"}).out, !Contains("draining"));
}

TEST_CASE("while a worker drains, no other one is replaced") {
    Accounts accounts;
    if (!accounts.can_be_tested()) return;
    accounts.await_running(accounts.submit_from("ulimit -n 256;", accounts.blocking()));
    accounts.await_running(accounts.submit_from("ulimit -n 512;", accounts.blocking()));
    CHECK(accounts.workers() == 2);
    accounts.submit_from("ulimit -n 1000;", "true");
    CHECK(accounts.workers() == 2);
}

TEST_CASE("a retry replaces a worker for what the job wants, not for what its caller has") {
    Accounts accounts;
    if (!accounts.can_be_tested()) return;
    accounts.await_running(accounts.submit_from("ulimit -n 64;", accounts.blocking()));
    const std::string small = accounts.submit_from("ulimit -n 64;", "true");
    REQUIRE(accounts.as(kA, {"wait", small, "--timeout", "120s"}).exit_status == 0);
    CHECK(accounts.as(kA, {"retry", "-q", small}).exit_status == 0);
    CHECK(accounts.workers() == 1);
}

TEST_CASE("a job submitted while root waits on the ledger runs as the submitting account") {
    Accounts accounts;
    if (!accounts.can_be_tested()) return;
    const std::string first = accounts.submit_as_a();
    const std::string second = accounts.submit_as_a({"--after", first});
    auto waiter = accounts.sandbox().start({"wait", first, second, "--admin"});
    const Ran submitted = accounts.as(kA, {"submit", "--", "sh", "-c", accounts.log_uid()});
    INFO(submitted.err);
    CHECK(submitted.exit_status == 0);
    CHECK(waiter.wait().exit_status == 0);
    const std::string third = accounts.as(kA, {"list", "--ids"}).out.substr(0, 36);
    CHECK(accounts.as_root({"wait", third, "--admin"}).exit_status == 0);
    CHECK(accounts.uids() == "65534\n65534\n65534");
}

#include "e2e/cli/sandbox.h"
#include "support/places.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

TEST_CASE("run passes on the output and exit status of its command unchanged") {
    const Sandbox sandbox;
    const Ran ran = sandbox.run({"run", "--", "sh", "-c", "echo out; echo err >&2; exit 3"});
    CHECK(ran.exit_status == 3);
    CHECK(ran.out == "out\n");
    CHECK(ran.err == "err\n");
    const auto json = sandbox.status("last");
    CHECK(json["status"] == "error");
    CHECK(json["reason"] == "exit_code");
    CHECK(json["error"] == "command exited with 3");
    CHECK(json["error_code"] == "exit_code");
    CHECK(json["exit_code"] == 3);
    CHECK(json["kind"] == "command");
    CHECK(json["command"] == nlohmann::json{"sh", "-c", "echo out; echo err >&2; exit 3"});
    CHECK(json["attempt"] == 1);
    const std::string page = sandbox.run({"status", "last"}).out;
    CHECK_THAT(page, Contains("Why: command exited with 3"));
    CHECK_THAT(page, Contains("  | out\n") && Contains("  | err\n"));
}

TEST_CASE("run records a done job with every option it was given") {
    const Sandbox sandbox;
    const Ran ran = sandbox.run(
        {"run", "--kind", "backup", "--name", "nightly", "--label", "host=db1", "--queue", "q",
         "--priority", "3", "--target", "{\"db\":1}", "--timeout", "2h", "--cwd", "/", "--",
         "true"});
    CHECK(ran.exit_status == 0);
    CHECK(ran.out.empty());
    CHECK(ran.err.empty());
    const auto json = sandbox.status("last");
    CHECK(json["status"] == "done");
    CHECK(json["progress"] == 1.0);
    CHECK(json["exit_code"] == 0);
    CHECK(json["kind"] == "backup");
    CHECK(json["name"] == "nightly");
    CHECK(json["labels"]["host"] == "db1");
    CHECK(json["timeout_ms"] == 7'200'000);
    CHECK(json["cwd"] == "/");
    CHECK(json["worker"]["pid"].is_number());
}

TEST_CASE("run passes every argument to the command unchanged") {
    const Sandbox sandbox;
    {
        std::ofstream file{sandbox.dir() / "f"};
        file << "has 7 in it\nhas none\n";
    }
    CHECK(sandbox.run({"run", "--", "grep", "[0-9]", sandbox.dir() / "f"}).out == "has 7 in it\n");
    const Ran ran = sandbox.run(
        {"run", "--", "printf", "<%s>", "[a,b]", "", "--", "--json", "-q", "a b", "--help",
         "\xff"});
    CHECK(ran.out == "<[a,b]><><--><--json><-q><a b><--help><\xff>");
    CHECK(sandbox.status("last")["command"].back() == "\xEF\xBF\xBD");
}

TEST_CASE("the command reads the standard input of run") {
    const Sandbox sandbox;
    CHECK(sandbox.run({"run", "--", "cat"}, "through").out == "through");
}

TEST_CASE("output may be arbitrary bytes without a final newline") {
    const Sandbox sandbox;
    const Ran ran = sandbox.run({"run", "--", "sh", "-c", "printf 'a\\377\\000b\\r\\nc'; exit 1"});
    CHECK(ran.out == std::string("a\xff\0b\r\nc", 7));
    CHECK(sandbox.run({"status", "last"}).exit_status == 0);
    CHECK(sandbox.status("last")["log_bytes"] > 0);
    const Ran large = sandbox.run({"run", "--", "head", "-c", "3000000", "/dev/zero"});
    CHECK((large.out == std::string(3'000'000, '\0')));
}

TEST_CASE("outputs that are one file or pipe keep the order in which the command wrote them") {
    const auto where =
        GENERATE(as<std::string>{}, ">$HOME/both 2>&1; cat $HOME/both", "2>&1 | cat");
    const Sandbox sandbox;
    const std::string script = "for i in $(seq 200); do echo o$i; echo e$i >&2; done";
    const std::string written = sandbox.shell("{ " + script + "; } 2>&1").out;
    CHECK(sandbox.shell("$atlasjob run -- sh -c '" + script + "' " + where).out == written);
    CHECK(sandbox.run({"logs", "last"}).out == written);
}

TEST_CASE("outputs that are one stay apart if standard output is the result") {
    const Sandbox sandbox;
    const Ran ran =
        sandbox.shell("$atlasjob run --result stdout -- sh -c 'echo {}; echo bad >&2' 2>&1");
    CHECK_THAT(ran.out, Contains("{}") && Contains("bad"));
    CHECK(sandbox.status("last")["result"] == nlohmann::json::object());
    CHECK(sandbox.run({"logs", "last", "--stderr"}).out == "bad\n");
}

TEST_CASE("a command that cannot start exits as in a shell, and the job records it") {
    const Sandbox sandbox;
    CHECK(sandbox.run({"run", "--", "/no/such/program"}).exit_status == 127);
    CHECK(sandbox.status("last")["reason"] == "start_failed");
    CHECK(sandbox.run({"run", "--", "no-such-program-at-all"}).exit_status == 127);
    CHECK(sandbox.run({"run", "--", "/etc/passwd"}).exit_status == 126);
    CHECK(sandbox.status("last")["error_code"] == "start_failed");
    CHECK(sandbox.run({"run", "--cwd", "/no/such/directory", "--", "true"}).exit_status == 125);
    CHECK(sandbox.status("last")["status"] == "error");
}

TEST_CASE("a command killed by a signal exits with 128 plus the signal") {
    const Sandbox sandbox;
    CHECK(sandbox.run({"run", "--", "sh", "-c", "kill -KILL $$"}).exit_status == 137);
    const auto json = sandbox.status("last");
    CHECK(json["status"] == "error");
    CHECK(json["reason"] == "signal");
    CHECK(json["signal"] == "SIGKILL");
    CHECK(json["exit_code"].is_null());
}

TEST_CASE("a command that times out exits with 124") {
    const Sandbox sandbox;
    CHECK(sandbox.run({"run", "--timeout", "100ms", "--", "sleep", "600"}).exit_status == 124);
    const auto json = sandbox.status("last");
    CHECK(json["status"] == "error");
    CHECK(json["reason"] == "timeout");
    CHECK(json["error_code"] == "timeout");
}

TEST_CASE("USR1 and USR2 to run reach the command and cancel nothing") {
    for (const int signo : {SIGUSR1, SIGUSR2}) {
        const Sandbox sandbox;
        Running running = sandbox.start(
            {"run", "--", "sh", "-c",
             "trap 'echo got it; exit 4' USR1 USR2; echo ready; read -r line; exit 5"});
        REQUIRE(running.wait_for("ready\n"));
        running.signal(signo);
        const Ran ran = running.wait();
        CHECK(ran.exit_status == 4);
        CHECK_THAT(ran.out, Contains("got it"));
        CHECK(sandbox.status("last")["reason"] == "exit_code");
    }
}

TEST_CASE("a signal to run reaches the command and cancels the job") {
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
        const Sandbox sandbox;
        Running running = sandbox.start({"run", "--", "sh", "-c", "echo ready; exec sleep 600"});
        REQUIRE(running.wait_for("ready"));
        running.signal(number);
        INFO(number);
        CHECK(running.wait().exit_status == 128 + number);
        const auto json = sandbox.status("last");
        CHECK(json["status"] == "cancelled");
        CHECK(json["reason"] == "user");
    }
}

TEST_CASE("another process can read the progress of a running job") {
    const Sandbox sandbox;
    const std::string script =
        R"(echo '{"progress":0.4,"phase":"embedding","current":3,"total":7}' >&3; echo ready; cat)";
    Running running = sandbox.start({"run", "--", "sh", "-c", script});
    REQUIRE(running.wait_for("ready"));
    // The report on the channel reaches the ledger asynchronously: poll for it.
    auto json = sandbox.status("last");
    while (json["progress"].is_null())
        json = sandbox.status("last");
    CHECK(json["status"] == "running");
    CHECK(json["progress"] == 0.4);
    CHECK(json["phase"] == "embedding");
    CHECK(json["current"] == 3);
    CHECK_THAT(sandbox.run({"status", "last"}).out, Contains("40%  embedding  3/7"));
    running.close_input();
    CHECK(running.wait().exit_status == 0);
}

TEST_CASE("inside a job report needs no job argument and can set the result") {
    const Sandbox sandbox;
    const Ran ran = sandbox.shell(
        "export atlasjob; $atlasjob run -- sh -c '"
        "$atlasjob report --progress 40% --phase inside --result \"{\\\"n\\\": [1,2]}\" || exit 9;"
        "$atlasjob status $ATLASJOB_JOB_ID --json; echo $ATLASJOB_ATTEMPT $ATLASJOB_PRINCIPAL "
        "$ATLASJOB_LEDGER'");
    INFO(ran.err);
    CHECK(ran.exit_status == 0);
    const auto inside = nlohmann::json::parse(ran.out.substr(0, ran.out.find('\n')));
    CHECK(inside["progress"] == 0.4);
    CHECK(inside["phase"] == "inside");
    CHECK(inside["result"].is_null());
    CHECK_THAT(ran.out, Contains("\n1 alice " + sandbox.ledger() + "\n"));
    CHECK(sandbox.status("last")["result"] == nlohmann::json{{"n", {1, 2}}});
}

TEST_CASE("report inside a running command exits with 3 after a cancel") {
    const Sandbox sandbox;
    const Ran ran = sandbox.shell(
        "export atlasjob; $atlasjob run -- sh -c '"
        "trap \"\" TERM; $atlasjob cancel $ATLASJOB_JOB_ID -q --grace 1h; $atlasjob report; echo "
        "$?'");
    CHECK(ran.out == "3\n");
    // The command may end before it is signalled and then keeps its own outcome: both are allowed.
    CHECK(sandbox.status("last")["cancel_requested_at"].is_string());
}

TEST_CASE("a result of two megabytes passes through channel, ledger and JSON unchanged") {
    const Sandbox sandbox;
    const std::string script =
        R"({ printf '{"result":"'; head -c 2000000 /dev/zero | tr '\0' x; printf '"}\n'; } >&3)";
    const Ran ran = sandbox.run({"run", "--", "sh", "-c", script});
    CHECK(ran.exit_status == 0);
    CHECK((sandbox.status("last")["result"] == std::string(2'000'000, 'x')));
    const auto listed = sandbox.run({"list", "--json"}).json()["jobs"][0]["result"];
    CHECK((listed == std::string(2'000'000, 'x')));
}

TEST_CASE("run --result stdout takes the whole output as the result, which must be JSON") {
    const Sandbox sandbox;
    const Ran good = sandbox.run({"run", "--result", "stdout", "--", "echo", "{ \"n\": 7 }"});
    CHECK(good.exit_status == 0);
    CHECK(sandbox.status("last")["result"] == nlohmann::json{{"n", 7}});
    sandbox.run({"run", "--result", "stdout", "--", "echo", "seven"});
    CHECK(sandbox.status("last")["status"] == "error");
    CHECK(sandbox.status("last")["error_code"] == "invalid_result");
}

TEST_CASE("a command inherits the environment, plus --env, or a clean one") {
    Sandbox sandbox;
    sandbox.environment()["SECRET"] = "s3cret";
    CHECK(sandbox.run({"run", "--", "sh", "-c", "echo $SECRET"}).out == "s3cret\n");
    CHECK(
        sandbox.run({"run", "--clean-env", "--", "sh", "-c", "echo [$SECRET] $HOME"}).out
        == "[] " + sandbox.dir().path().string() + "\n");
    CHECK(
        sandbox
            .run(
                {"run", "--clean-env", "--env", "SECRET", "--env", "X=[1,2]", "--", "sh", "-c",
                 "echo $SECRET $X"})
            .out
        == "s3cret [1,2]\n");
    CHECK(sandbox.run({"status", "1", "--json"}).out.find("s3cret") == std::string::npos);
}

TEST_CASE("run --key refuses to run while a job with the key is active") {
    const Sandbox sandbox;
    Running first = sandbox.start({"run", "--key", "k", "--", "sh", "-c", "echo ready; exec cat"});
    REQUIRE(first.wait_for("ready"));
    const Ran second = sandbox.run({"run", "--key", "k", "--", "echo", "ran"});
    CHECK(second.exit_status == 125);
    CHECK(second.out.empty());
    CHECK_THAT(second.err, Contains("job 1"));
    first.close_input();
    CHECK(first.wait().exit_status == 0);
    CHECK(sandbox.run({"run", "--key", "k", "--", "echo", "ran"}).out == "ran\n");
}

TEST_CASE("descendants of a command are terminated when it ends unless --keep-strays is given") {
    const Sandbox sandbox;
    const Ran ran = sandbox.run({"run", "--", "sh", "-c", "setsid sleep 600 & echo $!"});
    CHECK(ran.exit_status == 0);
    CHECK_FALSE(fs::exists("/proc/" + ran.line()));
    const Ran kept = sandbox.run(
        {"run", "--keep-strays", "--", "sh", "-c",
         "setsid sleep 600 >/dev/null 2>&1 3>&- & echo $!"});
    CHECK(kept.exit_status == 0);
    CHECK(fs::exists("/proc/" + kept.line()));
    CHECK(sandbox.exec({"kill", kept.line()}).exit_status == 0);
}

TEST_CASE("the example count-headers returns its counts as JSON") {
    const Sandbox sandbox;
    fs::create_directories(sandbox.dir() / "tree/sub dir");
    std::ofstream{sandbox.dir() / "tree/a.h"} << "1\n2\n3\n";
    std::ofstream{sandbox.dir() / "tree/sub dir/b.h"} << "1\n";
    std::ofstream{sandbox.dir() / "tree/c.txt"} << "1\n";
    const std::string example = source_path("docs/examples/count-headers");
    CHECK(sandbox.run({"run", "--", example, sandbox.dir() / "tree"}).exit_status == 0);
    const auto json = sandbox.status("last");
    CHECK(json["result"] == nlohmann::json{{"files", 2}, {"lines", 4}});
    CHECK(json["phase"] == "counting");
    CHECK(sandbox.run({"run", "--", example, "/no/such/directory"}).exit_status == 2);
    CHECK_THAT(sandbox.run({"status", "last"}).out, Contains("is not a directory"));
}

TEST_CASE("run --stdin replaces the standard input of the command") {
    const Sandbox sandbox;
    CHECK(sandbox.run({"run", "--", "cat"}, "typed\n").out == "typed\n");
    CHECK(sandbox.run({"run", "--stdin", "-", "--", "cat"}, "kept\n").out == "kept\n");
    const Ran other = sandbox.run({"run", "--stdin", "/etc/passwd", "--", "cat"}, "typed\n");
    CHECK_THAT(other.out, Contains("root:"));
}

TEST_CASE("run --tty gives the command a terminal even if the caller has none") {
    const Sandbox sandbox;
    const Ran ran = sandbox.run({"run", "--tty", "--", "sh", "-c", "test -t 0 && tty && exit 4"});
    CHECK(ran.exit_status == 4);
    CHECK_THAT(ran.out, Contains("/dev/pts/"));
}

TEST_CASE("run with --even-unrecorded runs the command although the ledger cannot be used") {
    Sandbox sandbox;
    SECTION("it is another file") {
        sandbox.environment()["ATLASJOB_LEDGER"] = sandbox.dir() / "notes.txt";
        std::ofstream{sandbox.dir() / "notes.txt"} << "notes\n";
        CHECK(sandbox.run({"run", "--", "true"}).exit_status == 125);
    }
    SECTION("it cannot be created") {
        sandbox.environment()["ATLASJOB_LEDGER"] = "/proc/nowhere/ledger.db";
        CHECK(sandbox.run({"run", "--", "true"}).exit_status == 125);
    }
    const std::vector<std::string> run{"run", "--even-unrecorded"};
    const auto with = [&](std::vector<std::string> args) {
        args.insert(args.begin(), run.begin(), run.end());
        return sandbox.run(args);
    };
    const Ran ran = with({"--", "sh", "-c", "echo out; echo err >&2; exit 3"});
    CHECK(ran.exit_status == 3);
    CHECK(ran.out == "out\n");
    CHECK_THAT(ran.err, Contains("running the command unrecorded") && Contains("\nerr\n"));
    CHECK(with({"--", "sh", "-c", "kill -9 $$"}).exit_status == 128 + SIGKILL);
    CHECK(with({"--cwd", "/", "--env", "A=b", "--", "sh", "-c", "pwd; echo $A"}).out == "/\nb\n");
    CHECK(with({"--", "no-such-command"}).exit_status == 127);
    CHECK_THAT(with({"--timeout", "1h", "--", "true"}).err, Contains("without its timeout"));
    // Signals are at their default, as for every command.
    CHECK(with({"--", "sh", "-c", "kill -PIPE $$"}).exit_status == 128 + SIGPIPE);
    // What the caller ignores stays ignored.
    const std::string program = sandbox.shell("printf %s \"$atlasjob\"").out;
    const Ran nohup = sandbox.exec(
        {"sh", "-c",
         "trap '' HUP; exec " + program
             + " run --even-unrecorded -- sh -c 'kill -HUP $$; exit 3'"});
    CHECK(nohup.exit_status == 3);
}

TEST_CASE("run with --even-unrecorded records the command if the ledger can be used") {
    const Sandbox sandbox;
    const Ran ran = sandbox.run({"run", "--even-unrecorded", "--", "sh", "-c", "exit 3"});
    CHECK(ran.exit_status == 3);
    CHECK(ran.err.empty());
    CHECK(sandbox.status("last")["exit_code"] == 3);
    CHECK(sandbox.run({"run", "--even-unrecorded", "--detach", "--", "true"}).exit_status == 2);
}

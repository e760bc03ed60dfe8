#include "base/file.h"
#include "e2e/cli/sandbox.h"
#include "support/places.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sched.h>

using namespace atlasjob::test;

namespace {

/// A sandbox with an on-demand worker, in which every job is submitted from a shell.
struct Attributes {
    Attributes() { sandbox.environment()["ATLASJOB_ON_DEMAND_WORKER"] = "true"; }
    ~Attributes() { sandbox.stop_workers(); }
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;

    /// The output of a job that runs `script`, submitted in a shell that calls `submitter` with the
    /// command line of atlasjob.
    std::string output(const std::string& submitter, const std::string& script) const {
        const Ran ran = sandbox.shell(
            "j=$(" + submitter + " $atlasjob submit -- sh -c '" + script
            + "') && $atlasjob wait -q --timeout 120s $j; $atlasjob logs $j");
        INFO(ran.err);
        CHECK(ran.exit_status == 0);
        return ran.line();
    }

    Sandbox sandbox;
};

/// A CPU that this process may use, by number.
std::string first_cpu() {
    cpu_set_t own;
    REQUIRE(sched_getaffinity(0, sizeof own, &own) == 0);
    std::size_t cpu = 0;
    while (!CPU_ISSET(cpu, &own))
        ++cpu;
    return std::to_string(cpu);
}

constexpr const char* kShow =
    "nice; ulimit -Sn; ulimit -Hn; cat /proc/self/oom_score_adj; "
    "grep Cpus_allowed_list: /proc/self/status; cut -d\" \" -f41 /proc/self/stat";

}  // namespace

TEST_CASE(
    "a job has the nice value, limits and CPUs of its submitter, whoever started the worker") {
    const Attributes a;
    const std::string plain = a.sandbox.shell(std::string{"sh -c '"} + kShow + "'").line();
    const std::string restricted =
        "ulimit -n 64; echo 300 > /proc/self/oom_score_adj; nice -n 15 taskset -c " + first_cpu()
        + " chrt -b 0";
    const std::string expected = a.sandbox.shell(restricted + " sh -c '" + kShow + "'").line();
    REQUIRE(plain != expected);
    CHECK(a.output(restricted, kShow) == expected);
    CHECK(a.output("", kShow) == plain);
    CHECK(a.output(restricted, kShow) == expected);
    CHECK(a.output("", kShow) == plain);
}

TEST_CASE("retries, hooks and copies of a job have the attributes of its first submitter") {
    const Attributes a;
    const std::string log = a.sandbox.dir() / "nice";
    const std::string fifo = a.sandbox.dir() / "hook";
    const Ran ran = a.sandbox.shell(
        "mkfifo " + fifo
        + "; j=$(nice -n 7 $atlasjob submit --retries 1 --backoff 1ms --on-end 'nice > " + fifo
        + "' -- sh -c 'nice >> " + log + "; exit 1'); timeout 60 cat " + fifo
        + "; $atlasjob retry -q $j; timeout 60 cat " + fifo
        + "; c=$($atlasjob submit --like $j); timeout 60 cat " + fifo + "; cat " + log);
    CHECK(ran.out == "7\n7\n7\n7\n7\n7\n7\n7\n7\n");
}

TEST_CASE("a worker that somebody has restricted gives no job more than it has") {
    const Sandbox sandbox;
    const std::string job =
        sandbox.submit("nice; ulimit -Sn; grep Cpus_allowed_list: /proc/self/status");
    const std::string stricter =
        sandbox.shell("ulimit -n 32; nice -n 12 $atlasjob submit -- sh -c 'nice; ulimit -Sn'")
            .line();
    sandbox.shell(
        "ulimit -n 64; renice -n 9 $$ > /dev/null; taskset -c " + first_cpu()
        + " $atlasjob worker --drain --slots 1");
    CHECK(sandbox.run({"logs", job}).out == "9\n64\nCpus_allowed_list:\t" + first_cpu() + "\n");
    CHECK(sandbox.run({"logs", stricter}).out == "12\n32\n");
}

TEST_CASE("the hooks of a worker that somebody has restricted get no more than it has, either") {
    const Sandbox sandbox;
    const std::string log = sandbox.dir() / "hook";
    const std::string show =
        "nice; ulimit -Sn; cat /proc/self/oom_score_adj; cut -d\" \" -f41 /proc/self/stat";
    sandbox.submit(
        "true", {"--on-end", "{ " + show + "; } > " + log + ".part; mv " + log + ".part " + log});
    sandbox.shell(
        "echo 300 > /proc/self/oom_score_adj; ulimit -n 64; renice -n 9 $$ > /dev/null; "
        "chrt -b 0 $atlasjob worker --drain --slots 1");
    Sandbox::await([&] { return atlasjob::read_file(log).has_value(); });
    CHECK(atlasjob::read_file(log) == "9\n64\n300\n3\n");
}

TEST_CASE("a worker that cannot give a job its limits ends its own jobs beside its successor") {
    const Attributes a;
    const std::string gate = a.sandbox.dir() / "gate";
    const std::string first = a.sandbox
                                  .shell(
                                      "mkfifo " + gate + "; ulimit -n 64; $atlasjob submit -- sh -c "
                                      "'ulimit -n; read -r line < "
                                      + gate + "'")
                                  .line();
    a.sandbox.shell(
        "until $atlasjob status --json " + first
        + " | grep -q '\"status\":\"running\"'; do $atlasjob wait -q --timeout 10ms " + first
        + "; done");
    const std::string unlimited = a.sandbox.shell("ulimit -n").line();
    CHECK(a.output("", "ulimit -n") == unlimited);
    CHECK(a.output("", "ulimit -n") == unlimited);
    CHECK(a.sandbox.status(first)["status"] == "running");
    a.sandbox.shell("echo go > " + gate + "; $atlasjob wait -q " + first);
    CHECK(a.sandbox.status(first)["status"] == "done");
    CHECK(a.sandbox.run({"logs", first}).out == "64\n");
}

TEST_CASE(
    "a restricted worker is replaced whatever its name, and an error of the one before is shown") {
    const Attributes a;
    a.sandbox.make_ledger();
    // In a scope of its own a worker is started by the path of the program.
    auto worker = a.sandbox.start_program(
        {"sh", "-c", "ulimit -n 64; exec \"$0\" worker --on-demand", kProgram});
    const std::string doctor = "$atlasjob doctor --json | grep -q 'pid [0-9]* on'";
    Sandbox::await([&] { return a.sandbox.shell(doctor).exit_status == 0; });
    const std::string log = a.sandbox.ledger() + ".logs/worker.log";
    a.sandbox.shell(
        "umask 077; mkdir -p " + a.sandbox.ledger()
        + ".logs; echo '2026-01-01T00:00:00Z pid 1: the disk is gone' >> " + log);
    const Ran ran = a.sandbox.shell(
        "j=$($atlasjob submit -- sh -c 'ulimit -n') && $atlasjob wait -q --timeout 120s $j; "
        "$atlasjob logs $j");
    CHECK(ran.line() == a.sandbox.shell("ulimit -n").line());
    CHECK_THAT(ran.err, Catch::Matchers::Contains("the disk is gone"));
    CHECK(worker.wait().exit_status == 0);
}

TEST_CASE("an exported job takes its attributes along") {
    const Sandbox sandbox;
    sandbox.shell("nice -n 7 $atlasjob submit --in 1h -- true");
    const auto line = sandbox.run({"export"}).json();
    CHECK(line["spec"]["process_attributes"].get<std::string>().starts_with("nice=7"));
    Sandbox other;
    CHECK(other.run({"import", "-"}, line.dump() + "\n").exit_status == 0);
    CHECK(other.run({"export"}).json()["spec"] == line["spec"]);
}

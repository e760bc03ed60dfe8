#include "process/process_attributes.h"

#include "base/text.h"
#include "process/commands.h"

#include <catch2/catch.hpp>

namespace atlasjob {

namespace {

using test::output_of;
using test::request_for;

rlimit& limit(ProcessAttributes& attributes, int resource) {
    return attributes.limits.at(static_cast<std::size_t>(resource));
}

std::string run_with(const ProcessAttributes& attributes, const std::string& script) {
    SpawnRequest request = request_for({"sh", "-c", script}, 2);
    request.attributes = attributes;
    return std::string{trim(output_of(request))};
}

rlimit own_limit(int resource) {
    ProcessAttributes own = own_attributes();
    return limit(own, resource);
}

/// A CPU that this process may use.
std::size_t first_cpu() {
    cpu_set_t own;
    REQUIRE(sched_getaffinity(0, sizeof own, &own) == 0);
    std::size_t cpu = 0;
    while (!CPU_ISSET(cpu, &own))
        ++cpu;
    return cpu;
}

TEST_CASE("attributes are text without what is not restricted, and read back equal") {
    CHECK(ProcessAttributes{}.text().empty());
    for (const std::string text :
         {"", "nice=15", "nice=-5 io=24583 oom=-17", "policy=2 realtime=3", "cpus=0-3,6,1023",
          "nofile=64", "nofile=64:4096 core=0:- rttime=7", "cpu=0 nicelimit=40"}) {
        CHECK(
            parse_attributes(parse_attributes(text).text()).text()
            == parse_attributes(text).text());
    }
    CHECK(parse_attributes("nice=15 cpus=0-3,6 core=0:-").text() == "nice=15 cpus=0-3,6 core=0:-");
}

TEST_CASE("what cannot be read in attributes is left out") {
    for (const std::string text :
         {"nice", "nice=", "nice=x", "=", "  ", "colour=red", "cpus=", "cpus=1-", "cpus=9999",
          "cpus=3-1", "nofile=", "nofile=a:b", "nofile=-5", "nofile=99999999999999999999999"})
        CHECK(parse_attributes(text).text().empty());
    CHECK(parse_attributes("nofile=9:5").text() == "nofile=5");
}

TEST_CASE("a command gets the given attributes, and this process keeps its own") {
    const std::string before = own_attributes().text();
    ProcessAttributes attributes = own_attributes();
    attributes.nice = 15;
    attributes.oom_score_adj = 500;
    attributes.io_priority = 3 << 13;  // idle
    attributes.policy = SCHED_BATCH;
    limit(attributes, RLIMIT_NOFILE).rlim_cur = 64;
    attributes.cpus.emplace();
    CPU_ZERO(&*attributes.cpus);
    CPU_SET(first_cpu(), &*attributes.cpus);
    CHECK(
        run_with(
            attributes,
            "nice; ulimit -Sn; cat /proc/self/oom_score_adj; grep -o 'Cpus_allowed_list.*' "
            "/proc/self/status; cut -d' ' -f41 /proc/self/stat")
        == "15\n64\n500\nCpus_allowed_list:\t" + std::to_string(first_cpu()) + "\n3");
    CHECK(own_attributes().text() == before);
}

TEST_CASE("a limit beyond the hard limit becomes the hard limit") {
    ProcessAttributes attributes = own_attributes();
    const rlimit hard = own_limit(RLIMIT_NOFILE);
    REQUIRE(hard.rlim_max != RLIM_INFINITY);
    limit(attributes, RLIMIT_NOFILE) = {hard.rlim_max / 2, hard.rlim_max / 2};
    CHECK(run_with(attributes, "ulimit -Hn") == std::to_string(hard.rlim_max / 2));
    // More than anybody may have.
    limit(attributes, RLIMIT_NOFILE) = {RLIM_INFINITY, RLIM_INFINITY};
    CHECK(run_with(attributes, "ulimit -Sn") == std::to_string(hard.rlim_max));
}

TEST_CASE("a command that cannot be started reports why with attributes, too") {
    SpawnRequest request = request_for({"/"}, 1);
    request.attributes = own_attributes();
    CHECK(test::require_failure(request).stage == SpawnFailure::Stage::not_executable);
}

TEST_CASE("a limit of open files too small for the command's descriptors does not stop it") {
    ProcessAttributes attributes = own_attributes();
    limit(attributes, RLIMIT_NOFILE).rlim_cur = 1;
    SpawnRequest request = request_for({"true"}, 1);
    // What it has open already stays open, but nothing can be opened any more.
    request.attributes = attributes;
    CHECK_FALSE(test::require_end(test::require_spawned(request)).success());
    request.argv = {"/bin/sh", "-c", "exit 0"};
    limit(*request.attributes, RLIMIT_NOFILE).rlim_cur = 16;
    CHECK(test::require_end(test::require_spawned(request)).success());
}

TEST_CASE("the stricter of two sets of attributes exceeds neither") {
    const auto wanted = parse_attributes("nice=-5 cpus=0-3 nofile=4096 oom=-100");
    const auto bounds =
        parse_attributes("nice=10 cpus=2-9 nofile=64:1024 cpu=60 io=24583 policy=3");
    CHECK(
        stricter_of(wanted, bounds).text()
        == "nice=10 policy=3 io=24583 cpus=2-3 cpu=60 nofile=64:1024");
    CHECK(stricter_of(parse_attributes("cpus=0"), parse_attributes("cpus=5")).text() == "cpus=5");
    CHECK(stricter_of(wanted, {}).text() == "cpus=0-3 nofile=4096");
}

TEST_CASE(
    "of two scheduling policies and I/O classes, the one that yields to the other is stricter") {
    const auto stricter = [](const std::string& one, const std::string& other) {
        const std::string result =
            stricter_of(parse_attributes(one), parse_attributes(other)).text();
        CHECK(stricter_of(parse_attributes(other), parse_attributes(one)).text() == result);
        return result;
    };
    // SCHED_IDLE, SCHED_BATCH, SCHED_OTHER, then SCHED_RR and SCHED_FIFO with their priorities.
    CHECK(stricter("policy=1 realtime=5", "").empty());
    CHECK(stricter("policy=5", "policy=3") == "policy=5");
    CHECK(stricter("policy=3", "") == "policy=3");
    CHECK(stricter("policy=1 realtime=50", "policy=5") == "policy=5");
    CHECK(stricter("policy=1 realtime=50", "policy=1 realtime=5") == "policy=1 realtime=5");
    CHECK(stricter("policy=1 realtime=3", "policy=2 realtime=50") == "policy=2 realtime=3");
    // Idle (3 << 13), best effort (2 << 13) and real time (1 << 13), each with a level from 0 to 7.
    CHECK(stricter("io=24583", "io=16386") == "io=24583");
    CHECK(stricter("io=16386", "io=8196") == "io=16386");
    CHECK(stricter("io=16386", "io=16390") == "io=16390");
    CHECK(stricter("io=8192", "io=24576") == "io=24576");
    // No class is best effort at the level of the nice value: 4 for 0, 7 for 15.
    CHECK(stricter("io=16390", "") == "io=16390");
    CHECK(stricter("io=16386", "").empty());
    CHECK(stricter("io=8192", "").empty());
    CHECK(stricter("nice=15", "io=16390") == "nice=15");
}

TEST_CASE("a process with lower hard limits is more restricted, and one with the same is not") {
    const rlimit own = own_limit(RLIMIT_NOFILE);
    REQUIRE(own.rlim_max != RLIM_INFINITY);
    Pipe input = make_pipe();
    Pipe output = make_pipe();
    const auto start = [&](rlim_t hard) {
        SpawnRequest request =
            request_for({"sh", "-c", "echo; read -r line"}, output.write_end.get());
        request.descriptors[0] = input.read_end.get();
        request.attributes = own_attributes();
        limit(*request.attributes, RLIMIT_NOFILE) = {hard, hard};
        ProcessHandle process = test::require_spawned(request);
        test::read_until(output.read_end.get(), '\n');
        return process;
    };
    const ProcessHandle same = start(own.rlim_max);
    const ProcessHandle lower = start(own.rlim_max / 2);
    CHECK_FALSE(is_more_restricted(same.pid, own_attributes()));
    // With CAP_SYS_RESOURCE it could raise them.
    const bool may_raise =
        run_with(
            own_attributes(), "ulimit -n 64; ulimit -Hn 128 2> /dev/null && echo yes || echo no")
        == "yes";
    CHECK(is_more_restricted(lower.pid, own_attributes()) != may_raise);
    // It can give what is wanted.
    ProcessAttributes wanted = own_attributes();
    limit(wanted, RLIMIT_NOFILE) = {16, own.rlim_max / 2};
    CHECK_FALSE(is_more_restricted(lower.pid, wanted));
    input.write_end.reset();
    for (const ProcessHandle* process : {&same, &lower})
        CHECK_FALSE(test::require_end(*process).signo());
}

}  // namespace

}  // namespace atlasjob

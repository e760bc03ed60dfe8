#include "process/identity.h"

#include "process/commands.h"

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace atlasjob {

namespace {

/// A child that runs until `end`.
class Sleeper {
  public:
    Sleeper() {
        SpawnRequest request = test::request_for({"cat"}, STDERR_FILENO);
        request.descriptors[0] = input_.read_end.get();
        child_ = test::require_spawned(request);
        input_.read_end.reset();
    }
    const ProcessHandle& process() const { return child_; }
    /// Ends the child, which stays a zombie until it is reaped.
    void end() {
        input_.write_end.reset();
        REQUIRE(await_end({&child_, 1}, test::kTimeoutMs));
    }

  private:
    Pipe input_ = make_pipe();
    ProcessHandle child_;
};

}  // namespace

TEST_CASE("current_process identifies this process") {
    const ProcessIdentity self = current_process();
    CHECK(self.pid == getpid());
    CHECK(self.boot_id.size() == 36);
    CHECK(self.pid_namespace != 0);
    CHECK(self.time_namespace != 0);
    CHECK((self.machine_id.empty() || self.machine_id.size() == 32));
    CHECK(self.start_ticks != 0);
    CHECK_FALSE(self.host.empty());
    CHECK(identify(getpid()) == self);
    CHECK(liveness_of(self) == Liveness::alive);
}

TEST_CASE("a child is alive until it becomes a zombie or is reaped") {
    Sleeper sleeper;
    const auto child = identify(sleeper.process().pid);
    REQUIRE(child.has_value());
    CHECK(liveness_of(*child) == Liveness::alive);

    sleeper.end();
    CHECK(identify(sleeper.process().pid) == child);
    CHECK(liveness_of(*child) == Liveness::gone);

    reap(sleeper.process().pid);
    CHECK(liveness_of(*child) == Liveness::gone);
    CHECK_FALSE(identify(sleeper.process().pid).has_value());
}

TEST_CASE("another process with the same pid is not the identified one") {
    ProcessIdentity before = current_process();
    before.start_ticks -= 1;
    CHECK(liveness_of(before) == Liveness::gone);
    CHECK_FALSE(is_stopped(before));
}

TEST_CASE("a process of an earlier boot of this machine is gone") {
    ProcessIdentity before = current_process();
    // Some test machines have none; then nothing tells an earlier boot from another machine.
    if (before.machine_id.empty()) {
        WARN("this machine has no machine id");
        return;
    }
    before.boot_id = "00000000-0000-4000-8000-000000000000";
    CHECK(liveness_of(before) == Liveness::gone);
    before.pid_namespace += 1;
    CHECK(liveness_of(before) == Liveness::gone);
}

TEST_CASE("the liveness of a process on another machine is unknown") {
    ProcessIdentity other = current_process();
    other.machine_id = "0123456789abcdef0123456789abcdef";
    if (current_process().machine_id.empty()) {
        WARN("this machine has no machine id");
        return;
    }
    CHECK(liveness_of(other) == Liveness::unknown);
    other.boot_id = "00000000-0000-4000-8000-000000000000";
    CHECK(liveness_of(other) == Liveness::unknown);
}

TEST_CASE("without a machine id another boot may be on another machine, so liveness is unknown") {
    ProcessIdentity other = current_process();
    other.machine_id.clear();
    CHECK(liveness_of(other) == Liveness::alive);
    other.boot_id = "00000000-0000-4000-8000-000000000000";
    CHECK(liveness_of(other) == Liveness::unknown);
}

TEST_CASE("starts noted in another time namespace are not compared") {
    Sleeper sleeper;
    ProcessIdentity child = identify(sleeper.process().pid).value();
    child.time_namespace = GENERATE(std::uint64_t{0}, std::uint64_t{4711});
    child.start_ticks += 100;
    CHECK(liveness_of(child) == Liveness::unknown);
    CHECK_FALSE(is_stopped(child));
    // That there is no such process is certain all the same.
    sleeper.end();
    reap(sleeper.process().pid);
    CHECK(liveness_of(child) == Liveness::gone);
}

TEST_CASE("the liveness of a process in another pid namespace is unknown") {
    ProcessIdentity elsewhere = current_process();
    elsewhere.pid_namespace += 1;
    CHECK(liveness_of(elsewhere) == Liveness::unknown);
    elsewhere.pid = 1;
    CHECK(liveness_of(elsewhere) == Liveness::unknown);
}

TEST_CASE("an incomplete identity is never considered gone") {
    CHECK(liveness_of(ProcessIdentity{}) == Liveness::unknown);
    ProcessIdentity no_pid = current_process();
    no_pid.pid = 0;
    CHECK(liveness_of(no_pid) == Liveness::unknown);
}

TEST_CASE("a stopped process is alive and detected as stopped") {
    Sleeper sleeper;
    const auto child = identify(sleeper.process().pid);
    REQUIRE(child.has_value());
    CHECK_FALSE(is_stopped(*child));

    REQUIRE(kill(sleeper.process().pid, SIGSTOP) == 0);
    siginfo_t stopped{};
    REQUIRE(waitid(P_PID, static_cast<id_t>(child->pid), &stopped, WSTOPPED) == 0);
    CHECK(is_stopped(*child));
    CHECK(liveness_of(*child) == Liveness::alive);

    REQUIRE(kill(sleeper.process().pid, SIGCONT) == 0);
    sleeper.end();
    reap(sleeper.process().pid);
}

TEST_CASE("a reused pid cannot be opened as a handle") {
    auto stat = proc_stat(getpid());
    REQUIRE(stat.has_value());
    CHECK(pin(*stat).has_value());
    stat->start_ticks += 1;
    CHECK_FALSE(pin(*stat).has_value());
}

}  // namespace atlasjob

#include "e2e/cli/sandbox.h"
#include "support/timeout.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace atlasjob {

namespace {

using test::Sandbox;

/// A sandbox with a named pipe into which --on-end hooks write a line.
struct OnEndPipe {
    OnEndPipe() {
        sandbox.environment()["ATLASJOB_ON_DEMAND_WORKER"] = "false";
        REQUIRE(mkfifo(pipe().c_str(), 0600) == 0);
        // Open for reading and writing: writers never block, and no line is lost between two reads.
        fd = open_file(pipe(), O_RDWR);
        REQUIRE(fd.valid());
    }

    std::string pipe() const { return sandbox.dir() / "on-end"; }
    /// An --on-end hook that writes `name`, the job's id and its status.
    std::string hook(const std::string& name) const {
        return fmt::format("echo {} $ATLASJOB_JOB_ID $ATLASJOB_STATUS > {}", name, pipe());
    }
    /// Waits for one line.
    std::string read_line() const {
        std::string line;
        for (char c = 0; c != '\n';) {
            pollfd readable{fd.get(), POLLIN, 0};
            REQUIRE(poll(&readable, 1, test::kTimeoutMs) == 1);
            REQUIRE(read(fd.get(), &c, 1) == 1);
            if (c != '\n') line += c;
        }
        return line;
    }
    std::string submit(
        const std::vector<std::string>& spec, const std::string& name, const char* script) const {
        std::vector<std::string> args{"submit", "--on-end", hook(name)};
        args.insert(args.end(), spec.begin(), spec.end());
        args.insert(args.end(), {"--", "sh", "-c", script});
        const test::Ran ran = sandbox.run(args);
        REQUIRE(ran.exit_status == 0);
        return ran.line();
    }

    Sandbox sandbox;
    UniqueFd fd;
};

}  // namespace

TEST_CASE("run runs the --on-end hook when its command has ended") {
    const OnEndPipe on_end;
    CHECK(
        on_end.sandbox.run({"run", "--on-end", on_end.hook("a"), "--", "false"}).exit_status == 1);
    const std::string id = on_end.sandbox.status("last")["job_id"];
    CHECK(on_end.read_line() == "a " + id + " error");
}

TEST_CASE("a worker runs the --on-end hook only after the last attempt") {
    const OnEndPipe on_end;
    const std::string id = on_end.submit({"--retries", "1", "--backoff", "0s"}, "a", "exit 1");
    auto worker = on_end.sandbox.start({"worker", "--slots", "1", "--idle-exit", "1s"});
    CHECK(on_end.read_line() == "a " + id + " error");
    CHECK(on_end.sandbox.status(id)["attempt"] == 2);
    CHECK(worker.wait().exit_status == 0);
}

TEST_CASE("cancel of a queued job runs its --on-end hook and those of its dependents") {
    const OnEndPipe on_end;
    const std::string first = on_end.submit({}, "first", "true");
    const std::string second = on_end.submit({"--after", first}, "second", "true");
    CHECK(on_end.sandbox.run({"cancel", first}).exit_status == 0);
    std::vector<std::string> lines{on_end.read_line(), on_end.read_line()};
    std::sort(lines.begin(), lines.end());
    CHECK(lines[0] == "first " + first + " cancelled");
    CHECK(lines[1] == "second " + second + " cancelled");
}

TEST_CASE("the --on-end hook runs for a dependent of a failed job, even if that job has none") {
    const OnEndPipe on_end;
    const std::string first = on_end.sandbox.create();
    const std::string second = on_end.submit({"--after", first}, "second", "true");
    CHECK(on_end.sandbox.run({"start", first}).exit_status == 0);
    CHECK(on_end.sandbox.run({"finish", first, "--error", "no"}).exit_status == 0);
    CHECK(on_end.read_line() == "second " + second + " cancelled");
    const std::string third = on_end.submit({"--after", first}, "third", "true");
    CHECK(on_end.read_line() == "third " + third + " cancelled");
}

TEST_CASE("the process that reaps a lost job runs its --on-end hook") {
    const OnEndPipe on_end;
    auto run = on_end.sandbox.start(
        {"run", "--on-end", on_end.hook("a"), "--", "sh", "-c", "echo up; exec sleep 1000"});
    REQUIRE(run.wait_for("up"));
    const std::string id = on_end.sandbox.status("last")["job_id"];
    run.kill_now();
    CHECK(on_end.sandbox.run({"gc"}).exit_status == 0);
    CHECK(on_end.read_line() == "a " + id + " error");
}

}  // namespace atlasjob

namespace atlasjob {

TEST_CASE("create --on-end runs the hook when the executor has ended the job") {
    const OnEndPipe on_end;
    const std::string id =
        on_end.sandbox.create({"--start", "--on-end", on_end.hook("a"), "--clean-env"});
    REQUIRE(on_end.sandbox.run({"finish", id}).exit_status == 0);
    CHECK(on_end.read_line() == "a " + id + " done");
    CHECK(on_end.sandbox.status(id)["command"].empty());
    CHECK(on_end.sandbox.status(id)["cwd"].is_null());
}

TEST_CASE("create --on-end runs the hook when the created job is cancelled") {
    const OnEndPipe on_end;
    const std::string id = on_end.sandbox.create({"--on-end", on_end.hook("a")});
    REQUIRE(on_end.sandbox.run({"cancel", id}).exit_status == 0);
    CHECK(on_end.read_line() == "a " + id + " cancelled");
}

}  // namespace atlasjob

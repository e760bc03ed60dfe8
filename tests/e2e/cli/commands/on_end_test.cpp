#include "e2e/cli/sandbox.h"

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

/// A sandbox with a pipe into which ended jobs say a line.
struct Words {
    Words() {
        sandbox.environment()["ATLASJOB_ON_DEMAND_WORKER"] = "false";
        REQUIRE(mkfifo(pipe().c_str(), 0600) == 0);
        // Open for as long as we listen: nobody waits for us, and no line is lost between two.
        end = open_file(pipe(), O_RDWR);
        REQUIRE(end.valid());
    }

    std::string pipe() const { return sandbox.dir() / "words"; }
    /// For --on-end: says `name`, the job and its status.
    std::string say(const std::string& name) const {
        return fmt::format("echo {} $ATLASJOB_JOB_ID $ATLASJOB_STATUS > {}", name, pipe());
    }
    /// Awaits one line.
    std::string hear() const {
        std::string line;
        for (char c = 0; c != '\n';) {
            pollfd waiting{end.get(), POLLIN, 0};
            REQUIRE(poll(&waiting, 1, 60'000) == 1);
            REQUIRE(read(end.get(), &c, 1) == 1);
            if (c != '\n') line += c;
        }
        return line;
    }
    std::string submit(
        const std::vector<std::string>& spec, const std::string& name, const char* script) const {
        std::vector<std::string> words{"submit", "--on-end", say(name)};
        words.insert(words.end(), spec.begin(), spec.end());
        words.insert(words.end(), {"--", "sh", "-c", script});
        const test::Ran ran = sandbox.run(words);
        REQUIRE(ran.exit_status == 0);
        return ran.line();
    }

    Sandbox sandbox;
    UniqueFd end;
};

}  // namespace

TEST_CASE("A command in the foreground that has ended is spoken for") {
    const Words words;
    CHECK(words.sandbox.run({"run", "--on-end", words.say("a"), "--", "false"}).exit_status == 1);
    const std::string id = words.sandbox.status("last")["job_id"];
    CHECK(words.hear() == "a " + id + " error");
}

TEST_CASE("A job that a worker ran is spoken for, once it will not be tried again") {
    const Words words;
    const std::string id = words.submit({"--retries", "1", "--backoff", "0s"}, "a", "exit 1");
    auto worker = words.sandbox.start({"worker", "--slots", "1", "--idle-exit", "1s"});
    CHECK(words.hear() == "a " + id + " error");
    CHECK(words.sandbox.status(id)["attempt"] == 2);
    CHECK(worker.wait().exit_status == 0);
}

TEST_CASE("A job that is cancelled while queued is spoken for, and so is who waited for it") {
    const Words words;
    const std::string first = words.submit({}, "first", "true");
    const std::string second = words.submit({"--after", first}, "second", "true");
    CHECK(words.sandbox.run({"cancel", first}).exit_status == 0);
    std::vector<std::string> said{words.hear(), words.hear()};
    std::sort(said.begin(), said.end());
    CHECK(said[0] == "first " + first + " cancelled");
    CHECK(said[1] == "second " + second + " cancelled");
}

TEST_CASE("Who waited for a job that failed is spoken for, though that job said nothing") {
    const Words words;
    const std::string first = words.sandbox.create();
    const std::string second = words.submit({"--after", first}, "second", "true");
    CHECK(words.sandbox.run({"start", first}).exit_status == 0);
    CHECK(words.sandbox.run({"finish", first, "--error", "no"}).exit_status == 0);
    CHECK(words.hear() == "second " + second + " cancelled");
    const std::string third = words.submit({"--after", first}, "third", "true");
    CHECK(words.hear() == "third " + third + " cancelled");
}

TEST_CASE("A job whose supervisor was killed is spoken for by whoever takes it back") {
    const Words words;
    auto run = words.sandbox.start(
        {"run", "--on-end", words.say("a"), "--", "sh", "-c", "echo up; exec sleep 1000"});
    REQUIRE(run.wait_for("up"));
    const std::string id = words.sandbox.status("last")["job_id"];
    run.kill_now();
    CHECK(words.sandbox.run({"gc"}).exit_status == 0);
    CHECK(words.hear() == "a " + id + " error");
}

}  // namespace atlasjob

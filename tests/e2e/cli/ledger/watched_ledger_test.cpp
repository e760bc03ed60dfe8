#include "e2e/cli/ledger/movable.h"

#include <algorithm>
#include <csignal>
#include <sstream>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
using nlohmann::json;
namespace fs = std::filesystem;

TEST_CASE("wait and logs -f start a worker for a queued job") {
    const auto* verb = GENERATE("wait", "logs");
    Movable m;
    m.sandbox.environment()[kOnDemand] = "false";
    const std::string job = m.sandbox.submit("true");
    m.sandbox.environment()[kOnDemand] = "true";
    std::vector<std::string> args = {verb, job};
    if (verb == std::string{"logs"}) args.emplace_back("-f");
    CHECK(m.sandbox.run(args).exit_status == 0);
    CHECK(m.sandbox.status(job)["status"] == "done");
}

TEST_CASE("where no inotify instance is left, commands that wait poll") {
    Movable m;
    m.sandbox.environment()[kOnDemand] = "true";
    const std::string program = m.sandbox.shell("printf %s \"$atlasjob\"").out;
    const auto without_inotify = [&](const std::string& script) {
        return m.sandbox.exec(
            {"unshare", "-Ur", "sh", "-c",
             "echo 0 >/proc/sys/user/max_inotify_instances || exit 99\natlasjob='" + program + "'\n"
                 + script});
    };
    if (const Ran probe = without_inotify("exit 0"); probe.exit_status != 0) {
        WARN("inotify cannot be limited here: " << probe.err);
        return;
    }
    const Ran doctor = without_inotify("$atlasjob import -q - </dev/null; $atlasjob doctor");
    CHECK(doctor.exit_status == 0);
    CHECK_THAT(doctor.out, Contains("no inotify instance left"));
    const Ran ran = without_inotify(
        "$atlasjob submit -q -- true >/dev/null; $atlasjob wait last; echo $?\n"
        "$atlasjob logs -f last; echo $?\n"
        "$atlasjob submit --follow -- echo followed 2>/dev/null; echo $?\n"
        "$atlasjob events -f last >/dev/null; echo $?\n"
        "$atlasjob status --watch last >/dev/null; echo $?\n"
        "$atlasjob worker --drain; echo $?");
    CHECK(ran.out == "0\n0\nfollowed\n0\n0\n0\n0\n");
}

namespace {

/// A command that watches job 2, and the text it prints once it does.
struct Watch {
    std::vector<std::string> args;
    std::string text;

    /// Starts it, fails job 1 and returns once the command watches job 2.
    Running start(const Sandbox& sandbox) const {
        Running running = sandbox.start(args);
        sandbox.run({"finish", "1", "--error", "broken"});
        if (args[0] == "wait")
            REQUIRE(running.wait_for_error(text));
        else
            REQUIRE(running.wait_for(text));
        return running;
    }
};

const std::vector<Watch> kWatches = {
    {{"wait", "2", "1"}, "broken"},
    {{"events", "-f", "2"}, "running"},
    {{"status", "--watch", "2"}, "running"}};

}  // namespace

TEST_CASE("a watched job continues in the restored ledger") {
    const Watch watch = GENERATE(from_range(kWatches));
    CAPTURE(watch.args[0]);
    const Movable m;
    m.sandbox.create({"--start"});
    m.sandbox.create({"--start"});
    m.back_up();
    Running watcher = watch.start(m.sandbox);
    m.move_database();
    m.restore();
    CHECK(m.sandbox.run({"finish", "2", "--error", "restored"}).exit_status == 0);
    const Ran ran = watcher.wait();
    CHECK(ran.exit_status == (watch.args[0] == "wait" ? 1 : 0));
    CHECK_THAT(ran.out + ran.err, Contains("restored") || Contains("running -> error"));
}

TEST_CASE("watching a job that is missing in the restored ledger exits with 4") {
    const Watch watch = GENERATE(from_range(kWatches));
    CAPTURE(watch.args[0]);
    const Movable m;
    m.sandbox.create({"--start"});
    m.back_up();
    m.sandbox.create({"--start"});
    Running watcher = watch.start(m.sandbox);
    m.move_database();
    m.restore();
    const Ran ran = watcher.wait();
    CHECK(ran.exit_status == 4);
    CHECK_THAT(ran.err, Contains("no longer exists"));
}

TEST_CASE("watching a ledger that was removed exits with 7 and creates none") {
    const Watch watch = GENERATE(
        from_range(kWatches), Watch{{"events", "-f"}, "running"},
        Watch{{"status", "--watch"}, "running"});
    CAPTURE(watch.args[0]);
    const Movable m;
    m.sandbox.create({"--start"});
    m.sandbox.create({"--start"});
    Running watcher = watch.start(m.sandbox);
    m.move_directory();
    const Ran ran = watcher.wait();
    CHECK(ran.exit_status == 7);
    CHECK_THAT(ran.err, Contains("the ledger " + m.ledger + " was moved or removed"));
    CHECK_FALSE(fs::exists(m.home));
}

TEST_CASE("logs -f continues in the restored ledger, or reports that the ledger is gone") {
    const bool is_restored = GENERATE(true, false);
    CAPTURE(is_restored);
    const Movable m;
    m.sandbox.submit("echo begins; " + m.blocked());
    m.await_up();
    m.back_up();
    Running logs = m.sandbox.start({"logs", "-f", "1"});
    REQUIRE(logs.wait_for("begins"));
    if (is_restored) {
        m.move_database();
        m.restore();
    } else {
        m.move_directory();
        const bool reported = logs.wait_for_error("was moved or removed");
        INFO(logs.errors());
        REQUIRE(reported);
    }
    m.go();
    // In the restored copy the job is lost once its supervisor has exited.
    CHECK(logs.wait().exit_status == (is_restored ? 0 : 7));
    if (is_restored) CHECK(m.sandbox.status("1")["reason"] == "worker_lost");
    CHECK(fs::exists(m.home) == is_restored);
}

TEST_CASE("submit --follow continues after the ledger is moved back, or reports that it is gone") {
    const bool is_restored = GENERATE(true, false);
    CAPTURE(is_restored);
    const Movable m;
    Running follower = m.sandbox.start(
        {"submit", "--follow", "--", "sh", "-c", "echo begins; " + m.blocked("echo ends")});
    REQUIRE(follower.wait_for("begins"));
    m.await_up();
    if (is_restored) {
        m.move_directory();
        fs::rename(m.away, m.home);
    } else {
        m.move_directory();
        REQUIRE(follower.wait_for_error("was moved or removed"));
    }
    m.go();
    const Ran ran = follower.wait();
    CHECK(ran.exit_status == (is_restored ? 0 : 7));
    if (is_restored) CHECK_THAT(ran.out, Contains("ends"));
    CHECK(fs::exists(m.home) == is_restored);
}

TEST_CASE("events -f continues in a restored ledger without repeating events") {
    const Movable m;
    m.sandbox.create();
    m.back_up();
    m.sandbox.create();
    Running events = m.sandbox.start({"events", "-f", "--json"});
    REQUIRE(events.wait_for("\"seq\":2,"));
    m.move_database();
    m.restore();
    // Its event has a number that the previous file gave to another event.
    const std::string job = m.sandbox.create();
    REQUIRE(events.wait_for(job));
    events.signal(SIGINT);
    const std::string out = events.wait().out;
    CHECK(std::count(out.begin(), out.end(), '\n') == 3);
}

namespace {

/// An MCP server that keeps running while its ledger is moved.
class Server {
  public:
    explicit Server(const Sandbox& sandbox)
        : running_(sandbox.start({"mcp", "--allow", "submit,retry"})) {
        send(
            "initialize", {{"protocolVersion", "2025-06-18"},
                           {"capabilities", json::object()},
                           {"clientInfo", {{"name", "t"}, {"version", "1"}}}});
    }

    /// Calls a tool and waits for the response.
    void call(const std::string& tool, const json& arguments) {
        send("tools/call", {{"name", tool}, {"arguments", arguments}});
    }
    /// The results of the calls, in order.
    std::vector<json> results() {
        running_.close_input();
        std::vector<json> results;
        std::istringstream lines{running_.wait().out};
        for (std::string line; std::getline(lines, line);)
            results.push_back(json::parse(line).at("result"));
        results.erase(results.begin());  // Of initialize.
        return results;
    }

  private:
    void send(const std::string& method, const json& params) {
        const json request = {
            {"jsonrpc", "2.0"}, {"id", ++id_}, {"method", method}, {"params", params}};
        running_.write(request.dump() + "\n");
        REQUIRE(running_.wait_for(fmt::format("\"id\":{}", id_)));
    }

    Running running_;
    int id_ = 100;
};

}  // namespace

TEST_CASE("an MCP server does not recreate its removed ledger and serves the restored one") {
    Movable m;
    const std::string old = m.sandbox.create();
    m.back_up();
    Server server{m.sandbox};
    server.call("list_jobs", json::object());
    m.move_directory();
    server.call("submit_job", {{"script", "true"}});
    server.call("retry_job", {{"job_id", old}});
    CHECK_FALSE(fs::exists(m.home));
    fs::rename(m.away, m.home);
    server.call("submit_job", {{"script", "true"}});
    m.move_database();
    m.restore();
    server.call("submit_job", {{"script", "true"}});
    server.call("list_jobs", json::object());
    const auto results = server.results();
    REQUIRE(results.size() == 6);
    CHECK(results[1]["isError"] == true);
    CHECK_THAT(results[1].dump(), Contains("there is no ledger at " + m.ledger));
    CHECK(results[2]["isError"] == true);
    CHECK(results[3]["structuredContent"]["status"] == "queued");
    CHECK(results[5]["structuredContent"]["total"] == 2);
    CHECK(m.wait_only({results[4]["structuredContent"]["job_id"]}) == 0);
}

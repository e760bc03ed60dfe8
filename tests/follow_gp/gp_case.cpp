#include "follow_gp/gp_case.h"

#include "base/text.h"
#include "store/open.h"
#include "support/places.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace atlasjob::test {

namespace {

Running start_server(const Sandbox& sandbox, const TempDir& dir, Json script) {
    script["task"] = kTaskPath;
    script["log"] = dir / "requests";
    const std::string path = dir / "script";
    if (!write_all(open_file(path, O_CREAT | O_WRONLY, 0600).get(), script.dump()))
        throw std::runtime_error("cannot write " + path);
    return sandbox.start_program({kPython, source_path("tests/follow_gp/gp_server.py"), path});
}

}  // namespace

Json answer(const Json& json) {
    return {{"json", json}};
}

Json failure(int code, const std::string& message) {
    return answer({{"error", {{"code", code}, {"message", message}, {"details", Json::array()}}}});
}

Json job_answer(const std::string& gp_status, const Json& extra) {
    Json job = {{"jobId", kGpJob}, {"jobStatus", gp_status}, {"messages", Json::array()}};
    job.update(extra);
    return answer(job);
}

Json executing(int percent, const std::string& message) {
    return job_answer(
        "esriJobExecuting",
        {{"progress", {{"type", "step"}, {"message", message}, {"percent", percent}}}});
}

Json message(const std::string& type, const std::string& text) {
    return {{"type", "esriJobMessageType" + type}, {"description", text}};
}

Json held(Json answer) {
    answer["hold"] = true;
    return answer;
}

GpServer::GpServer(const Sandbox& sandbox, const Json& script)
    : running_(start_server(sandbox, dir_, script)) {
    const bool listens = script.value("listen", true);
    const std::string line = running_.first_line();
    port_ = parse_integer<int>(std::string_view{line}.substr(5)).value();
    const char* const scheme = script.contains("cert") ? "https" : "http";
    task_url_ = fmt::format("{}://127.0.0.1:{}{}", scheme, port_, kTaskPath);
    if (listens) await("ready");
}

void GpServer::await(const std::string& text) {
    INFO("the server's requests so far: " << requests());
    REQUIRE(running_.wait_for(text));
}

std::string GpServer::requests() const {
    return read_file(dir_ / "requests").value_or("");
}

long GpServer::count(const std::string& prefix) const {
    const std::string all = requests();
    const auto lines = split(all, '\n');
    return std::ranges::count_if(
        lines, [&](std::string_view line) { return line.starts_with(prefix); });
}

Running GpCase::start(const std::string& url, const std::vector<std::string>& options) const {
    std::vector<std::string> argv = {
        kFollowGpProgram, "--task-url", url,          "--job-id", kGpJob,
        "--poll-min",     "1ms",        "--poll-max", "20ms"};
    argv.insert(argv.end(), options.begin(), options.end());
    return sandbox.start_program(argv);
}

void GpCase::await(const std::function<bool(const Job&)>& condition) const {
    const auto store = open_store(parse_address(sandbox.ledger()), OpenMode::read);
    const auto changes = store->watch_changes();
    static constexpr int kMaxIdleWaits = 90;
    for (int idle_waits = 0; idle_waits < kMaxIdleWaits;) {
        const auto job = store->get({JobRef::Kind::last, 0, {}}, {"alice", false}, Detail::summary);
        if (job && condition(*job)) return;
        if (!changes->wait(std::chrono::seconds{1})) ++idle_waits;
    }
    FAIL("the job never met the condition: " << job().dump());
}

std::vector<std::string> GpCase::events() const {
    const Ran ran = sandbox.run({"events", "last", "--json"});
    std::vector<std::string> types;
    for (const std::string_view line : split(ran.out, '\n'))
        if (!line.empty()) types.push_back(Json::parse(line).at("type"));
    return types;
}

std::string GpCase::logs(const std::vector<std::string>& options) const {
    std::vector<std::string> args = {"logs", "last"};
    args.insert(args.end(), options.begin(), options.end());
    return sandbox.run(args).out;
}

}  // namespace atlasjob::test

#include "mcp/scene.h"

#include <filesystem>

using namespace atlasjob;
using namespace std::chrono_literals;
using nlohmann::json;
using test::Client;
using test::options_for;

namespace {

constexpr const char* kSubscription = "io.modelcontextprotocol/subscriptionId";

mcp::ServerOptions eager_options(const std::string& ledger) {
    auto options = options_for(ledger);
    options.heartbeat_interval = 50ms;
    return options;
}

struct Scene : test::SharedScene {
    using SharedScene::SharedScene;

    json poll(const std::string& name, const json& cursor, json more = json::object()) {
        more["name"] = name;
        more["cursor"] = cursor;
        return client.modern_result("events/poll", std::move(more));
    }
    /// The position of now.
    std::string position(const std::string& name = "job.ended") {
        const json page = poll(name, nullptr);
        CHECK(page.at("events").empty());
        CHECK(page.at("truncated") == false);
        return page.at("cursor");
    }
    void stream(const std::string& id_json, json params) {
        client.post(id_json, "events/stream", Client::with_meta(std::move(params)));
    }
    AttemptKey running() { return jobs.running(jobs.created_spec()); }
    void end(const AttemptKey& attempt, const Outcome& outcome = test::ended_done()) {
        REQUIRE(ledger.store().finish(attempt, outcome, "alice"));
    }
    void report(const AttemptKey& attempt, double progress) {
        Report report;
        report.progress = progress;
        REQUIRE(ledger.store().report(attempt, report));
    }
};

/// "job_id:status" of each event.
std::string summary(const json& page) {
    std::string words;
    for (const json& event : page.at("events"))
        words += event.at("data").at("job_id").get<std::string>() + ":"
                 + event.at("data").at("status").get<std::string>() + " ";
    return words;
}

}  // namespace

TEST_CASE("events are announced under the extension's name and as a capability of their own") {
    Scene scene;
    for (const json& capabilities :
         {scene.client.modern_result("server/discover").at("capabilities"),
          scene.client
              .result(
                  "initialize", {{"protocolVersion", "2025-11-25"},
                                 {"capabilities", json::object()},
                                 {"clientInfo", {{"name", "test"}, {"version", "1"}}}})
              .at("capabilities")}) {
        CHECK(capabilities.at("events") == json::object());
        CHECK(capabilities.at("extensions").at("io.modelcontextprotocol/events") == json::object());
    }
    auto options = options_for(scene.ledger.path());
    options.contract = "cidx";
    Client other{options};
    CHECK_FALSE(other.modern_result("server/discover").at("capabilities").contains("events"));
    CHECK(other.modern_error("events/list").at("code") == -32601);
}

TEST_CASE("events/list has each type with its delivery and schemas, in both protocols") {
    Scene scene;
    const json listed = scene.client.modern_result("events/list");
    CHECK(listed.at("resultType") == "complete");
    std::string names;
    for (const json& type : listed.at("events")) {
        names += type.at("name").get<std::string>() + " ";
        CHECK(type.at("delivery") == json::array({"poll", "push"}));
        CHECK(type.at("inputSchema").at("type") == "object");
        CHECK(type.at("payloadSchema").at("type") == "object");
        CHECK_FALSE(type.at("description").get<std::string>().empty());
    }
    CHECK(names == "job.started job.progress job.ended job.cancel_requested ");
    CHECK(scene.client.result("events/list").at("events") == listed.at("events"));
}

TEST_CASE("from a cursor each event is sent, and not again from the cursor of that answer") {
    Scene scene;
    const std::string start = scene.position();
    const JobId done = scene.jobs.in(Status::done).job_id;
    const JobId failed = scene.jobs.in(Status::error).job_id;
    const JobId cancelled = scene.jobs.in(Status::cancelled).job_id;
    const json page = scene.poll("job.ended", start);
    CHECK(
        summary(page)
        == done.str() + ":done " + failed.str() + ":error " + cancelled.str() + ":cancelled ");
    CHECK(page.at("truncated") == false);
    CHECK(page.at("hasMore") == false);
    CHECK(page.at("nextPollMs").get<int>() >= 1000);
    const json& first = page.at("events")[0];
    CHECK(first.at("name") == "job.ended");
    CHECK(first.at("timestamp") == format_time(scene.jobs.get(done).ended_at.value()));
    CHECK(first.at("data").at("uri") == "atlas://job/" + done.str());
    CHECK(scene.poll("job.ended", page.at("cursor")).at("events").empty());
    // Another process goes on from there, and the first cursor still gives the same.
    Client other{options_for(scene.ledger.path())};
    const json again =
        other.modern_result("events/poll", {{"name", "job.ended"}, {"cursor", start}});
    CHECK(again.at("events") == page.at("events"));
    CHECK(
        other.result("events/poll", {{"name", "job.ended"}, {"cursor", start}}).at("events")
        == page.at("events"));
}

TEST_CASE("an attempt that is followed by another is no end, and a retry ends again") {
    Scene scene;
    NewJob spec = scene.jobs.command_spec();
    spec.max_attempts = 2;
    const std::string start = scene.position();
    scene.jobs.in(Status::error, spec);
    scene.ledger.store().retry(spec.job_id, "alice");
    scene.end(scene.jobs.open_attempt(spec.job_id));
    CHECK(
        summary(scene.poll("job.ended", start))
        == spec.job_id.str() + ":error " + spec.job_id.str() + ":done ");
    CHECK(scene.poll("job.started", start).at("events").size() == 3);
    CHECK(scene.poll("job.cancel_requested", start).at("events").empty());
}

TEST_CASE("an end has the reason, exit code and error of its own run, also after a retry") {
    Scene scene;
    const std::string start = scene.position();
    Outcome failed = test::ended_error();
    failed.reason = Reason::exit_code;
    failed.exit_code = 3;
    failed.error = "command exited with 3";
    const AttemptKey attempt = scene.running();
    scene.end(attempt, failed);
    const json now = scene.poll("job.ended", start).at("events")[0].at("data");
    CHECK(now.at("reason") == "exit_code");
    CHECK(now.at("exit_code") == 3);
    CHECK(now.at("error") == "command exited with 3");
    scene.clock.advance(1s);
    scene.ledger.store().retry(attempt.job_id, "alice");
    const json later = scene.poll("job.ended", start).at("events")[0].at("data");
    CHECK(later.at("status") == "error");
    CHECK(later.at("reason") == "exit_code");
    CHECK(later == now);
    // The next run ends otherwise; both ends stay what they are.
    scene.end(scene.jobs.open_attempt(attempt.job_id));
    const json both = scene.poll("job.ended", start).at("events");
    REQUIRE(both.size() == 2);
    CHECK(both[0].at("data") == now);
    CHECK(both[1].at("data").at("status") == "done");
    CHECK(both[1].at("data").at("exit_code") == 0);
    CHECK(both[1].at("data").at("error").is_null());
}

TEST_CASE("a page has at most as many events as asked for and says that there are more") {
    Scene scene;
    const std::string start = scene.position();
    std::string expected;
    for (int n = 0; n < 5; ++n)
        expected += scene.jobs.in(Status::done).job_id.str() + ":done ";
    std::string seen;
    json cursor = start;
    for (int pages = 1;; ++pages) {
        REQUIRE(pages <= 3);
        const json page = scene.poll("job.ended", cursor, {{"maxEvents", 2}});
        CHECK(page.at("events").size() <= 2);
        seen += summary(page);
        cursor = page.at("cursor");
        if (!page.at("hasMore")) break;
    }
    CHECK(seen == expected);
}

TEST_CASE("arguments select events of one job or kind") {
    Scene scene;
    const std::string start = scene.position();
    NewJob sync = scene.jobs.command_spec();
    sync.kind = "sync";
    scene.jobs.in(Status::done, sync);
    const JobId other = scene.jobs.in(Status::error).job_id;
    const auto with = [&](const json& arguments) {
        return summary(scene.poll("job.ended", start, {{"arguments", arguments}}));
    };
    CHECK(with({{"kind", "sync"}}) == sync.job_id.str() + ":done ");
    CHECK(with({{"job_id", other.str()}}) == other.str() + ":error ");
    CHECK(with({{"job_id", other.str()}, {"kind", nullptr}}) == other.str() + ":error ");
    CHECK(with({{"kind", "nothing"}}).empty());
}

TEST_CASE("events of other owners' jobs are not sent, not even to an admin") {
    Scene scene;
    auto options = options_for(scene.ledger.path());
    options.principal = Principal{"alice", true};
    Client admin{options};
    const std::string start = scene.position();
    NewJob bobs = scene.jobs.command_spec();
    bobs.owner = "bob";
    scene.jobs.in(Status::done, bobs);
    const json params = {{"name", "job.ended"}, {"cursor", start}};
    for (Client* client : {&scene.client, &admin}) {
        const json page = client->modern_result("events/poll", params);
        CHECK(page.at("events").empty());
        CHECK(page.at("cursor") != start);
    }
    options.principal.reset();
    Client nobody{options};
    CHECK(nobody.modern_error("events/poll", params).at("code") == -32024);
    CHECK(nobody.modern_result("events/list").at("events").size() == 4);
}

TEST_CASE("a cursor that is older than what is kept, or of no ledger, is truncated") {
    Scene scene;
    scene.jobs.queued(scene.jobs.created_spec());
    scene.clock.advance(1s);
    const std::string start = scene.position();
    const JobId gone = scene.jobs.in(Status::done).job_id;
    const JobId kept = scene.jobs.in(Status::error).job_id;
    scene.ledger.store().remove(gone);
    const json page = scene.poll("job.ended", start);
    CHECK(page.at("truncated") == true);
    CHECK(summary(page) == kept.str() + ":error ");
    CHECK(scene.poll("job.ended", page.at("cursor")).at("truncated") == false);
    for (const char* cursor : {"999999", "historyId_99842", "-1", "", "t12"}) {
        CAPTURE(cursor);
        const json fresh = scene.poll("job.ended", cursor);
        CHECK(fresh.at("truncated") == true);
        CHECK(fresh.at("events").empty());
        CHECK(fresh.at("cursor") == page.at("cursor"));
    }
}

TEST_CASE("maxAgeMs leaves out older events and says so") {
    Scene scene;
    // An hour behind the server's clock.
    scene.clock.step(SystemClock{}.now() - 1h - scene.clock.now());
    const std::string start = scene.position();
    scene.jobs.in(Status::done);
    const json all = scene.poll("job.ended", start, {{"maxAgeMs", 7'200'000}});
    CHECK(all.at("events").size() == 1);
    CHECK(all.at("truncated") == false);
    const json none = scene.poll("job.ended", start, {{"maxAgeMs", 60'000}});
    CHECK(none.at("events").empty());
    CHECK(none.at("truncated") == true);
}

TEST_CASE("progress is reported as the latest state of each running job, once") {
    Scene scene;
    const AttemptKey first = scene.running();
    const AttemptKey silent = scene.running();
    const json start = "t" + std::to_string(to_ms(scene.clock.now()));
    scene.clock.advance(1s);
    scene.report(first, 0.25);
    scene.clock.advance(1s);
    scene.report(first, 0.5);
    const json page = scene.poll("job.progress", start);
    REQUIRE(page.at("events").size() == 1);
    const json& event = page.at("events")[0];
    CHECK(event.at("data").at("job_id") == first.job_id.str());
    CHECK(event.at("data").at("progress") == 0.5);
    CHECK(event.at("timestamp") == format_time(scene.clock.now()));
    CHECK(scene.poll("job.progress", page.at("cursor")).at("events").empty());
    scene.clock.advance(1s);
    scene.report(silent, 0.1);
    const json next = scene.poll("job.progress", page.at("cursor"));
    CHECK(summary(next) == silent.job_id.str() + ":running ");
    CHECK(scene.poll("job.progress", "57").at("truncated") == true);
    CHECK(scene.poll("job.progress", nullptr).at("cursor").get<std::string>().front() == 't');
}

TEST_CASE("invalid subscriptions are refused as the extension has it, by both methods") {
    Scene scene;
    const auto code = [&](const char* method, const json& params) {
        return scene.client.modern_error(method, params).at("code").get<int>();
    };
    for (const char* method : {"events/poll", "events/stream"}) {
        CAPTURE(method);
        const json unknown = scene.client.modern_error(method, {{"name", "job.vanished"}});
        CHECK(unknown.at("code") == -32023);
        CHECK(unknown.at("data") == json{{"kind", "event"}});
        CHECK(code(method, json::object()) == -32602);
        CHECK(code(method, {{"name", 5}}) == -32602);
        for (const json& arguments :
             {json{{"job_id", "42"}}, json{{"job_id", 5}}, json{{"kind", ""}}, json{{"x", 1}},
              json::array(), json("text")})
            CHECK(code(method, {{"name", "job.ended"}, {"arguments", arguments}}) == -32602);
        const std::string message =
            scene.client
                .modern_error(method, {{"name", "job.ended"}, {"arguments", {{"jobid", "x"}}}})
                .at("message");
        CHECK(message.find("\"jobid\" is not an argument (did you mean job_id?)") != message.npos);
        CHECK(code(method, {{"name", "job.ended"}, {"cursor", 5}}) == -32602);
        CHECK(code(method, {{"name", "job.ended"}, {"maxAgeMs", -1}}) == -32602);
        CHECK(code(method, {{"name", "job.ended"}, {"maxAgeMs", 18446744073709551615U}}) == -32602);
    }
    CHECK(code("events/poll", {{"name", "job.ended"}, {"maxEvents", 0}}) == -32602);
    CHECK(code("events/subscribe", {{"name", "job.ended"}}) == -32601);
}

TEST_CASE("a stream confirms its position, then sends each event as it is committed") {
    Scene scene;
    const JobId before = scene.jobs.in(Status::done).job_id;
    const std::string start = scene.position();
    scene.stream(R"("s")", {{"name", "job.ended"}, {"cursor", nullptr}});
    const json active = scene.client.take();
    CHECK(active.at("method") == "notifications/events/active");
    CHECK(active.at("params").at("cursor") == start);
    CHECK(active.at("params").at("truncated") == false);
    CHECK(active.at("params").at("_meta") == json{{kSubscription, "s"}});
    CHECK(scene.client.is_quiet());
    const AttemptKey attempt = scene.running();
    scene.end(attempt);
    const json event = scene.client.take();
    CHECK(event.at("method") == "notifications/events/event");
    const json& params = event.at("params");
    CHECK(params.at("name") == "job.ended");
    CHECK(params.at("data").at("job_id") == attempt.job_id.str());
    CHECK(params.at("_meta") == json{{kSubscription, "s"}});
    // The same event, with the same id, and not from the cursor after it.
    const json polled = scene.poll("job.ended", start).at("events")[0];
    CHECK(polled.at("eventId") == params.at("eventId"));
    CHECK(polled.at("data") == params.at("data"));
    CHECK(scene.poll("job.ended", params.at("cursor")).at("events").empty());
    CHECK(scene.jobs.get(before).status == Status::done);
}

TEST_CASE("a stream that is opened with a cursor begins with what has happened since") {
    Scene scene;
    const std::string start = scene.position();
    std::vector<std::string> ids;
    for (int n = 0; n < 250; ++n)
        ids.push_back(scene.jobs.in(Status::done).job_id.str());
    scene.stream("7", {{"name", "job.ended"}, {"cursor", start}});
    CHECK(scene.client.take().at("params").at("cursor") == start);
    for (const std::string& id : ids) {
        const json event = scene.client.take().at("params");
        CHECK(event.at("data").at("job_id") == id);
        CHECK(event.at("_meta") == json{{kSubscription, 7}});
    }
    CHECK(scene.client.is_quiet());
}

TEST_CASE("a stream that has lost events gives a position before those that it still sends") {
    Scene scene;
    scene.stream("1", {{"name", "job.ended"}});
    const json start = scene.client.take().at("params").at("cursor");
    scene.clock.advance(1s);
    scene.ledger.store().remove(scene.jobs.in(Status::done).job_id);
    const JobId kept = scene.jobs.in(Status::error).job_id;
    const json active = scene.client.take();
    CHECK(active.at("method") == "notifications/events/active");
    CHECK(active.at("params").at("truncated") == true);
    CHECK(scene.client.take().at("params").at("data").at("job_id") == kept.str());
    // A client that was cut off between the two loses nothing.
    const json page = scene.poll("job.ended", active.at("params").at("cursor"));
    CHECK(summary(page) == kept.str() + ":error ");
    CHECK(page.at("truncated") == true);
    CHECK(active.at("params").at("cursor") == start);
}

TEST_CASE("maxAgeMs of a stream leaves out old events, and none that happens while it is open") {
    Scene scene;
    // An hour behind the server's clock, so that every event is old.
    scene.clock.step(SystemClock{}.now() - 1h - scene.clock.now());
    const std::string start = scene.position();
    scene.jobs.in(Status::done);
    scene.stream("1", {{"name", "job.ended"}, {"cursor", start}, {"maxAgeMs", 0}});
    const json active = scene.client.take();
    CHECK(active.at("params").at("truncated") == true);
    CHECK(scene.client.is_quiet());
    for (int n = 0; n < 5; ++n) {
        const JobId job = scene.jobs.in(Status::done).job_id;
        const json event = scene.client.take();
        CHECK(event.at("method") == "notifications/events/event");
        CHECK(event.at("params").at("data").at("job_id") == job.str());
    }
}

namespace {

/// A ledger that can be replaced by a new one at its path.
struct ReplaceableLedger {
    void open() { store = open_store(parse_address(path), OpenMode::create, clock); }
    void replace() {
        store.reset();
        for (const char* suffix : {"", "-wal", "-shm"})
            std::filesystem::remove(path + suffix);
        open();
    }
    JobId end_job() { return test::JobFactory{*store, clock}.in(Status::done).job_id; }

    test::TempDir dir;
    std::string path = dir / "ledger.db";
    test::FakeClock clock;
    std::unique_ptr<Store> store;
};

}  // namespace

TEST_CASE("a stream continues with what is new in a ledger that replaces its own, however long") {
    const int older = GENERATE(0, 1, 3);
    CAPTURE(older);
    ReplaceableLedger ledger;
    ledger.clock.set(SystemClock{}.now());
    ledger.open();
    const JobId first = ledger.end_job();
    Client client{options_for(ledger.path)};
    client.post("1", "events/stream", Client::with_meta({{"name", "job.ended"}, {"cursor", "0"}}));
    CHECK(client.take().at("params").at("truncated") == false);
    CHECK(client.take().at("params").at("data").at("job_id") == first.str());
    // The new one may have jobs that ended before, as a restored copy has.
    ledger.clock.step(-1h);
    ledger.replace();
    for (int n = 0; n < older; ++n)
        ledger.end_job();
    ledger.clock.step(2h);
    const JobId later = ledger.end_job();
    const json active = client.take();
    CHECK(active.at("method") == "notifications/events/active");
    CHECK(active.at("params").at("truncated") == true);
    CHECK(client.take().at("params").at("data").at("job_id") == later.str());
    // Once: the next event comes alone.
    const JobId last = ledger.end_job();
    CHECK(client.take().at("params").at("data").at("job_id") == last.str());
    CHECK(client.is_quiet());
}

TEST_CASE("a quiet stream gives signs of life with its position") {
    Scene scene{eager_options};
    scene.stream("1", {{"name", "job.ended"}});
    const json active = scene.client.take();
    const json beat = scene.client.take();
    CHECK(beat.at("method") == "notifications/events/heartbeat");
    CHECK(beat.at("params").at("cursor") == active.at("params").at("cursor"));
    CHECK(beat.at("params").at("_meta") == json{{kSubscription, 1}});
    // The position advances with events that the stream does not send.
    scene.jobs.queued();
    std::string cursor;
    while (cursor.empty() || cursor == active.at("params").at("cursor"))
        cursor = scene.client.take().at("params").at("cursor");
    CHECK(cursor == scene.position());
}

TEST_CASE("a cancelled stream is silent, and the others end with an empty result") {
    Scene scene;
    scene.stream(R"("a")", {{"name", "job.ended"}});
    scene.client.take();
    scene.stream(R"("b")", {{"name", "job.ended"}});
    scene.client.take();
    scene.client.notify("notifications/cancelled", {{"requestId", "a"}});
    scene.end(scene.running());
    CHECK(scene.client.take().at("params").at("_meta") == json{{kSubscription, "b"}});
    CHECK(scene.client.is_quiet());
    scene.client.finish();
    const json result = scene.client.take();
    CHECK(result.at("id") == "b");
    CHECK(result.at("result").at("resultType") == "complete");
    CHECK(scene.client.is_quiet());
}

TEST_CASE("events of a ledger that does not exist yet are sent once it does") {
    test::TempDir dir;
    const std::string path = dir / "later/ledger.db";
    Client client{options_for(path)};
    const json params = {{"name", "job.ended"}, {"cursor", nullptr}};
    const json page = client.modern_result("events/poll", params);
    CHECK(page.at("events").empty());
    test::FakeClock clock;
    const auto store = open_store(parse_address(path), OpenMode::create, clock);
    test::JobFactory jobs{*store, clock};
    const JobId id = jobs.in(Status::done).job_id;
    const json later =
        client.modern_result("events/poll", {{"name", "job.ended"}, {"cursor", page.at("cursor")}});
    CHECK(summary(later) == id.str() + ":done ");
}

// What the standard input of a server may hold, in both eras: each line gets the answer it deserves
// or none, the next good request is answered, and the end of the input ends the server in order.
#include "mcp/ledger_fixture.h"
#include "mcp/server/server_process.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fmt/format.h>
#include <sys/wait.h>

#include <array>
#include <memory>

using namespace atlasjob;
using nlohmann::json;
using test::LedgerFixture;
using test::ServerProcess;
using test::TempDir;

namespace {

/// How a client of an era opens, and a request of it that is always answered.
struct Era {
    const char* name;
    std::string opening;  ///< With its newline; empty: none.
    std::string good;
};

std::string modern_meta(const std::string& revision = "2026-07-28") {
    return R"("_meta":{"io.modelcontextprotocol/protocolVersion":")" + revision
           + R"(","io.modelcontextprotocol/clientCapabilities":{}})";
}

Era legacy() {
    return {
        "legacy",
        R"({"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":)"
        R"("2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})"
        "\n",
        R"({"jsonrpc":"2.0","id":"good","method":"tools/list","params":{}})"};
}

Era modern() {
    return {
        "modern", "",
        R"({"jsonrpc":"2.0","id":"good","method":"tools/list","params":{)" + modern_meta() + "}}"};
}

/// A server whose client has just opened the conversation.
class Conversation {
  public:
    explicit Conversation(const Era& era) : era_(era), server_(dir_ / "none.db") {
        if (era.opening.empty()) return;
        server_.write(era.opening);
        REQUIRE(next().contains("result"));
    }

    ServerProcess& server() { return server_; }
    json next() { return json::parse(server_.read_line().value()); }

    /// What came back for `bytes` and a good request behind them: all but the good answer.
    std::vector<json> send(const std::string& bytes) {
        server_.write(bytes + "\n" + era_.good + "\n");
        std::vector<json> answers;
        for (json answer = next(); answer.value("id", json{}) != "good"; answer = next())
            answers.push_back(std::move(answer));
        return answers;
    }

    void end() {
        server_.close_input();
        CHECK_FALSE(server_.read_line());
        const int status = server_.wait();
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 0);
    }

  private:
    const Era& era_;
    TempDir dir_;
    ServerProcess server_;
};

/// A line and the error it gets: its code, and its id or nothing at all.
struct Row {
    std::string line;
    int code;
    std::string id_json;  ///< Empty: the error has no id.
};

void check_row(Conversation& conversation, const Row& row) {
    CAPTURE(row.line.substr(0, 200));
    const auto answers = conversation.send(row.line);
    REQUIRE(answers.size() == 1);
    const json& answer = answers.front();
    CAPTURE(answer.dump());
    CHECK(answer.at("error").at("code") == row.code);
    CHECK_FALSE(answer.at("error").at("message").get<std::string>().empty());
    CHECK(answer.contains("id") == !row.id_json.empty());
    if (!row.id_json.empty()) CHECK(answer.at("id") == json::parse(row.id_json));
}

std::string request(const std::string& id_json, const std::string& rest) {
    return R"({"jsonrpc":"2.0","id":)" + id_json + "," + rest + "}";
}

/// The params of a request: `members`, if any, and what the era demands besides.
std::string params_of(const Era& era, const std::string& members) {
    const bool is_modern = era.opening.empty();
    const std::string comma = is_modern && !members.empty() ? "," : "";
    return R"("params":{)" + members + comma + (is_modern ? modern_meta() : "") + "}";
}

const Era& era_at(std::size_t index) {
    static const std::array eras = {legacy(), modern()};
    return eras.at(index);
}

}  // namespace

TEST_CASE("What is no message is an error without an id, and the next request is answered") {
    const Era& era = era_at(GENERATE(0U, 1U));
    CAPTURE(era.name);
    Conversation conversation{era};
    const std::vector<Row> rows = {
        {"{bad json", -32700, ""},
        {R"({"jsonrpc":"2.0","id":1,"method":"pi)", -32700, ""},
        {std::string(100'000, '['), -32700, ""},
        {std::string(100'000, '{'), -32700, ""},
        {"\xff\xfe not text", -32700, ""},
        {request("1", "\"method\":\"\xc3\x28\""), -32700, ""},
        {"[]", -32600, ""},
        {"[" + request("1", R"("method":"ping")") + "]", -32600, ""},
        {"\"str\"", -32600, ""},
        {"7", -32600, ""},
        {"null", -32600, ""},
        {request("null", R"("method":"ping")"), -32600, ""},
        {request("1.5", R"("method":"ping")"), -32600, ""},
        {request("true", R"("method":"ping")"), -32600, ""},
        {request("[1]", R"("method":"ping")"), -32600, ""},
        {R"({"id":1,"method":"ping"})", -32600, ""},
        {R"({"jsonrpc":"1.0","id":1,"method":"ping"})", -32600, ""},
    };
    for (const Row& row : rows)
        check_row(conversation, row);
    conversation.end();
}

TEST_CASE("What nobody need answer is not answered") {
    const Era& era = era_at(GENERATE(0U, 1U));
    CAPTURE(era.name);
    Conversation conversation{era};
    const std::vector<std::string> lines = {
        "",
        "\r",
        "   \t",
        R"({"jsonrpc":"2.0","method":"notifications/no_such_thing"})",
        R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"never"}})",
        R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":[]}})",
        R"({"jsonrpc":"2.0","method":"notifications/cancelled"})",
        R"({"jsonrpc":"2.0","id":5,"result":{}})",
        R"({"jsonrpc":"2.0","id":"x","error":{"code":-32601,"message":"no"}})",
    };
    for (const auto& line : lines) {
        CAPTURE(line);
        CHECK(conversation.send(line).empty());
    }
    conversation.end();
}

TEST_CASE("Requests that go wrong are answered under their own id, byte for byte") {
    const Era& era = era_at(GENERATE(0U, 1U));
    CAPTURE(era.name);
    Conversation conversation{era};
    for (const std::string& id : std::vector<std::string>{
             "0", R"("")", "-7", "9007199254740993", "123456789012345678901234567890",
             R"("listen:0")", R"("\u00e9")"}) {
        CAPTURE(id);
        conversation.server().write(
            request(id, R"("method":"no/such",)" + params_of(era, "")) + "\n");
        const std::string line = conversation.server().read_line().value();
        CAPTURE(line);
        CHECK(line.find(R"("id":)" + id + ",") != std::string::npos);
        CHECK(json::parse(line).at("error").at("code") == -32601);
    }
    const auto call = [&](const std::string& members) {
        return request("1", R"("method":"tools/call",)" + params_of(era, members));
    };
    check_row(conversation, {call(R"("name":"no_such_tool")"), -32602, "1"});
    check_row(conversation, {call(R"("name":7)"), -32602, "1"});
    check_row(conversation, {call(R"("name":"get_job_status","arguments":[])"), -32602, "1"});
    check_row(conversation, {request("2", R"("method":"ping","params":[])"), -32602, "2"});
    check_row(conversation, {request("3", R"("method":5)"), -32600, "3"});
    conversation.end();
}

TEST_CASE("Of a member that comes twice the last one counts, and unknown ones are passed over") {
    const Era& era = era_at(GENERATE(0U, 1U));
    CAPTURE(era.name);
    Conversation conversation{era};
    std::string twice = era.good;
    twice.replace(1, 0, R"("id":"first","x-unknown":[{"id":9}],"method":"no/such",)");
    conversation.server().write(twice + "\n");
    const json answer = conversation.next();
    CHECK(answer.at("id") == "good");
    CHECK(answer.at("result").contains("tools"));
    conversation.end();
}

TEST_CASE("A line of 32 MiB is refused without being kept") {
    const Era& era = era_at(GENERATE(0U, 1U));
    CAPTURE(era.name);
    Conversation conversation{era};
    constexpr std::size_t kHuge = 32UL * 1024 * 1024;
    check_row(
        conversation, {request("1", R"("method":")" + std::string(kHuge, 'x') + "\""), -32600, ""});
    conversation.end();
}

TEST_CASE("A request of the other era is answered in its own, on the same connection") {
    Conversation conversation{era_at(0)};
    conversation.server().write(era_at(1).good + "\n");
    CHECK(conversation.next().at("result").at("resultType") == "complete");
    conversation.server().write(era_at(0).good + "\n");
    CHECK_FALSE(conversation.next().at("result").contains("resultType"));
    conversation.end();
}

TEST_CASE("A modern request must say which revision it speaks and what its client can do") {
    Conversation conversation{era_at(1)};
    const std::string list = R"("method":"tools/list","params":{)";
    const auto refusal = [&](const std::string& rest) {
        conversation.server().write(request("4", rest) + "\n");
        const json answer = conversation.next();
        CHECK(answer.at("id") == 4);
        return answer.at("error");
    };
    const json lacking =
        refusal(list + R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}})");
    CHECK(lacking.at("code") == -32602);
    CHECK_THAT(
        lacking.at("message").get<std::string>(),
        Catch::Matchers::Contains("io.modelcontextprotocol/clientCapabilities"));
    CHECK(refusal(R"("method":"server/discover")").at("code") == -32602);
    for (int again = 0; again < 2; ++again) {
        const json unknown = refusal(list + modern_meta("2099-01-01") + "}");
        CHECK(unknown.at("code") == -32022);
        CHECK(unknown.at("data").at("requested") == "2099-01-01");
        CHECK(unknown.at("data").at("supported") == json{"2026-07-28"});
    }
    for (const char* removed :
         {"initialize", "ping", "logging/setLevel", "resources/subscribe", "tasks/list"}) {
        CAPTURE(removed);
        const std::string method = fmt::format(R"("method":"{}","params":{{)", removed);
        CHECK(refusal(method + modern_meta() + "}").at("code") == -32601);
    }
    conversation.end();
}

TEST_CASE("initialize is answered after modern requests, twice, and refused without a revision") {
    Conversation conversation{era_at(1)};
    CHECK(conversation.send("").empty());
    for (int again = 0; again < 2; ++again) {
        conversation.server().write(era_at(0).opening);
        CHECK(conversation.next().at("result").at("protocolVersion") == "2025-11-25");
    }
    conversation.server().write(request("1", R"("method":"initialize","params":{})") + "\n");
    CHECK(conversation.next().at("error").at("code") == -32602);
    conversation.end();
}

TEST_CASE("Ten thousand requests are taken from a client that does not read, in little memory") {
    const Era& era = era_at(GENERATE(0U, 1U));
    CAPTURE(era.name);
    constexpr std::size_t kRequests = 10'000;
    constexpr std::size_t kMax = 64UL * 1024;  // KiB
    Conversation conversation{era};
    ServerProcess& server = conversation.server();
    const std::string line =
        request(
            R"("good")",
            R"("method":"tools/call",)"
                + params_of(era, R"("name":"get_job_status","arguments":{"job_id":"none"})"))
        + "\n";
    std::size_t sent = server.write_until_stuck(line, kRequests * line.size()) / line.size();
    REQUIRE(sent < kRequests);
    for (std::size_t received = 0; received < kRequests; ++received) {
        for (; sent < kRequests && server.has_room(); ++sent)
            server.write(line);
        const auto answer = server.read_line();
        REQUIRE(answer);
        REQUIRE(answer->find(R"("id":"good")") != std::string::npos);
    }
    if (!test::kSanitized) CHECK(server.peak_memory_kib() < kMax);
    conversation.end();
}

TEST_CASE("Ten servers on one ledger, one of them killed, all answer") {
    LedgerFixture ledger;
    const auto job = test::golden_jobs().at("running");
    ledger.add(job.record);
    const std::string id = job.record.at("job_id");
    const std::string status = request(
        "1", R"("method":"tools/call","params":{"name":"get_job_status","arguments":{"job_id":")"
                 + id + R"("}})");
    std::vector<std::unique_ptr<ServerProcess>> servers;
    for (int i = 0; i < 10; ++i)
        servers.push_back(std::make_unique<ServerProcess>(ledger.path()));
    servers.front()->write(status + "\n");
    servers.front().reset();
    servers.erase(servers.begin());
    for (int round = 0; round < 100; ++round) {
        for (const auto& server : servers)
            server->write(status + "\n");
        ledger.add_queued("alice");
        for (const auto& server : servers) {
            const json answer = json::parse(server->read_line().value());
            REQUIRE(answer.at("result").at("content")[0].at("text") == job.answer);
        }
    }
    for (const auto& server : servers) {
        server->close_input();
        const int ended = server->wait();
        CHECK(WIFEXITED(ended));
    }
}

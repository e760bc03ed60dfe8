// Invalid input for a server, in the legacy and the modern protocol: each line gets the correct
// response or none, the next valid request is answered, and the server exits with 0 at the end of
// the input.
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

/// The legacy or modern protocol: the line that opens a conversation, and a valid request.
struct Protocol {
    const char* name;
    std::string opening;  ///< With its newline; empty if there is none.
    std::string valid;
};

std::string modern_meta(const std::string& revision = "2026-07-28") {
    return R"("_meta":{"io.modelcontextprotocol/protocolVersion":")" + revision
           + R"(","io.modelcontextprotocol/clientCapabilities":{}})";
}

Protocol legacy() {
    return {
        "legacy",
        R"({"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":)"
        R"("2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})"
        "\n",
        R"({"jsonrpc":"2.0","id":"valid","method":"tools/list","params":{}})"};
}

Protocol modern() {
    return {
        "modern", "",
        R"({"jsonrpc":"2.0","id":"valid","method":"tools/list","params":{)" + modern_meta() + "}}"};
}

/// A server with an opened conversation.
class Conversation {
  public:
    explicit Conversation(const Protocol& protocol)
        : protocol_(protocol), server_(dir_ / "none.db") {
        if (protocol.opening.empty()) return;
        server_.write(protocol.opening);
        REQUIRE(next().contains("result"));
    }

    ServerProcess& server() { return server_; }
    json next() { return json::parse(server_.read_line().value()); }

    /// Sends `bytes` and then a valid request; returns all responses before that request's.
    std::vector<json> send(const std::string& bytes) {
        server_.write(bytes + "\n" + protocol_.valid + "\n");
        std::vector<json> answers;
        for (json answer = next(); answer.value("id", json{}) != "valid"; answer = next())
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
    const Protocol& protocol_;
    TempDir dir_;
    ServerProcess server_;
};

/// A line and the error it gets.
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

/// The params of a request: `members`, if any, and what the protocol requires.
std::string params_of(const Protocol& protocol, const std::string& members) {
    const bool is_modern = protocol.opening.empty();
    const std::string comma = is_modern && !members.empty() ? "," : "";
    return R"("params":{)" + members + comma + (is_modern ? modern_meta() : "") + "}";
}

const Protocol& protocol_at(std::size_t index) {
    static const std::array protocols = {legacy(), modern()};
    return protocols.at(index);
}

}  // namespace

TEST_CASE(
    "a line that is not a message is an error without an id, and the next request is answered") {
    const Protocol& protocol = protocol_at(GENERATE(0U, 1U));
    CAPTURE(protocol.name);
    Conversation conversation{protocol};
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

TEST_CASE("notifications, responses and blank lines get no response") {
    const Protocol& protocol = protocol_at(GENERATE(0U, 1U));
    CAPTURE(protocol.name);
    Conversation conversation{protocol};
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

TEST_CASE("an error response has the request's id byte for byte") {
    const Protocol& protocol = protocol_at(GENERATE(0U, 1U));
    CAPTURE(protocol.name);
    Conversation conversation{protocol};
    for (const std::string& id : std::vector<std::string>{
             "0", R"("")", "-7", "9007199254740993", "123456789012345678901234567890",
             R"("listen:0")", R"("\u00e9")"}) {
        CAPTURE(id);
        conversation.server().write(
            request(id, R"("method":"no/such",)" + params_of(protocol, "")) + "\n");
        const std::string line = conversation.server().read_line().value();
        CAPTURE(line);
        CHECK(line.find(R"("id":)" + id + ",") != std::string::npos);
        CHECK(json::parse(line).at("error").at("code") == -32601);
    }
    const auto call = [&](const std::string& members) {
        return request("1", R"("method":"tools/call",)" + params_of(protocol, members));
    };
    check_row(conversation, {call(R"("name":"no_such_tool")"), -32602, "1"});
    check_row(conversation, {call(R"("name":7)"), -32602, "1"});
    check_row(conversation, {call(R"("name":"get_job_status","arguments":[])"), -32602, "1"});
    check_row(conversation, {request("2", R"("method":"ping","params":[])"), -32602, "2"});
    check_row(conversation, {request("3", R"("method":5)"), -32600, "3"});
    conversation.end();
}

TEST_CASE("the last value of a duplicate member wins, and unknown members are ignored") {
    const Protocol& protocol = protocol_at(GENERATE(0U, 1U));
    CAPTURE(protocol.name);
    Conversation conversation{protocol};
    std::string twice = protocol.valid;
    twice.replace(1, 0, R"("id":"first","x-unknown":[{"id":9}],"method":"no/such",)");
    conversation.server().write(twice + "\n");
    const json answer = conversation.next();
    CHECK(answer.at("id") == "valid");
    CHECK(answer.at("result").contains("tools"));
    conversation.end();
}

TEST_CASE("a line of 32 MiB is refused without being stored") {
    const Protocol& protocol = protocol_at(GENERATE(0U, 1U));
    CAPTURE(protocol.name);
    Conversation conversation{protocol};
    constexpr std::size_t kHuge = 32UL * 1024 * 1024;
    check_row(
        conversation, {request("1", R"("method":")" + std::string(kHuge, 'x') + "\""), -32600, ""});
    conversation.end();
}

TEST_CASE("legacy and modern requests can be mixed on one connection") {
    Conversation conversation{protocol_at(0)};
    conversation.server().write(protocol_at(1).valid + "\n");
    CHECK(conversation.next().at("result").at("resultType") == "complete");
    conversation.server().write(protocol_at(0).valid + "\n");
    CHECK_FALSE(conversation.next().at("result").contains("resultType"));
    conversation.end();
}

TEST_CASE("a modern request must state its revision and the client's capabilities") {
    Conversation conversation{protocol_at(1)};
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

TEST_CASE("initialize works after modern requests and twice, and is refused without a revision") {
    Conversation conversation{protocol_at(1)};
    CHECK(conversation.send("").empty());
    for (int again = 0; again < 2; ++again) {
        conversation.server().write(protocol_at(0).opening);
        CHECK(conversation.next().at("result").at("protocolVersion") == "2025-11-25");
    }
    conversation.server().write(request("1", R"("method":"initialize","params":{})") + "\n");
    CHECK(conversation.next().at("error").at("code") == -32602);
    conversation.end();
}

TEST_CASE("ten thousand requests from a client that does not read are answered in little memory") {
    const Protocol& protocol = protocol_at(GENERATE(0U, 1U));
    CAPTURE(protocol.name);
    constexpr std::size_t kRequests = 10'000;
    constexpr std::size_t kMaxKib = 64UL * 1024;
    Conversation conversation{protocol};
    ServerProcess& server = conversation.server();
    const std::string line =
        request(
            R"("valid")",
            R"("method":"tools/call",)"
                + params_of(protocol, R"("name":"get_job_status","arguments":{"job_id":"none"})"))
        + "\n";
    std::size_t sent = server.write_until_blocked(line, kRequests * line.size()) / line.size();
    REQUIRE(sent < kRequests);
    for (std::size_t received = 0; received < kRequests; ++received) {
        for (; sent < kRequests && server.has_room(); ++sent)
            server.write(line);
        const auto answer = server.read_line();
        REQUIRE(answer);
        REQUIRE(answer->find(R"("id":"valid")") != std::string::npos);
    }
    if (!kSanitized) CHECK(server.peak_memory_kib() < kMaxKib);
    conversation.end();
}

TEST_CASE("ten servers on one ledger all answer, even after one of them is killed") {
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

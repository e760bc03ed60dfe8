#include "rpc/dispatcher.h"

#include "base/error.h"
#include "rpc/reply.h"
#include "support/captured_output.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <functional>
#include <map>
#include <optional>

using namespace atlasjob;
using nlohmann::json;
using test::CapturedOutput;

namespace {

/// A dispatcher with one method for each way in which a method can behave.
class TestServer final : rpc::RequestReceiver {
  public:
    TestServer() {
        add("ping", [](const auto&, auto& reply) { reply.result("{}"); });
        add("echo", [](const auto& request, auto& reply) { reply.result(request.params.dump()); });
        add("count", [this](const auto&, auto& reply) {
            ++counted_;
            reply.result("{}");
        });
        add("forget", [](const auto&, auto&) {});
        add("later", [this](const auto&, auto& reply) { pending_.emplace(std::move(reply)); });
        add("typed", [](const auto& request, auto& reply) {
            reply.result(request.params.at("name").template get<std::string>());
        });
        add("broken", [](const auto&, auto&) { throw std::runtime_error("wires crossed"); });
        add("closed", [](const auto&, auto&) {
            throw Error(ErrorCode::unavailable, "the ledger is locked: by sqlite3", "wait");
        });
        add("refused",
            [](const auto&, auto&) { throw Error(ErrorCode::invalid_argument, "no such thing"); });
        add("twice", [](const auto&, auto& reply) {
            reply.result("1");
            reply.result("2");
        });
    }

    std::string answer(std::string_view line) {
        CapturedOutput output;
        rpc::Dispatcher dispatcher{output, *this};
        dispatcher.receive({line, false});
        if (pending_) {
            if (output.lines().empty()) pending_->result(R"("at last")");
            pending_.reset();
        }
        return output.text();
    }

    int counted() const { return counted_; }
    const std::string& notified() const { return notified_; }

  private:
    using Method = std::function<void(const rpc::Request&, rpc::Reply&)>;

    void add(const std::string& name, Method method) { methods_[name] = std::move(method); }

    void answer(const rpc::Request& request, rpc::Reply& reply) override {
        methods_.at(std::string{request.method})(request, reply);
    }
    void notify(const rpc::Request& notification) override {
        REQUIRE(notification.id.is_discarded());
        notified_ += std::string{notification.method} + notification.params.dump();
        if (notification.method == "odd") throw Error(ErrorCode::internal, "odd");
    }

    std::map<std::string, Method> methods_;
    std::optional<rpc::Reply> pending_;
    int counted_ = 0;
    std::string notified_;
};

std::string ping_with_id(std::string_view id) {
    return fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":"ping"}})", id);
}

/// The code of an error that must be the only line and have no id.
int code_without_id(const std::string& answer) {
    CAPTURE(answer.substr(0, 300));
    REQUIRE(std::count(answer.begin(), answer.end(), '\n') == 1);
    const json message = json::parse(answer);
    REQUIRE(message["jsonrpc"] == "2.0");
    REQUIRE_FALSE(message.contains("id"));
    REQUIRE_FALSE(message["error"]["message"].get<std::string>().empty());
    return message["error"]["code"];
}

json error_of(const std::string& answer) {
    CAPTURE(answer);
    const json message = json::parse(answer);
    REQUIRE(message["id"] == 7);
    REQUIRE_FALSE(message.contains("result"));
    return message["error"];
}

std::string call(std::string_view method, std::string_view rest = "") {
    return fmt::format(R"({{"jsonrpc":"2.0","id":7,"method":"{}"{}}})", method, rest);
}

}  // namespace

TEST_CASE("an integer or string id is returned byte for byte") {
    const auto* id = GENERATE(
        "0", "1", "-1", "-0", "9007199254740993", "18446744073709551616",
        "123456789012345678901234567890123456789012345678901234567890", R"("")", R"("0")",
        R"("listen:0")", R"("a\"b\\c")", R"("\u00e9\/")", R"("é")");
    CHECK(
        TestServer{}.answer(ping_with_id(id))
        == fmt::format(R"({{"jsonrpc":"2.0","id":{},"result":{{}}}})", id) + "\n");
}

TEST_CASE("an id that is neither a string nor an integer is refused without an id") {
    const auto* id = GENERATE("null", "1.5", "1.0", "1e3", "-1E2", "true", "[1]", R"({"a":1})");
    CAPTURE(id);
    CHECK(code_without_id(TestServer{}.answer(ping_with_id(id))) == rpc::kInvalidRequest);
}

TEST_CASE("the id is found anywhere in the top-level object and nowhere else") {
    CHECK(
        TestServer{}.answer(
            R"({"params":{"id":1,"x":["id",{"id":2}]},"method":"ping", "id" : 3 ,"jsonrpc":"2.0"})")
        == "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{}}\n");
    CHECK(
        TestServer{}.answer(R"({"jsonrpc":"2.0","id":1,"method":"nope","id":2,"method":"ping"})")
        == "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}\n");
    CHECK(
        TestServer{}.answer("{\"jsonrpc\":\"2.0\",\"\\u0069d\":5,\"method\":\"ping\"}")
        == "{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":{}}\n");
}

TEST_CASE("a line that is not JSON is a parse error without an id") {
    const auto* line = GENERATE(
        "{bad json", "{", "nonsense", R"({"jsonrpc":"2.0","id":1,"method":"ping")",
        R"({"jsonrpc":"2.0","id":1,"method":"ping"} trailing)", R"({"id":1e999})",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\xed\xa0\x80\"}");
    CAPTURE(line);
    CHECK(code_without_id(TestServer{}.answer(line)) == rpc::kParseError);
}

TEST_CASE("a NUL byte inside a message is a parse error") {
    using namespace std::string_view_literals;
    CHECK(
        code_without_id(
            TestServer{}.answer("{\"jsonrpc\":\"2.0\",\"id\":1,\0\"method\":\"ping\"}"sv))
        == rpc::kParseError);
}

TEST_CASE("JSON that is not a message is an invalid request without an id") {
    const auto* line = GENERATE(
        "[]", R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])", R"("str")", "1", "null", "true",
        "{}", R"({"id":1,"method":"ping"})", R"({"jsonrpc":"1.0","id":1,"method":"ping"})",
        R"({"jsonrpc":2.0,"id":1,"method":"ping"})", R"({"jsonrpc":"2.0"})",
        R"({"jsonrpc":"2.0","method":5})");
    CAPTURE(line);
    CHECK(code_without_id(TestServer{}.answer(line)) == rpc::kInvalidRequest);
}

TEST_CASE("a request without a valid method is refused with its id") {
    CHECK(
        error_of(TestServer{}.answer(R"({"jsonrpc":"2.0","id":7})"))["code"]
        == rpc::kInvalidRequest);
    CHECK(
        error_of(TestServer{}.answer(R"({"jsonrpc":"2.0","id":7,"method":null})"))["code"]
        == rpc::kInvalidRequest);
}

TEST_CASE("params must be an object and default to an empty one") {
    CHECK(json::parse(TestServer{}.answer(call("echo")))["result"] == json::object());
    CHECK(
        json::parse(TestServer{}.answer(call("echo", R"(,"params":{"a":[1]})")))["result"]
        == json{{"a", {1}}});
    const auto* params = GENERATE("[]", "null", "5", R"("x")");
    CHECK(
        error_of(TestServer{}.answer(call("echo", fmt::format(R"(,"params":{})", params))))["code"]
        == rpc::kInvalidParams);
}

TEST_CASE("notifications, responses and blank lines are never answered") {
    TestServer server;
    const auto* line = GENERATE(
        R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
        R"({"jsonrpc":"2.0","method":"notifications/none/such","params":[1]})",
        R"({"jsonrpc":"2.0","method":"count"})", R"({"jsonrpc":"2.0","id":1,"result":{}})",
        R"({"jsonrpc":"2.0","id":"x","error":{"code":1,"message":"m"}})",
        R"({"jsonrpc":"2.0","error":{"code":1,"message":"m"}})", "", " ", "\t \r");
    CAPTURE(line);
    CHECK(server.answer(line).empty());
    CHECK(server.counted() == 0);
}

TEST_CASE("a message may nest as deep as a ledger value, but not much deeper") {
    const auto nested = [](std::size_t depth) {
        return call(
            "echo", fmt::format(
                        R"(,"params":{{"arguments":{{"v":{}{}}}}})", std::string(depth, '['),
                        std::string(depth, ']')));
    };
    CHECK(json::parse(TestServer{}.answer(nested(200))).contains("result"));
    CHECK(code_without_id(TestServer{}.answer(nested(300))) == rpc::kParseError);
}

TEST_CASE("a hundred thousand nested brackets are refused without recursion") {
    const std::string open(100'000, '[');
    CHECK(code_without_id(TestServer{}.answer(open)) == rpc::kParseError);
    CHECK(
        code_without_id(TestServer{}.answer(open + std::string(100'000, ']'))) == rpc::kParseError);
    std::string objects;
    for (int i = 0; i < 100'000; ++i)
        objects += R"({"a":)";
    CHECK(code_without_id(TestServer{}.answer(objects)) == rpc::kParseError);
}

TEST_CASE("brackets inside strings do not count as nesting") {
    const std::string brackets(1000, '[');
    const std::string answer =
        TestServer{}.answer(call("echo", fmt::format(R"(,"params":{{"t":"\"{}"}})", brackets)));
    CHECK(json::parse(answer)["result"]["t"] == "\"" + brackets);
}

TEST_CASE("a line that is too long is refused without an id") {
    struct NothingExpected final : rpc::RequestReceiver {
        void answer(const rpc::Request&, rpc::Reply&) override { FAIL("no request expected"); }
        void notify(const rpc::Request&) override { FAIL("no notification expected"); }
    } receiver;
    CapturedOutput output;
    rpc::Dispatcher dispatcher{output, receiver};
    dispatcher.receive({{}, true});
    CHECK(code_without_id(output.text()) == rpc::kInvalidRequest);
}

TEST_CASE(
    "a notification is delivered with its params and never answered, even if its handler throws") {
    TestServer server;
    CHECK(server.answer(R"({"jsonrpc":"2.0","method":"odd","params":{"a":1}})").empty());
    CHECK(server.answer(R"({"jsonrpc":"2.0","method":"plain"})").empty());
    CHECK(server.answer(R"({"jsonrpc":"2.0","method":"listed","params":[1]})").empty());
    CHECK(server.notified() == R"(odd{"a":1}plain{})");
}

TEST_CASE("an abandoned request is never answered") {
    CapturedOutput output;
    {
        rpc::Reply reply{output, "7"};
        CHECK(reply.id_json() == "7");
        reply.abandon();
        CHECK_FALSE(reply.pending());
    }
    CHECK(output.text().empty());
}

TEST_CASE("a method that never replies yields an internal error") {
    const json error = error_of(TestServer{}.answer(call("forget")));
    CHECK(error["code"] == rpc::kInternalError);
}

TEST_CASE("a reply may be stored and sent later") {
    CHECK(
        TestServer{}.answer(call("later"))
        == "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":\"at last\"}\n");
}

TEST_CASE("an exception thrown by a method becomes an error response") {
    const json closed = error_of(TestServer{}.answer(call("closed")));
    CHECK(closed["code"] == rpc::kInternalError);
    CHECK(closed["message"] == "the ledger is locked: by sqlite3; wait");
    CHECK(error_of(TestServer{}.answer(call("refused")))["code"] == rpc::kInvalidParams);
    CHECK(error_of(TestServer{}.answer(call("typed")))["code"] == rpc::kInvalidParams);
    CHECK(
        error_of(TestServer{}.answer(call("typed", R"(,"params":{"name":5})")))["code"]
        == rpc::kInvalidParams);
    const json broken = error_of(TestServer{}.answer(call("broken")));
    CHECK(broken["code"] == rpc::kInternalError);
    CHECK(broken["message"].get<std::string>().find("wires") == std::string::npos);
}

TEST_CASE("a method that replies twice sends only the first reply") {
    CHECK(TestServer{}.answer(call("twice")) == "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":1}\n");
}

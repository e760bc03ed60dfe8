#include "mcp/protocol/host_session.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob;
using mcp::host_session;
using nlohmann::json;

TEST_CASE("the session of a call is what its host names in _meta") {
    // As Codex 0.171 and VS Code send it; the rest of the _meta is theirs.
    CHECK(
        host_session(json::parse(
            R"({"_meta":{"callId":"c1","threadId":"01a2","sessionId":"01a1","progressToken":1}})"))
        == "01a2");
    CHECK(
        host_session({{"_meta", {{"vscode.conversationId", "v"}, {"vscode.requestId", "r"}}}})
        == "v");
    CHECK(host_session({{"_meta", {{"agent-session-id", "20261130_1"}}}}) == "20261130_1");
    CHECK(host_session({{"_meta", {{"openai/session", "v1/x"}}}}) == "v1/x");
    CHECK(
        host_session({{"_meta", {{"atlasjob/session", "mine"}, {"threadId", "theirs"}}}})
        == "mine");
}

TEST_CASE("a call without a session, or with one that cannot be one, has none") {
    CHECK_FALSE(host_session(json::object()));
    CHECK_FALSE(host_session({{"_meta", json::array()}}));
    // Claude Code names the call, not the conversation; that is in its environment.
    CHECK_FALSE(host_session({{"_meta", {{"claudecode/toolUseId", "toolu_1"}}}}));
    for (const json& value : {json{5}, json{nullptr}, json{""}, json{{{"id", "x"}}}})
        CHECK_FALSE(host_session({{"_meta", {{"threadId", value}}}}));
    CHECK(host_session({{"_meta", {{"threadId", "a\nb"}}}}) == "a b");
    CHECK(
        host_session({{"_meta", {{"vscode.conversationId", ""}, {"threadId", "next"}}}}) == "next");
}

#pragma once

#include "base/clock.h"
#include "mcp/server/session.h"
#include "support/captured_output.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <string>

namespace atlasjob::test {

inline mcp::ServerOptions options_for(const std::string& ledger) {
    return {.ledger = ledger, .principal = Principal{"alice", false}, .version = "9.8.7"};
}

/// An in-process client of a Session.
class Client {
  public:
    explicit Client(const mcp::ServerOptions& options)
        : options_(options), session_(options_, {clock_, loop_, output_}) {}

    /// Sends a line and returns the output it caused, possibly empty.
    std::string send(const std::string& line) {
        const std::size_t before = output_.text().size();
        session_.receive({line, false});
        taken_ = output_.lines().size();
        return output_.text().substr(before);
    }

    /// Sends a request and returns the whole response.
    nlohmann::json respond(const std::string& method, const nlohmann::json& params = nullptr) {
        nlohmann::json request = {{"jsonrpc", "2.0"}, {"id", ++id_}, {"method", method}};
        if (!params.is_null()) request["params"] = params;
        REQUIRE(is_quiet());
        session_.receive({request.dump(), false});
        CAPTURE(method);
        auto response = take();
        CAPTURE(response.dump().substr(0, 500));
        REQUIRE(response.at("jsonrpc") == "2.0");
        REQUIRE(response.at("id") == id_);
        REQUIRE(response.size() == 3);
        return response;
    }

    nlohmann::json result(const std::string& method, const nlohmann::json& params = nullptr) {
        const auto response = respond(method, params);
        CAPTURE(response.dump());
        REQUIRE(response.contains("result"));
        return response.at("result");
    }

    nlohmann::json error(const std::string& method, const nlohmann::json& params = nullptr) {
        const auto response = respond(method, params);
        CAPTURE(response.dump());
        REQUIRE(response.contains("error"));
        return response.at("error");
    }

    void initialize(const std::string& revision) {
        const auto agreed = result(
            "initialize", {{"protocolVersion", revision},
                           {"capabilities", nlohmann::json::object()},
                           {"clientInfo", {{"name", "test"}, {"version", "1"}}}});
        REQUIRE(agreed.at("protocolVersion") == revision);
    }

    nlohmann::json call_status(const nlohmann::json& arguments) {
        return result("tools/call", {{"name", "get_job_status"}, {"arguments", arguments}});
    }

    /// The text of a successful result of get_job_status.
    std::string status_text(const nlohmann::json& job_id) {
        const auto answer = call_status({{"job_id", job_id}});
        CAPTURE(answer.dump().substr(0, 500));
        REQUIRE(answer.at("isError") == false);
        REQUIRE(answer.at("content").size() == 1);
        REQUIRE(answer.at("content")[0].at("type") == "text");
        std::string text = answer.at("content")[0].at("text");
        REQUIRE(answer.at("structuredContent") == nlohmann::json::parse(text));
        return text;
    }

    /// The text of a result with isError.
    std::string failure_text(const nlohmann::json& arguments) {
        const auto answer = call_status(arguments);
        CAPTURE(answer.dump().substr(0, 500));
        REQUIRE(answer.at("isError") == true);
        REQUIRE_FALSE(answer.contains("structuredContent"));
        return answer.at("content")[0].at("text");
    }

    /// Sends a request of 2026-07-28; with `tasks` the client supports the tasks extension.
    nlohmann::json modern(
        const std::string& method,
        nlohmann::json params = nlohmann::json::object(),
        bool tasks = false) {
        return respond(method, with_meta(std::move(params), tasks));
    }
    nlohmann::json modern_result(
        const std::string& method,
        nlohmann::json params = nlohmann::json::object(),
        bool tasks = false) {
        const auto response = modern(method, std::move(params), tasks);
        CAPTURE(response.dump());
        REQUIRE(response.contains("result"));
        CHECK(response.at("result").contains("resultType"));
        return response.at("result");
    }
    nlohmann::json modern_error(
        const std::string& method,
        nlohmann::json params = nlohmann::json::object(),
        bool tasks = false) {
        const auto response = modern(method, std::move(params), tasks);
        CAPTURE(response.dump());
        REQUIRE(response.contains("error"));
        return response.at("error");
    }

    static nlohmann::json with_meta(nlohmann::json params, bool tasks = false) {
        nlohmann::json capabilities = nlohmann::json::object();
        if (tasks)
            capabilities["extensions"]["io.modelcontextprotocol/tasks"] = nlohmann::json::object();
        params["_meta"]["io.modelcontextprotocol/protocolVersion"] = "2026-07-28";
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = capabilities;
        return params;
    }

    /// Sends a request without waiting for the response.
    void post(const std::string& id_json, const std::string& method, const nlohmann::json& params) {
        session_.receive(
            {fmt::format(
                 R"({{"jsonrpc":"2.0","id":{},"method":"{}","params":{}}})", id_json, method,
                 params.dump()),
             false});
    }
    void notify(const std::string& method, const nlohmann::json& params) {
        const nlohmann::json message = {{"jsonrpc", "2.0"}, {"method", method}, {"params", params}};
        session_.receive({message.dump(), false});
    }
    /// Runs the loop until the next message arrives and returns it.
    nlohmann::json take() {
        bool timed_out = false;
        Timer timeout{loop_, [&] { timed_out = true; }};
        timeout.start(std::chrono::seconds{120});
        while (taken_ == output_.lines().size() && !timed_out)
            loop_.turn(true);
        REQUIRE_FALSE(timed_out);
        return nlohmann::json::parse(output_.lines().at(taken_++));
    }
    /// Whether every message has been taken.
    bool is_quiet() const { return taken_ == output_.lines().size(); }
    /// Whether the session still has work on the loop.
    bool is_busy() {
        // Handles that are being closed are released in the next turn.
        loop_.turn(false);
        return loop_.alive();
    }
    /// Runs the loop for `span`.
    void idle(milliseconds span) {
        bool over = false;
        Timer timer{loop_, [&] { over = true; }};
        timer.start(span);
        while (!over)
            loop_.turn(true);
    }
    void finish() { session_.finish(); }

  private:
    mcp::ServerOptions options_;
    SystemClock clock_;
    CapturedOutput output_;
    Loop loop_;
    mcp::Session session_;
    int id_ = 0;
    std::size_t taken_ = 0;
};

}  // namespace atlasjob::test

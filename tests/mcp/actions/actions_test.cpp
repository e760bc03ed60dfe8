#include "mcp/tool_bench.h"
#include "runner/attempt/environment.h"
#include "support/places.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

using namespace atlasjob;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using nlohmann::json;
using test::ToolBench;

namespace {

/// An actions file in a temporary directory.
class ActionsFile {
  public:
    explicit ActionsFile(const std::string& text) { std::ofstream{path()} << text; }
    explicit ActionsFile(const json& document) : ActionsFile(document.dump()) {}

    std::string path() const { return dir_ / "actions.json"; }
    const test::TempDir& dir() const { return dir_; }

  private:
    test::TempDir dir_;
};

/// A valid action.
json plain_action() {
    return {
        {"name", "greet"},
        {"description", "Greets somebody."},
        {"input",
         {{"type", "object"},
          {"properties",
           {{"who", {{"type", "string"}}},
            {"times", {{"type", "integer"}, {"default", 1}}},
            {"loud", {{"type", "boolean"}}},
            {"more", {{"type", "array"}, {"items", {{"type", "string"}}}}}}},
          {"required", {"who"}}}},
        {"command", {"greet", "--times={times}", "--loud={loud}", "{who}", "{more}", "{{}}"}}};
}

json with(json action, const json& more) {
    action.update(more);
    return action;
}

mcp::ServerOptions serving(const std::string& path) {
    auto options = test::open_options();
    options.allowed = {};
    options.actions_file = path;
    return options;
}

/// The error for a file without its path; empty if it is accepted.
std::string problem_in(const std::string& text) {
    const ActionsFile file{text};
    try {
        const mcp::Actions actions{file.path(), mcp::require_contract("atlas")};
        return {};
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::invalid_argument);
        const std::string what = error.what();
        CHECK_THAT(what, Catch::Matchers::StartsWith(file.path() + ": "));
        return what.substr(file.path().size() + 2);
    }
}

std::string problem_with(const json& first, const json& second = nullptr) {
    json document = {{"actions", {first}}};
    if (!second.is_null()) document["actions"].push_back(second);
    return problem_in(document.dump());
}

/// The error for an action whose input property "who" has this schema.
std::string problem_with_property(const json& schema) {
    json action = plain_action();
    action["input"]["properties"]["who"] = schema;
    return problem_with(plain_action(), with(action, {{"name", "second"}}));
}

}  // namespace

TEST_CASE("the actions of the example file are served as tools and start their commands") {
    ToolBench bench{serving(test::source_path("docs/examples/actions.json"))};
    const json envelope = bench.call("trigger_sync", {{"channel_id", "C0ENG"}});
    const std::string id = envelope.at("job_id");
    CHECK(envelope.at("status_uri") == "atlas://job/" + id);
    CHECK(envelope.at("status") == "queued");
    const Job job = bench.jobs().get(JobId::parse(id).value());
    CHECK(job.command == std::vector<std::string>{"./sync.sh", "--type=auto", "--", "C0ENG"});
    CHECK(job.kind == "sync");
    CHECK(job.target == R"({"channel_id":"C0ENG"})");
    CHECK(job.queue == "sync");
    CHECK(job.timeout == 6h);
    CHECK(job.key == "sync:C0ENG");
    CHECK(job.owner == "alice");
    CHECK(std::filesystem::equivalent(job.cwd.value(), test::source_path("docs/examples")));
    // A second call with the same key returns the active job.
    bench.jobs().open_attempt(job.job_id);
    const json again = bench.call("trigger_sync", {{"channel_id", "C0ENG"}, {"sync_type", "full"}});
    CHECK(again.at("job_id") == id);
    CHECK(again.at("status") == "running");
    CHECK(bench.call("trigger_sync", {{"channel_id", "C0OPS"}}).at("job_id") != id);
    const json wiki =
        bench.call("refresh_wiki", {{"channel_id", "C0ENG"}, {"page_types", {"people", "topics"}}});
    const Job pages = bench.jobs().get(JobId::parse(wiki.at("job_id").get<std::string>()).value());
    CHECK(
        pages.command
        == std::vector<std::string>{"./refresh-wiki.sh", "C0ENG", "people", "topics"});
    CHECK(pages.target == R"({"channel_id":"C0ENG","page_types":["people","topics"]})");
}

TEST_CASE("the tool of an action supports tasks, explains the next step and needs no permission") {
    const ActionsFile file{json{{"actions", {with(plain_action(), {{"title", "Greet"}})}}}};
    ToolBench bench{serving(file.path())};
    const mcp::Tool& tool = bench.core().require_tool("greet");
    CHECK(tool.task_support == mcp::TaskSupport::optional);
    CHECK(tool.title == "Greet");
    CHECK_THAT(
        std::string{tool.description},
        Contains("Greets somebody.") && Contains("get_job_status") && Contains("kept 7 days"));
    CHECK(tool.hints.destructive);
    CHECK_FALSE(tool.hints.read_only);
    CHECK(bench.core().tools().back() == &tool);
    CHECK_THAT(bench.failure("greet", json::object()), Contains("who is missing"));
    CHECK_THAT(bench.failure("greet", {{"who", "a"}, {"wo", 1}}), Contains("did you mean who?"));
}

TEST_CASE("a value stays part of one argument, whatever it contains") {
    const ActionsFile file{json{{"actions", {plain_action()}}}};
    ToolBench bench{serving(file.path())};
    using Argv = std::vector<std::string>;
    const auto command_for = [&](const json& arguments) {
        const std::string id = bench.call("greet", arguments).at("job_id");
        return bench.jobs().get(JobId::parse(id).value()).command;
    };
    CHECK(command_for({{"who", "bob"}}) == Argv{"greet", "--times=1", "bob", "{}"});
    for (const char* odd : {"$(rm -rf /)", "a b", "'; true", "{times}", "{{", "", "--loud", "ü\n"})
        CHECK(command_for({{"who", odd}}) == Argv{"greet", "--times=1", odd, "{}"});
    CHECK(
        command_for({{"who", "b"}, {"times", 3}, {"loud", true}, {"more", {"c", "d e"}}})
        == Argv{"greet", "--times=3", "--loud=true", "b", "c", "d e", "{}"});
    CHECK(
        command_for({{"who", "b"}, {"more", json::array()}})
        == Argv{"greet", "--times=1", "b", "{}"});
}

TEST_CASE("environment, key and target of an action are filled with the caller's values") {
    const json action = with(
        plain_action(),
        {{"env", {{"WHO", "<{who}>"}, {"LOUD", "{loud}"}}},
         {"cwd", "work"},
         {"clean_env", true},
         {"kind", "hello"},
         {"key", "{who}/{loud}"},
         {"target", {{"who", {"{who}", "to {who}"}}, {"times", "{times}"}, {"loud", "{loud}"}}},
         {"retries", 2},
         {"backoff", "1w"},
         {"backoff_factor", 1},
         {"timeout", "90s"},
         {"grace", "5s"},
         {"kill_signal", "int"},
         {"destructive", false}});
    const ActionsFile file{json{{"actions", {action}}}};
    ToolBench bench{serving(file.path())};
    const std::string id = bench.call("greet", {{"who", "bob"}}).at("job_id");
    const Job job = bench.jobs().get(JobId::parse(id).value());
    CHECK(job.key == "bob/");
    CHECK(job.kind == "hello");
    CHECK(job.target == R"({"loud":null,"times":1,"who":["bob","to bob"]})");
    CHECK(job.max_attempts == 3);
    CHECK(job.timeout == 90s);
    CHECK(job.cwd == std::filesystem::canonical(file.dir().path()).string() + "/work");
    const CommandSpec spec = bench.store().command_of(job.job_id).value();
    CHECK(find_variable(spec.environment, "WHO") == "<bob>");
    CHECK(find_variable(spec.environment, "LOUD").data() == nullptr);
    CHECK(spec.backoff == 24h * 7);
    CHECK(spec.backoff_factor == 1.0);
    CHECK(spec.grace == 5s);
    CHECK(spec.kill_signal == "SIGINT");
    CHECK_FALSE(bench.core().require_tool("greet").hints.destructive);
}

TEST_CASE("a string longer than 4096 bytes is refused before its pattern is matched") {
    json action = plain_action();
    action["input"]["properties"]["who"]["pattern"] = "^[a-z]+$";
    const ActionsFile file{json{{"actions", {action}}}};
    ToolBench bench{serving(file.path())};
    CHECK(bench.call("greet", {{"who", std::string(4096, 'a')}}).contains("job_id"));
    CHECK_THAT(
        bench.failure("greet", {{"who", std::string(4097, 'a')}}),
        Contains("who is longer than 4096 bytes"));
    CHECK_THAT(bench.failure("greet", {{"who", "A"}}), Contains("a string that matches ^[a-z]+$"));
}

TEST_CASE("an error in an actions file names the place, the reason and the fix") {
    const json good = plain_action();
    CHECK(problem_with(good).empty());
    CHECK(problem_in(R"({"actions":[]})").empty());
    CHECK_THAT(problem_in("{\n\"actions\": [\n}"), Contains("line 3: not JSON"));
    CHECK_THAT(problem_in("[]"), Contains("is of type array; give an object"));
    CHECK_THAT(problem_in("{}"), Contains("it has no actions"));
    CHECK_THAT(problem_in(R"({"action":[]})"), Contains("action: unknown; did you mean actions?"));
    CHECK_THAT(problem_in(std::string(300, '[')), Contains("nests deeper"));
    CHECK_THAT(problem_with(json(5)), Contains("actions[0]: is of type number"));
    const auto second = [&](const json& change) {
        return problem_with(good, with(with(good, {{"name", "second"}}), change));
    };
    CHECK(second(json::object()).empty());
    CHECK_THAT(
        second({{"comand", {}}}), Contains("actions[1].comand: unknown; did you mean command?"));
    CHECK_THAT(second({{"name", "a b"}}), Contains("actions[1].name: not a tool name"));
    CHECK_THAT(
        second({{"name", "greet"}}),
        Contains("actions[1].name: there is already a tool \"greet\""));
    CHECK_THAT(
        second({{"name", "submit_job"}}), Contains("there is already a tool \"submit_job\""));
    CHECK_THAT(
        second({{"description", std::string(1001, 'x')}}), Contains("actions[1].description"));
    CHECK_THAT(second({{"command", json::array()}}), Contains("actions[1].command: it is empty"));
    CHECK_THAT(second({{"command", "greet"}}), Contains("actions[1].command: is of type string"));
    CHECK_THAT(
        second({{"command", {"a", 5}}}), Contains("actions[1].command[1]: is of type number"));
    CHECK_THAT(
        second({{"command", {"{who}"}}}),
        Contains("actions[1].command[0]") && Contains("caller's choice"));
    CHECK_THAT(
        second({{"command", {"a", "{whom}"}}}),
        Contains("actions[1].command[1]: there is no parameter \"whom\""));
    CHECK_THAT(
        second({{"command", {"a", "{who"}}}),
        Contains("actions[1].command[1]") && Contains("not closed"));
    CHECK_THAT(second({{"env", {{"A=B", "c"}}}}), Contains("actions[1].env.A=B"));
    CHECK_THAT(
        second({{"env", {{"A", "{x}"}}}}), Contains("actions[1].env.A: there is no parameter"));
    CHECK_THAT(second({{"key", "{x}"}}), Contains("actions[1].key: there is no parameter \"x\""));
    CHECK_THAT(
        second({{"target", {{"a", {"{x}"}}}}}),
        Contains("actions[1].target: there is no parameter"));
    CHECK_THAT(second({{"timeout", "soon"}}), Contains("actions[1].timeout") && Contains("15m"));
    CHECK_THAT(second({{"timeout", "0s"}}), Contains("must be greater than zero"));
    CHECK_THAT(second({{"grace", "soon"}}), Contains("actions[1].grace: \"soon\""));
    CHECK_THAT(second({{"kill_signal", "CONT"}}), Contains("actions[1].kill_signal: \"CONT\""));
    CHECK_THAT(second({{"backoff_factor", 0.5}}), Contains("actions[1].backoff_factor"));
    CHECK_THAT(second({{"timeout", 5}}), Contains("actions[1].timeout: is of type number"));
    CHECK_THAT(
        second({{"retries", -1}}), Contains("actions[1].retries: is -1; give a whole number"));
    CHECK_THAT(second({{"kind", "a b"}}), Contains("actions[1]: kind \"a b\""));
    CHECK_THAT(second({{"queue", ""}}), Contains("actions[1]: queue"));
    CHECK_THAT(second({{"read_only", "yes"}}), Contains("actions[1].read_only"));
    CHECK_THAT(
        second({{"read_only", true}, {"destructive", true}}), Contains("actions[1].destructive"));
    json nameless = good;
    nameless.erase("name");
    CHECK_THAT(problem_with(nameless), Contains("actions[0]: it has no name"));
}

TEST_CASE("a schema with unsupported keywords or a slow pattern is refused") {
    constexpr auto* kPlace = "actions[1].input.properties.who";
    CHECK(problem_with_property({{"type", "string"}, {"maxLength", 5}}).empty());
    CHECK_THAT(
        problem_with_property({{"type", "string"}, {"pattern", "(a+)+"}}),
        Contains(std::string{kPlace} + ".pattern: it repeats a group"));
    CHECK_THAT(
        problem_with_property({{"$ref", "https://example.org/schema.json"}}),
        Contains(std::string{kPlace} + ".$ref: references are not supported"));
    CHECK_THAT(
        problem_with_property({{"type", "string"}, {"format", "date"}}),
        Contains(std::string{kPlace} + ".format: unknown"));
    CHECK_THAT(
        problem_with_property({{"type", "array"}, {"items", {{"oneOf", json::array()}}}}),
        Contains(std::string{kPlace} + ".items.oneOf: unknown"));
    CHECK_THAT(
        problem_with_property({{"type", "integer"}, {"default", "x"}}),
        Contains(std::string{kPlace} + ".default") && Contains("must be integer"));
    CHECK_THAT(problem_with_property({{"type", "text"}}), Contains("actions[1].input"));
    CHECK_THAT(
        problem_with_property(json(true)), Contains(std::string{kPlace} + ": is of type boolean"));
    const auto problem_with_input = [](const json& input) {
        return problem_with(with(plain_action(), {{"input", input}, {"command", {"x"}}}));
    };
    CHECK_THAT(
        problem_with_input({{"type", "array"}}),
        Contains("actions[0].input") && Contains("object"));
    CHECK_THAT(problem_with_input(json::object()), Contains("add \"type\": \"object\""));
    CHECK_THAT(
        problem_with_input({{"type", "object"}, {"additionalProperties", true}}),
        Contains("actions[0].input.additionalProperties"));
    CHECK_THAT(
        problem_with_input({{"type", "object"}, {"required", {"x"}}}),
        Contains("actions[0].input.required[0]: not among the properties"));
    CHECK_THAT(
        problem_with_input({{"type", "object"}, {"properties", {{"a-b", {{"type", "string"}}}}}}),
        Contains("actions[0].input.properties.a-b: not a parameter name"));
    CHECK_THAT(
        problem_with_input({{"type", "object"}, {"anyOf", json::array()}}),
        Contains("input.anyOf: unknown"));
}

TEST_CASE("an unreadable actions file and a contract without actions are errors") {
    try {
        const mcp::Actions actions{"/nonexistent/actions.json", mcp::require_contract("atlas")};
        FAIL("read");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::invalid_argument);
        CHECK_THAT(error.what(), Contains("/nonexistent/actions.json: No such file"));
    }
    mcp::Contract other = mcp::require_contract("atlas");
    other.show_ended = nullptr;
    const ActionsFile file{json{{"actions", json::array()}}};
    CHECK_THROWS_WITH((mcp::Actions{file.path(), other}), Contains("--actions"));
}

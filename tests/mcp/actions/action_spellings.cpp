#include "mcp/actions/action_spellings.h"

#include "mcp/contracts/contract.h"

#include <fstream>

namespace atlasjob::test {

using Catch::Matchers::Contains;
using nlohmann::json;

json action_with(const std::string& name, const json& members) {
    json action = {
        {"name", name},
        {"description", "Runs something."},
        {"input",
         {{"type", "object"},
          {"properties",
           {{"a", {{"type", "string"}}},
            {"b", {{"type", "string"}}},
            {"n", {{"type", "integer"}, {"minimum", 1}}},
            {"word", {{"type", "string"}, {"pattern", "^[A-Za-z0-9_]{1,32}$"}}},
            {"mode", {{"type", "string"}, {"enum", {"full", "auto"}}, {"default", "auto"}}},
            {"opt", {{"type", "string"}}},
            {"list", {{"type", "array"}, {"items", {{"type", "string"}}}}}}},
          {"required", {"a", "b", "n", "word"}}}},
        {"command", {"true"}}};
    action.update(members);
    return action;
}

ActionsOnDisk::ActionsOnDisk(const std::vector<json>& actions) {
    std::ofstream{path()} << json{{"actions", actions}}.dump();
}

std::string action_error(const json& members) {
    const ActionsOnDisk file{{action_with("act", members)}};
    try {
        const mcp::Actions actions{file.path(), mcp::require_contract("atlas")};
        return {};
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::invalid_argument);
        return error.what();
    }
}

std::string command_error(const Argv& argv) {
    return action_error({{"command", argv}});
}

void check_refused(const std::vector<Refused>& table) {
    for (const Refused& row : table) {
        CAPTURE(json(row.argv).dump());
        const std::string error = command_error(row.argv);
        CHECK_THAT(
            error, Contains(
                       "actions[0].command[" + std::to_string(row.at) + "]: in \"act\", {"
                       + row.placeholder + "}: "));
        CHECK_THAT(error, Contains("; "));
    }
}

void check_accepted(const std::vector<Argv>& table) {
    for (const Argv& argv : table) {
        CAPTURE(json(argv).dump());
        CHECK(command_error(argv).empty());
    }
}

}  // namespace atlasjob::test

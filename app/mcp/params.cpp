#include "mcp/params.h"

#include "base/error.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace atlasjob::mcp {

using nlohmann::json;

const std::string& required_text(const json& params, const char* key) {
    const auto found = params.find(key);
    if (found == params.end()) {
        throw Error(ErrorCode::invalid_argument, fmt::format("params.{} is missing", key));
    }
    if (!found->is_string()) {
        throw Error(
            ErrorCode::invalid_argument, fmt::format("params.{} is a {}", key, found->type_name()),
            "it must be a string");
    }
    return found->get_ref<const std::string&>();
}

const json& required_object(const json& params, const char* key) {
    const auto found = params.find(key);
    if (found == params.end()) {
        throw Error(ErrorCode::invalid_argument, fmt::format("params.{} is missing", key));
    }
    if (!found->is_object()) {
        throw Error(
            ErrorCode::invalid_argument,
            fmt::format("params.{} is of type {}", key, found->type_name()),
            "it must be an object");
    }
    return *found;
}

const json& optional_object(const json& params, const char* key) {
    static const json none = json::object();
    return params.contains(key) ? required_object(params, key) : none;
}

void refuse_cursor(const json& params) {
    const auto cursor = params.find("cursor");
    if (cursor == params.end() || cursor->is_null()) return;
    if (cursor->is_string() && cursor->get_ref<const std::string&>().empty()) return;
    throw Error(
        ErrorCode::invalid_argument, "params.cursor is not one this server gave out",
        "leave it out: the list is one page");
}

}  // namespace atlasjob::mcp

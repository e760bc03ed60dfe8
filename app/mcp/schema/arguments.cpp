#include "mcp/schema/arguments.h"

#include "base/json_text.h"

#include <nlohmann/json.hpp>

namespace atlasjob::mcp {

using nlohmann::json;

std::string quoted_json(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

const json* ArgumentReader::find(const char* name) const {
    const auto given = arguments_.find(name);
    return given == arguments_.end() || given->is_null() ? nullptr : &*given;
}

void ArgumentReader::operator()(const char* name, std::optional<JsonText>& member) const {
    const auto given = arguments_.find(name);
    if (given != arguments_.end()) member = JsonText{given->dump()};
}

void ArgumentReader::assign(const json& given, std::string& member) {
    given.get_to(member);
}

void ArgumentReader::assign(const json& given, bool& member) {
    given.get_to(member);
}

void ArgumentReader::assign(const json& given, int& member) {
    given.get_to(member);
}

void ArgumentReader::assign(const json& given, std::int64_t& member) {
    given.get_to(member);
}

void ArgumentReader::assign(const json& given, std::size_t& member) {
    given.get_to(member);
}

void ArgumentReader::assign(const json& given, double& member) {
    given.get_to(member);
}

void ArgumentReader::assign(const json& given, std::vector<std::string>& member) {
    given.get_to(member);
}

void ArgumentReader::assign(const json& given, std::map<std::string, std::string>& member) {
    given.get_to(member);
}

void ArgumentReader::assign(const json& given, TextsOrPairs& member) {
    if (given.is_string()) {
        member.texts = {given.get<std::string>()};
    } else if (given.is_array()) {
        given.get_to(member.texts);
    } else {
        given.get_to(member.pairs);
    }
}

}  // namespace atlasjob::mcp

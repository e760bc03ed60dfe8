#include "view/indented_json.h"

#include "base/json_parts.h"

namespace atlasjob::view {

namespace {

constexpr std::size_t kIndent = 2;

void break_line(std::string& out, std::size_t depth) {
    out += '\n';
    out.append(depth * kIndent, ' ');
}

/// Whether `json` begins with an object or a list that has nothing in it.
bool leads_empty(std::string_view json) {
    return json.starts_with("{}") || json.starts_with("[]");
}

}  // namespace

std::string indented_json(std::string_view json) {
    std::string out;
    std::size_t depth = 0;
    while (!json.empty()) {
        std::string_view piece = json.substr(0, 1);
        if (piece == "\"") piece = json.substr(0, json_string_length(json));
        if (leads_empty(json)) piece = json.substr(0, 2);
        if (piece == "}" || piece == "]") break_line(out, --depth);
        out += piece;
        if (piece == ":") out += ' ';
        if (piece == "{" || piece == "[") break_line(out, ++depth);
        if (piece == ",") break_line(out, depth);
        json.remove_prefix(piece.size());
    }
    return out;
}

}  // namespace atlasjob::view

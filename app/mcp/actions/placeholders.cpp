#include "mcp/actions/placeholders.h"

#include "base/error.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxName = 64;

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
    throw Error(
        ErrorCode::invalid_argument, fmt::format("\"{}\": {}", text, why),
        "write {name} for a placeholder, {{ or }} for a brace");
}

std::string text_of(const json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

/// nullptr for a parameter that is missing or null.
const json* value_of(const json& values, const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() || found->is_null() ? nullptr : &*found;
}

}  // namespace

bool is_parameter_name(std::string_view name) {
    return !name.empty() && name.size() <= kMaxName && is_letter(name[0])
           && std::ranges::all_of(
               name, [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

Placeholders::Placeholders(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c != '{' && c != '}') {
            plain += c;
        } else if (at + 1 < text.size() && text[at + 1] == c) {
            plain += c;
            ++at;
        } else if (c == '}') {
            refuse(text, "a } without {");
        } else {
            const std::size_t end = text.find('}', at);
            if (end == std::string_view::npos) refuse(text, "a { that is not closed");
            const std::string_view name = text.substr(at + 1, end - at - 1);
            if (!is_parameter_name(name)) refuse(text, "braces around an invalid parameter name");
            if (!plain.empty()) pieces_.push_back({std::exchange(plain, {}), false});
            pieces_.push_back({std::string{name}, true});
            at = end;
        }
    }
    if (!plain.empty()) pieces_.push_back({std::move(plain), false});
}

std::vector<std::string> Placeholders::parameters() const {
    std::vector<std::string> names;
    for (const Piece& piece : pieces_)
        if (piece.is_parameter) names.push_back(piece.text);
    return names;
}

const std::string* Placeholders::whole() const {
    return pieces_.size() == 1 && pieces_[0].is_parameter ? &pieces_[0].text : nullptr;
}

std::string_view Placeholders::literal_prefix() const {
    if (pieces_.empty() || pieces_[0].is_parameter) return {};
    return pieces_[0].text;
}

std::optional<std::string> Placeholders::fill(const json& values) const {
    const bool complete = std::ranges::all_of(pieces_, [&](const Piece& piece) {
        return !piece.is_parameter || value_of(values, piece.text) != nullptr;
    });
    if (!complete) return {};
    return fill_all(values);
}

std::string Placeholders::fill_all(const json& values) const {
    std::string text;
    for (const Piece& piece : pieces_) {
        if (!piece.is_parameter) {
            text += piece.text;
        } else if (const json* value = value_of(values, piece.text)) {
            text += text_of(*value);
        }
    }
    return text;
}

json fill_json(const json& form, const json& values) {
    if (form.is_string()) {
        const Placeholders text{form.get_ref<const std::string&>()};
        const std::string* name = text.whole();
        if (name == nullptr) return text.fill_all(values);
        const json* value = value_of(values, *name);
        return value == nullptr ? json(nullptr) : *value;
    }
    json filled = form;
    if (filled.is_structured()) {
        for (json& inner : filled)
            inner = fill_json(inner, values);
    }
    return filled;
}

std::vector<std::string> parameters_of_json(const json& form) {
    if (form.is_string()) return Placeholders{form.get_ref<const std::string&>()}.parameters();
    std::vector<std::string> names;
    if (!form.is_structured()) return names;
    for (const json& inner : form) {
        const auto more = parameters_of_json(inner);
        names.insert(names.end(), more.begin(), more.end());
    }
    return names;
}

}  // namespace atlasjob::mcp

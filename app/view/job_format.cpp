#include "view/job_format.h"

#include "base/error.h"
#include "base/text.h"
#include "ledger/job_fields.h"
#include "view/job_json.h"
#include "view/style.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <vector>

namespace atlasjob::view {

namespace {

bool has_nested(const FieldInfo& field) {
    return field.type == FieldType::json || field.type == FieldType::labels
           || field.type == FieldType::process || field.type == FieldType::usage;
}

/// The names of the fields that are `such`, joined by `separator`.
template <class Such>
std::string names_of(Such such, std::string_view separator) {
    std::vector<std::string_view> names;
    for (const FieldInfo& field : kJobFieldInfos)
        if (field.is_shown() && such(field)) names.push_back(field.name);
    return fmt::format("{}", fmt::join(names, separator));
}

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
    throw Error(ErrorCode::invalid_argument, "--format: " + what, hint);
}

std::vector<std::string> path_of(std::string_view field) {
    std::vector<std::string> path;
    for (const std::string_view part : split(field, '.'))
        path.emplace_back(part);
    const std::string& root = path.front();
    const FieldInfo* const info = find_shown_field(root);
    if (info == nullptr) {
        refuse(
            fmt::format("a job has no field \"{}\"", repair_utf8(root)),
            "the fields are " + names_of([](const FieldInfo&) { return true; }, " "));
    }
    if (path.size() > 1 && !has_nested(*info)) {
        refuse(
            fmt::format("\"{}\" has no nested fields: {{{}}}", root, repair_utf8(field)),
            fmt::format("only {} have nested fields", names_of(has_nested, ", ")));
    }
    // Label keys may contain dots.
    if (root == "labels" && path.size() > 2) {
        path = {root, std::string{field.substr(root.size() + 1)}};
    }
    return path;
}

/// The value at `path`; null if there is none.
nlohmann::ordered_json find(
    const nlohmann::ordered_json& job, const std::vector<std::string>& path) {
    const nlohmann::ordered_json* found = &job;
    for (const std::string& step : path) {
        if (found->is_array()) {
            const auto index = parse_integer<std::size_t>(step);
            if (!index || *index >= found->size()) return {};
            found = &(*found)[*index];
            continue;
        }
        if (!found->is_object()) return {};
        const auto member = found->find(step);
        if (member == found->end()) return {};
        found = &*member;
    }
    return *found;
}

std::string shown(const nlohmann::ordered_json& value) {
    if (value.is_null()) return {};
    if (value.is_string()) return printable(value.get_ref<const std::string&>());
    return printable(value.dump());
}

}  // namespace

JobFormat::JobFormat(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        if ((c == '{' || c == '}') && next == c) {
            add_text(c);
            ++i;
        } else if (c == '\\' && (next == 't' || next == 'n')) {
            add_text(next == 't' ? '\t' : '\n');
            ++i;
        } else if (c == '{') {
            const std::size_t end = text.find('}', i);
            if (end == std::string_view::npos) refuse("unclosed {", "use {{ for a literal brace");
            segments_.push_back({{}, path_of(text.substr(i + 1, end - i - 1))});
            i = end;
        } else if (c == '}') {
            refuse("unmatched }", "use }} for a literal brace");
        } else {
            add_text(c);
        }
    }
}

void JobFormat::add_text(char c) {
    if (segments_.empty() || !segments_.back().path.empty()) segments_.emplace_back();
    segments_.back().text += c;
}

std::string JobFormat::line(const Job& job, Time now) const {
    const auto json = nlohmann::ordered_json::parse(job_json(job, now));
    std::string line;
    for (const Segment& segment : segments_)
        line += segment.path.empty() ? segment.text : shown(find(json, segment.path));
    return line + '\n';
}

}  // namespace atlasjob::view

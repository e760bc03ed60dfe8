#include "cli/options/batch.h"

#include "base/error.h"
#include "base/json_text.h"
#include "base/text.h"
#include "ledger/limits.h"
#include "rpc/reply.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::cli {

namespace {

using nlohmann::json;

constexpr std::string_view kCommand = "command";
constexpr std::size_t kShownBytes = 200;  ///< Length limit of a text quoted in an error.

/// Throws an error about a line; the caller adds the line number.
[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorCode::invalid_argument, why);
}

/// The key of an option: its name with _ for -.
std::string key_of(std::string_view option) {
    std::string key{option};
    std::ranges::replace(key, '-', '_');
    return key;
}

const SpecOption& require_option(const std::string& key) {
    const auto options = spec_options();
    const auto found = std::ranges::find_if(
        options, [&](const SpecOption& option) { return key_of(option.name) == key; });
    if (found != options.end()) return *found;
    std::vector<std::string> keys = {std::string{kCommand}};
    for (const SpecOption& option : options)
        keys.push_back(key_of(option.name));
    const std::vector<std::string_view> candidates{keys.begin(), keys.end()};
    const std::string_view meant = nearest(key, candidates);
    refuse(
        fmt::format("unknown key \"{}\"", clipped(key, kShownBytes))
        + (meant.empty() ? "" : fmt::format(" (did you mean \"{}\"?)", meant)));
}

/// The value as it would be written on the command line.
std::string text_of(const std::string& key, const json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number()) return value.dump();
    refuse(fmt::format("\"{}\": not a string or number", key));
}

bool takes_pairs(const SpecOption& option) {
    return option.name == "label" || option.name == "env";
}

void take_flag(Spec& spec, const SpecOption& option, const std::string& key, const json& value) {
    if (!value.is_boolean()) refuse(fmt::format("\"{}\": not true or false", key));
    if (value.get<bool>()) option.take(spec, {});
}

/// Refuses values that are ambiguous in a batch: stdin may be the batch itself, and `last` would
/// mean something else on each line.
void refuse_ambiguous(const SpecOption& option, const std::string& text) {
    const bool is_dependency = option.name == "after" || option.name == "after-ended";
    const bool is_ambiguous =
        (option.name == "stdin" && text == "-") || (is_dependency && text == "last");
    if (is_ambiguous)
        refuse(fmt::format("\"{}\": \"{}\" is ambiguous in a batch", option.name, text));
}

void take_one(Spec& spec, const SpecOption& option, const std::string& text) {
    refuse_ambiguous(option, text);
    option.take(spec, text);
}

void take_many(Spec& spec, const SpecOption& option, const std::string& key, const json& value) {
    if (value.is_object() && takes_pairs(option)) {
        for (const auto& [name, text] : value.items())
            option.take(spec, fmt::format("{}={}", name, text_of(key, text)));
    } else if (value.is_array() && option.repeatable) {
        for (const json& element : value)
            take_one(spec, option, text_of(key, element));
    } else {
        take_one(spec, option, text_of(key, value));
    }
}

std::vector<std::string> command_of(const json& value) {
    const bool texts = value.is_array() && !value.empty()
                       && std::ranges::all_of(value, [](const json& e) { return e.is_string(); });
    if (!texts) refuse("\"command\": not an array of strings");
    return value.get<std::vector<std::string>>();
}

void take_member(
    BatchLine& line, std::string_view text, const std::string& key, const json& value) {
    if (key == kCommand) {
        line.command = command_of(value);
        return;
    }
    const SpecOption& option = require_option(key);
    if (value.is_null()) return;  // Same as absent.
    if (option.placeholder.empty()) return take_flag(line.spec, option, key, value);
    // A target is kept as written, with numbers of any size and the order of keys.
    if (option.name == "target" && !value.is_string())
        return option.take(line.spec, std::string{rpc::raw_member(text, key)});
    take_many(line.spec, option, key, value);
}

BatchLine read_line(std::string_view text, const Spec& defaults) {
    if (nests_deeper_than(text, kDeepestJson)) refuse("nested too deeply");
    const json object = json::parse(text, nullptr, false);
    if (object.is_discarded()) refuse("not JSON");
    if (!object.is_object()) refuse("not a JSON object");
    BatchLine line{0, defaults, {}};
    for (const auto& [key, value] : object.items())
        take_member(line, text, key, value);
    if (line.command.empty()) refuse("no \"command\"");
    check(line.spec);
    return line;
}

}  // namespace

void refuse_line(std::size_t number, std::string_view source, std::string_view why) {
    throw Error(
        ErrorCode::invalid_argument, fmt::format("line {} of {}: {}", number, source, why),
        "nothing was submitted; fix it and resubmit");
}

std::vector<BatchLine> read_batch(
    std::string_view text, std::string_view source, const Spec& defaults) {
    std::vector<BatchLine> lines;
    std::size_t number = 0;
    for (const std::string_view line : split(text, '\n')) {
        ++number;
        if (trim(line).empty()) continue;
        try {
            lines.push_back(read_line(line, defaults));
            lines.back().number = number;
        } catch (const Error& error) {
            refuse_line(number, source, error.message());
        }
    }
    return lines;
}

}  // namespace atlasjob::cli

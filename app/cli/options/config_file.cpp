#include "cli/options/config_file.h"

#include "base/environment_path.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/options/settings.h"
#include "cli/options/spec_values.h"
#include "ledger/limits.h"

#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <sstream>

namespace atlasjob::cli {

namespace {

constexpr std::string_view kQueuePrefix = "queue.";
constexpr std::string_view kSlotsSuffix = ".slots";

[[noreturn]] void refuse(const std::string& why, const std::string& hint) {
    throw Error(ErrorCode::invalid_argument, why, hint);
}

std::vector<CLI::ConfigItem> parse_toml(const std::string& content) {
    try {
        std::istringstream input{content};
        return CLI::ConfigTOML{}.from_config(input);
    } catch (const CLI::Error& error) {
        refuse(repair_utf8(error.what()), "use lines such as ledger = \"/path/ledger.db\"");
    }
}

/// Whether the item is one of CLI11's markers for the start and end of a section.
bool is_section_mark(const CLI::ConfigItem& item) {
    return item.name == "++" || item.name == "--";
}

/// Rebuilds "section.key": CLI11 splits section names at dots and keeps their quotes.
std::string key_of(const CLI::ConfigItem& item) {
    std::string section;
    for (const std::string& part : item.parents)
        section += (section.empty() ? "" : ".") + part;
    std::erase_if(section, [](char c) { return c == '"' || c == '\''; });
    return section.empty() ? item.name : section + '.' + item.name;
}

/// Refuses empty values, and values that CLI11 has cut at a "#" inside quotes, which still start
/// with a quote.
void check_text(const std::string& key, const std::string& text) {
    if (text.empty()) refuse(key + " has no value", "give it a value or remove the line");
    if (text[0] == '"' || text[0] == '\'') {
        refuse(
            key + ": the value may not contain # or a quote", "write it without these characters");
    }
}

bool is_queue_slots(std::string_view key) {
    return key.starts_with(kQueuePrefix) && key.ends_with(kSlotsSuffix)
           && key.size() > kQueuePrefix.size() + kSlotsSuffix.size();
}

std::string queue_of(std::string_view key) {
    return std::string{
        key.substr(kQueuePrefix.size(), key.size() - kQueuePrefix.size() - kSlotsSuffix.size())};
}

void check_item(const std::string& key, const std::vector<std::string>& texts) {
    const Setting* setting = find_setting(key);
    if (setting == nullptr && !is_queue_slots(key)) {
        refuse(fmt::format("unknown key \"{}\"", repair_utf8(key)), setting_hint(key));
    }
    if (texts.size() != 1 && (setting == nullptr || !setting->is_list())) {
        refuse(
            fmt::format("{} takes one value, not {}", key, texts.size()),
            "give one value, in quotes if it is a string");
    }
    for (const std::string& text : texts) {
        check_text(key, text);
        if (setting != nullptr) {
            setting->check(key, text);
        } else {
            check_queue(queue_of(key));
            static_cast<void>(parse_number(key, text, 1, kMaxSlots));
        }
    }
}

/// Expands ~ and refuses relative paths, so that the ledger does not depend on the working
/// directory.
void resolve_ledger(std::string& text, const std::string& home) {
    if (text.starts_with("~/")) text = home + text.substr(1);
    if (text[0] != '/' && text.find(':') == std::string::npos) {
        refuse(fmt::format("ledger \"{}\": not an absolute path", text), "start it with / or ~/");
    }
}

void take(ConfigFile& config, const CLI::ConfigItem& item, const std::string& home) {
    const std::string key = key_of(item);
    check_item(key, item.inputs);
    auto& value = config.values[key];
    if (!value.texts.empty()) refuse(key + " is set twice", "remove one of them");
    value.texts = item.inputs;
    if (key == "ledger") resolve_ledger(value.texts[0], home);
}

void parse(ConfigFile& config, const std::string& content, const std::string& home) {
    const ConfigLines lines{content};
    if (const int line = lines.first_invalid(); line != 0) {
        throw config_error(
            config, line,
            {ErrorCode::invalid_argument, "not KEY = VALUE and not [SECTION]",
             "use lines such as ledger = \"/path/ledger.db\""});
    }
    for (const CLI::ConfigItem& item : parse_toml(content)) {
        if (is_section_mark(item)) continue;
        const int line = lines.of(key_of(item));
        try {
            take(config, item, home);
            config.values[key_of(item)].line = line;
        } catch (const Error& error) {
            throw config_error(config, line, error);
        }
    }
}

}  // namespace

std::map<std::string, int> ConfigFile::queue_slots() const {
    std::map<std::string, int> slots;
    for (const auto& [key, value] : values) {
        if (is_queue_slots(key)) slots[queue_of(key)] = parse_integer<int>(value.texts[0]).value();
    }
    return slots;
}

std::string config_path(const std::string& home) {
    return home + "/.config/atlasjob/config.toml";
}

ConfigFile read_config(const std::string& home) {
    ConfigFile config;
    config.path = config_path(home);
    const auto content = read_file(config.path);
    if (!content) {
        const int error = errno;
        if (error == ENOENT || error == ENOTDIR) return config;
        throw Error(
            ErrorCode::unavailable,
            fmt::format("cannot read the config file {}: {}", config.path, errno_text(error)),
            "fix or remove it");
    }
    config.exists = true;
    parse(config, *content, home);
    return config;
}

ConfigFile read_config() {
    const auto home = environment_path("HOME");
    return home ? read_config(*home) : ConfigFile{};
}

Error config_error(const ConfigFile& config, int line, const Error& error) {
    const std::string place =
        line == 0 ? config.path : fmt::format("{}, line {}", config.path, line);
    return Error{
        error.code(), fmt::format("config file {}: {}", place, error.message()), error.hint()};
}

namespace {

/// The name without TOML quotes.
std::string unquoted(std::string_view name) {
    std::string text{trim(name)};
    std::erase_if(text, [](char c) { return c == '"' || c == '\''; });
    return text;
}

std::string qualified(const std::string& section, const std::string& key) {
    if (section.empty()) return key;
    std::string full_key = section;
    full_key += '.';
    return full_key += key;
}

bool opens_list(std::string_view value) {
    return value.starts_with('[') && !value.ends_with(']');
}

}  // namespace

ConfigLines::ConfigLines(std::string_view content) {
    std::string section;
    bool in_list = false;
    int number = 0;
    for (const std::string_view raw : split(content, '\n')) {
        ++number;
        const std::string_view line = trim(raw);
        if (in_list) {
            in_list = !line.ends_with(']');
            continue;
        }
        if (line.empty() || line[0] == '#') continue;
        const std::size_t sign = line.find('=');
        if (line[0] == '[' && line.ends_with(']')) {
            section = unquoted(line.substr(1, line.size() - 2));
        } else if (sign == std::string_view::npos || sign == 0) {
            if (first_invalid_ == 0) first_invalid_ = number;
        } else {
            const std::string key = unquoted(line.substr(0, sign));
            lines_[qualified(section, key)] = number;
            in_list = opens_list(trim(line.substr(sign + 1)));
        }
    }
}

int ConfigLines::of(std::string_view key) const {
    const auto found = lines_.find(key);
    return found == lines_.end() ? 0 : found->second;
}

}  // namespace atlasjob::cli

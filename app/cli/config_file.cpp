#include "cli/config_file.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "ledger/limits.h"

#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <sstream>

namespace atlasjob::cli {

namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("the config file {} is not understood: {}", path, why),
        "write lines such as ledger = \"/path/ledger.db\"");
}

std::vector<CLI::ConfigItem> parse_toml(const std::string& path, const std::string& content) {
    try {
        std::istringstream input{content};
        return CLI::ConfigTOML{}.from_config(input);
    } catch (const CLI::Error& error) {
        refuse(path, error.what());
    }
}

/// The one text of an item. CLI11 cuts values at a "#", also inside quotes, and leaves the quote
/// behind.
std::string text_of(const std::string& path, const CLI::ConfigItem& item) {
    if (item.inputs.size() != 1) refuse(path, item.name + " must be one text");
    const std::string& value = item.inputs[0];
    if (value.empty()) refuse(path, item.name + " is empty");
    if (value[0] == '"' || value[0] == '\'') refuse(path, item.name + " may not contain #");
    return value;
}

/// The same file whatever directory the reader is in.
std::string ledger_of(const std::string& path, const std::string& text, const std::string& home) {
    if (text.starts_with("~/")) return home + text.substr(1);
    if (text[0] != '/' && text.find(':') == std::string::npos) {
        refuse(path, fmt::format("ledger \"{}\" is not an absolute path", text));
    }
    return text;
}

bool switch_of(const std::string& path, const CLI::ConfigItem& item) {
    const std::string value = text_of(path, item);
    if (value != "true" && value != "false") refuse(path, item.fullname() + " is true or false");
    return value == "true";
}

int slots_of(const std::string& path, const CLI::ConfigItem& item) {
    const auto slots = parse_integer<int>(text_of(path, item));
    if (!slots || *slots < 1 || *slots > kMostSlots) {
        refuse(path, fmt::format("{} is a number from 1 to {}", item.fullname(), kMostSlots));
    }
    return *slots;
}

/// The QUEUE of [queue.QUEUE]. CLI11 takes the name apart at its dots.
std::string queue_of(const std::string& path, const CLI::ConfigItem& item) {
    std::string name;
    for (auto part = item.parents.begin() + 1; part != item.parents.end(); ++part)
        name += (name.empty() ? "" : ".") + *part;
    if (name.size() > 2 && name.front() == '"' && name.back() == '"')
        name = name.substr(1, name.size() - 2);
    try {
        check_queue(name);
    } catch (const Error& error) {
        refuse(path, error.message());
    }
    return name;
}

/// CLI11 tells where a section begins and ends.
bool is_section_mark(const CLI::ConfigItem& item) {
    return item.name == "++" || item.name == "--";
}

void take(ConfigFile& config, const std::string& path, const CLI::ConfigItem& item) {
    const bool slots = item.name == "slots" && !item.parents.empty();
    if (slots && item.parents[0] == "queue" && item.parents.size() > 1) {
        config.queue_slots[queue_of(path, item)] = slots_of(path, item);
    } else if (slots && item.parents == std::vector<std::string>{"worker"}) {
        config.worker_slots = slots_of(path, item);
    } else if (item.parents.empty() && item.name == "on-demand-worker") {
        config.on_demand_worker = switch_of(path, item);
    } else {
        refuse(path, fmt::format("unknown key \"{}\"", item.fullname()));
    }
}

}  // namespace

std::string config_path(const std::string& home) {
    return home + "/.config/atlasjob/config.toml";
}

ConfigFile read_config(const std::string& home) {
    const std::string path = config_path(home);
    const auto content = read_file(path);
    if (!content) {
        const int error = errno;
        if (error == ENOENT || error == ENOTDIR) return {};
        throw Error(
            ErrorCode::unavailable,
            fmt::format("cannot read the config file {}: {}", path, errno_text(error)),
            "mend or remove it, or give --ledger");
    }
    ConfigFile config;
    for (const CLI::ConfigItem& item : parse_toml(path, *content)) {
        if (is_section_mark(item)) continue;
        if (item.parents.empty() && item.name == "ledger") {
            config.ledger = ledger_of(path, text_of(path, item), home);
        } else {
            take(config, path, item);
        }
    }
    return config;
}

ConfigFile read_config() {
    const auto home = environment("HOME");
    return home ? read_config(*home) : ConfigFile{};
}

}  // namespace atlasjob::cli

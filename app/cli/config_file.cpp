#include "cli/config_file.h"

#include "base/error.h"
#include "base/file.h"

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
        if (!item.parents.empty() || item.name != "ledger") {
            refuse(path, fmt::format("unknown key \"{}\"", item.fullname()));
        }
        config.ledger = ledger_of(path, text_of(path, item), home);
    }
    return config;
}

}  // namespace atlasjob::cli

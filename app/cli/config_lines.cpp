#include "cli/config_lines.h"

#include "base/text.h"

namespace atlasjob::cli {

namespace {

/// A name without the quotes that TOML allows in it.
std::string bare(std::string_view name) {
    std::string text{trim(name)};
    std::erase_if(text, [](char c) { return c == '"' || c == '\''; });
    return text;
}

std::string within(const std::string& section, const std::string& key) {
    if (section.empty()) return key;
    std::string whole = section;
    whole += '.';
    return whole += key;
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
            section = bare(line.substr(1, line.size() - 2));
        } else if (sign == std::string_view::npos || sign == 0) {
            if (not_understood_ == 0) not_understood_ = number;
        } else {
            const std::string key = bare(line.substr(0, sign));
            lines_[within(section, key)] = number;
            in_list = opens_list(trim(line.substr(sign + 1)));
        }
    }
}

int ConfigLines::of(std::string_view key) const {
    const auto found = lines_.find(key);
    return found == lines_.end() ? 0 : found->second;
}

}  // namespace atlasjob::cli

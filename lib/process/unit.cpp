#include "process/unit.h"

#include "base/file.h"
#include "base/text.h"

#include <fmt/format.h>

#include <csignal>
#include <vector>

namespace atlasjob {

namespace {

constexpr std::string_view kOfUserManager = " of the user manager";
constexpr std::string_view kOwnPrefix = "atlasjob-";

bool is_unit(std::string_view component) {
    return component.ends_with(".service") || component.ends_with(".scope");
}

bool is_user_manager(std::string_view component) {
    return component.starts_with("user@") && component.ends_with(".service");
}

/// The path in the hierarchy that systemd manages: its own one if there is one (version 1), else
/// the unified one. Each line is "NUMBER:CONTROLLERS:PATH".
std::string_view managed_path(std::string_view cgroups) {
    std::string_view unified;
    for (const std::string_view line : split(cgroups, '\n')) {
        const auto fields = split(line, ':');
        if (fields.size() < 3) continue;
        const std::string_view path = line.substr(fields[0].size() + fields[1].size() + 2);
        if (fields[1] == "name=systemd") return path;
        if (fields[1].empty()) unified = path;
    }
    return unified;
}

}  // namespace

bool Unit::is_session() const {
    return manager == Manager::system && name.starts_with("session-") && name.ends_with(".scope");
}

bool Unit::is_own() const {
    return name.starts_with(kOwnPrefix);
}

bool Unit::is_stopped_by(int signo) const {
    return manager != Manager::none && (signo == SIGHUP || name.ends_with(".service"));
}

Unit parse_unit(std::string_view cgroups) {
    Unit unit;
    for (const std::string_view component : split(managed_path(cgroups), '/')) {
        if (!is_unit(component)) continue;
        const bool below_user_manager = is_user_manager(unit.name);
        // Whatever is below a unit is its own affair, except for the units of a user manager.
        if (!unit.name.empty() && !below_user_manager) break;
        unit.manager = below_user_manager ? Unit::Manager::user : Unit::Manager::system;
        unit.name = component;
    }
    return unit;
}

Unit unit_of(pid_t pid) {
    return parse_unit(read_file(fmt::format("/proc/{}/cgroup", pid)).value_or(""));
}

std::string to_string(const Unit& unit) {
    if (unit.manager != Unit::Manager::user) return unit.name;
    return unit.name + std::string{kOfUserManager};
}

Unit parse_unit_text(std::string_view text) {
    if (text.empty()) return {};
    if (!text.ends_with(kOfUserManager)) return {Unit::Manager::system, std::string{text}};
    text.remove_suffix(kOfUserManager.size());
    return {Unit::Manager::user, std::string{text}};
}

}  // namespace atlasjob

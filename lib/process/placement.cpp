#include "process/placement.h"

#include "base/file.h"
#include "base/text.h"
#include "process/account.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <vector>

namespace atlasjob {

namespace {

constexpr std::string_view kLogind = "/logind.conf";
/// systemd's directories of configuration; a file in an earlier one replaces its namesake in a
/// later one.
constexpr std::array<std::string_view, 4> kSystemdDirectories = {
    "/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd"};

bool exists(const std::string& path) {
    struct stat ignored {};
    return lstat(path.c_str(), &ignored) == 0;
}

/// The files that configure logind, in the order in which they apply.
std::vector<std::string> logind_files(const std::string& root) {
    std::map<std::string, std::string> by_name;
    std::vector<std::string> files;
    for (const std::string_view directory : kSystemdDirectories) {
        const std::string path = fmt::format("{}{}{}", root, directory, kLogind);
        if (files.empty() && exists(path)) files.push_back(path);
        std::error_code ignored;
        for (const auto& entry : std::filesystem::directory_iterator{path + ".d", ignored})
            if (entry.path().extension() == ".conf")
                by_name.try_emplace(entry.path().filename(), entry.path());
    }
    for (const auto& [name, path] : by_name)
        files.push_back(path);
    return files;
}

/// The last value of each setting.
std::map<std::string, std::string, std::less<>> logind_settings(const std::string& root) {
    std::map<std::string, std::string, std::less<>> settings;
    for (const std::string& file : logind_files(root)) {
        const auto text = read_file(file);
        if (!text) continue;
        for (const std::string_view line : split(*text, '\n')) {
            const std::size_t equals = line.find('=');
            if (equals == std::string_view::npos || trim(line).starts_with('#')) continue;
            settings[std::string{trim(line.substr(0, equals))}] = trim(line.substr(equals + 1));
        }
    }
    return settings;
}

bool is_true(std::string_view text) {
    constexpr std::array<std::string_view, 6> kTrue = {"1", "yes", "y", "true", "t", "on"};
    return std::ranges::find(kTrue, text) != kTrue.end();
}

bool contains_word(std::string_view list, std::string_view word) {
    const auto words = split(list, ' ');
    return std::ranges::find(words, word) != words.end();
}

/// As logind decides it.
bool kills_processes_of(const std::string& account, const std::string& root) {
    const auto settings = logind_settings(root);
    const auto value = [&](std::string_view name, std::string_view otherwise) {
        const auto found = settings.find(name);
        return found == settings.end() ? otherwise : std::string_view{found->second};
    };
    if (!is_true(value("KillUserProcesses", "no"))) return false;
    if (contains_word(value("KillExcludeUsers", "root"), account)) return false;
    const std::string_view only = value("KillOnlyUsers", "");
    return only.empty() || contains_word(only, account);
}

bool starts_by_cron(const std::string& account, const std::string& root) {
    const auto lines = read_file(root + "/etc/cron.d/atlasjob");
    return lines && std::ranges::any_of(split(*lines, '\n'), [&](std::string_view line) {
               const std::string_view text = trim(line);
               return !text.starts_with('#') && contains_word(text, account);
           });
}

}  // namespace

PlacementFacts placement_facts(const std::string& root) {
    PlacementFacts facts;
    facts.account = account_name();
    facts.has_systemd =
        exists(root + "/run/systemd/system") && exists(root + "/usr/bin/systemd-run");
    if (!facts.has_systemd) return facts;
    const uid_t uid = geteuid();
    facts.is_root = uid == 0;
    facts.has_user_manager = exists(fmt::format("{}/run/user/{}/systemd/private", root, uid));
    facts.lingers = exists(fmt::format("{}/var/lib/systemd/linger/{}", root, facts.account));
    facts.kills_sessions = kills_processes_of(facts.account, root);
    facts.unit = unit_of(getpid());
    return facts;
}

Placement choose_placement(const PlacementFacts& facts) {
    const Placement stay{false, lifetime_in(facts.unit, facts)};
    const bool in_own_scope = facts.unit.is_own() && facts.unit.name.ends_with(".scope");
    if (!facts.has_systemd || in_own_scope) return stay;
    if (facts.is_root) return {true, Lifetime::machine};
    if (!facts.has_user_manager) return stay;
    if (facts.lingers) return {true, Lifetime::machine};
    const bool dies_with_session = facts.unit.is_session() && facts.kills_sessions;
    if (dies_with_session || facts.unit.manager == Unit::Manager::user)
        return {true, Lifetime::logout};
    return stay;
}

Lifetime lifetime_in(const Unit& unit, const PlacementFacts& facts) {
    if (unit.manager == Unit::Manager::none) return Lifetime::machine;
    if (unit.is_session()) return facts.kills_sessions ? Lifetime::logout : Lifetime::machine;
    if (!unit.is_own()) return Lifetime::unit;
    const bool ends_at_logout = unit.manager == Unit::Manager::user && !facts.lingers;
    return ends_at_logout ? Lifetime::logout : Lifetime::machine;
}

BootStart boot_start(
    const PlacementFacts& facts, const std::string& home, const std::string& root) {
    const auto wanted = [&](std::string_view directory, std::string_view instance) {
        return exists(fmt::format(
                   "{}{}/timers.target.wants/atlasjob-gc{}.timer", root, directory, instance))
               || exists(fmt::format(
                   "{}{}/multi-user.target.wants/atlasjob-worker{}.service", root, directory,
                   instance))
               || exists(fmt::format(
                   "{}{}/default.target.wants/atlasjob-worker{}.service", root, directory,
                   instance));
    };
    if (wanted("/etc/systemd/system", "@" + facts.account)) return BootStart::enabled;
    if (starts_by_cron(facts.account, root)) return BootStart::enabled;
    if (!wanted("/etc/systemd/user", "") && !wanted(home + "/.config/systemd/user", ""))
        return BootStart::none;
    return facts.lingers ? BootStart::enabled : BootStart::needs_login;
}

}  // namespace atlasjob

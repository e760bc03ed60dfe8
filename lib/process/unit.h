#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace atlasjob {

/// The systemd unit that a process belongs to: when it is stopped, so is the process.
struct Unit {
    enum class Manager {
        none,    ///< No unit: systemd does not manage this process.
        system,  ///< A unit of the machine's systemd, login sessions included.
        user,    ///< A unit of an account's own systemd, which itself ends after the last logout.
    };

    Manager manager = Manager::none;
    std::string name = {};  ///< "cron.service"

    /// Whether it is a login session, as made by logind.
    [[nodiscard]] bool is_session() const;
    /// Whether atlasjob made it or its package did, so that it lives for the sake of jobs.
    [[nodiscard]] bool is_own() const;
    /// Whether a process that receives `signo` must assume that the unit is being stopped: then it
    /// should start nothing in it. Sessions and scopes of atlasjob send HUP, too, when they are
    /// stopped; services need not.
    [[nodiscard]] bool is_stopped_by(int signo) const;

    friend bool operator==(const Unit&, const Unit&) = default;
};

/// The unit in the text of a /proc/<pid>/cgroup: of the hierarchy that systemd manages, with
/// cgroups version 1, 2, or both.
[[nodiscard]] Unit parse_unit(std::string_view cgroups);

/// The unit of a process of this pid namespace; no unit if there is no such process.
[[nodiscard]] Unit unit_of(pid_t pid);

/// As text for the ledger and for people: "cron.service", "app.service of the user manager"; empty
/// if there is none. parse_unit_text() reads it back.
[[nodiscard]] std::string to_string(const Unit& unit);
[[nodiscard]] Unit parse_unit_text(std::string_view text);

}  // namespace atlasjob

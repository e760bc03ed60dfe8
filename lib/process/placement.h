#pragma once

#include "process/unit.h"

#include <string>

namespace atlasjob {

/// How long a background process may live.
enum class Lifetime {
    machine,  ///< Until the machine is shut down.
    logout,   ///< Until its account's last session has ended.
    unit,     ///< Until the unit it is in is stopped.
};

/// What decides where a process that is to outlive its caller lives longest.
struct PlacementFacts {
    std::string account = {};       ///< Login name.
    bool has_systemd = false;       ///< systemd manages this machine, and systemd-run is installed.
    bool is_root = false;           ///< Uses the system manager.
    bool has_user_manager = false;  ///< The account's own systemd is running.
    bool lingers = false;           ///< It runs without a login, from boot on.
    bool kills_sessions = false;    ///< Logging out kills what a session has left running.
    Unit unit = {};                 ///< Of this process.
};

/// The facts about this process. Reads files only: linger marks, and logind's configuration
/// (KillUserProcesses, KillOnlyUsers, KillExcludeUsers), in which a change counts although logind
/// may not have read it yet. `root` is the directory that holds the machine's files. Throws
/// Error(unavailable) as account_name().
[[nodiscard]] PlacementFacts placement_facts(const std::string& root = "");

/// Where to start a process that is to outlive its caller.
struct Placement {
    bool own_scope = false;  ///< In a transient scope of its own; false: where the caller is.
    Lifetime lifetime = Lifetime::machine;

    friend bool operator==(const Placement&, const Placement&) = default;
};

/// Where it lives longest. A scope of root's, or of an account that lingers, lives until shutdown.
/// A scope of another account ends after its last logout, so it is used only if the process would
/// not live longer where the caller is: in a session whose processes are killed at logout, or in
/// another unit of the same user manager.
[[nodiscard]] Placement choose_placement(const PlacementFacts& facts);

/// How long a process of this account in `unit` may live.
[[nodiscard]] Lifetime lifetime_in(const Unit& unit, const PlacementFacts& facts);

/// Whether something starts queued jobs of the account after a reboot, before it logs in: a unit of
/// the package that is enabled, or the package's cron file with a line for the account.
enum class BootStart {
    enabled,
    needs_login,  ///< User units are enabled, but the account does not linger.
    none,
};
/// `home` is the account's home directory.
[[nodiscard]] BootStart boot_start(
    const PlacementFacts& facts, const std::string& home, const std::string& root = "");

}  // namespace atlasjob

#pragma once

#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

namespace atlasjob::test {

inline constexpr auto* kOnDemand = "ATLASJOB_ON_DEMAND_WORKER";

/// A ledger in its own directory, which can be moved, with on-demand workers. A script of blocked()
/// reports its start through the named pipe "up" and then waits for the pipe "go".
class Movable {
  public:
    Movable() {
        sandbox.environment()["ATLASJOB_LEDGER"] = ledger;
        sandbox.environment()[kOnDemand] = "true";
        for (const char* pipe : {"up", "go"})
            REQUIRE(mkfifo((sandbox.dir() / pipe).c_str(), 0600) == 0);
    }
    Movable(const Movable&) = delete;
    Movable& operator=(const Movable&) = delete;
    ~Movable() {
        for (const std::string& each : {ledger, sandbox.dir() / "away/ledger.db"})
            for (const pid_t worker : workers(each))
                kill(worker, SIGTERM);
    }

    /// A shell script that reports its start, waits for go() and then runs `tail`.
    std::string blocked(const std::string& tail = "true") const {
        return fmt::format(
            "echo up >{0}/up; read -r line <{0}/go; {1}", sandbox.dir().path().string(), tail);
    }
    void await_up() const { REQUIRE(read_file(sandbox.dir() / "up") == "up\n"); }
    void go() const { std::ofstream{sandbox.dir() / "go"} << "go\n"; }

    std::vector<pid_t> workers(const std::string& path) const {
        std::vector<pid_t> pids;
        const Ran doctor = sandbox.run({"doctor", "--json", "--ledger", path});
        if (doctor.out.empty()) return pids;
        const nlohmann::json findings = doctor.json()["findings"];
        for (const nlohmann::json& finding : findings) {
            if (finding["subject"] != "workers") continue;
            const std::string text = finding["text"];
            static constexpr std::string_view kLabel = "pid ";
            for (auto at = text.find(kLabel); at != text.npos; at = text.find(kLabel, at + 1))
                pids.push_back(std::stoi(text.substr(at + kLabel.size())));
        }
        return pids;
    }

    void move_directory() const { std::filesystem::rename(home, away); }
    void move_all_files() const { move_files("ledger.db"); }
    /// Moves the files that docs/operations.md names for a restore.
    void move_database() const {
        std::filesystem::create_directory(away);
        for (const std::string name : {"ledger.db", "ledger.db-wal", "ledger.db-shm"})
            if (std::filesystem::exists(home + "/" + name))
                std::filesystem::rename(home + "/" + name, away + "/" + name);
    }
    void remove_database() const {
        for (const std::string& name : names())
            if (name == "ledger.db" || name.starts_with("ledger.db-"))
                std::filesystem::remove(home + "/" + name);
    }
    void back_up() const {
        const Ran ran = sandbox.run({"backup", backup, "-q"});
        INFO(ran.err);
        REQUIRE(ran.exit_status == 0);
    }
    void restore() const {
        std::filesystem::create_directories(home);
        std::filesystem::copy_file(backup, ledger);
        std::filesystem::permissions(
            ledger, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }
    std::set<std::string> names() const {
        std::set<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator{home})
            names.insert(entry.path().filename());
        return names;
    }
    std::string status(const std::string& job, const std::string& path) const {
        return sandbox.run({"status", job, "--json", "--ledger", path}).json()["status"];
    }
    /// Waits for jobs without starting a worker for them; returns the exit code of wait.
    int wait_only(const std::vector<std::string>& jobs) {
        sandbox.environment()[kOnDemand] = "false";
        std::vector<std::string> args = {"wait", "--timeout", "60s"};
        args.insert(args.end(), jobs.begin(), jobs.end());
        const int exit_status = sandbox.run(args).exit_status;
        sandbox.environment()[kOnDemand] = "true";
        return exit_status;
    }

    Sandbox sandbox;
    std::string home = sandbox.dir() / "l";
    std::string away = sandbox.dir() / "away";
    std::string ledger = home + "/ledger.db";
    std::string moved = away + "/ledger.db";
    std::string backup = sandbox.dir() / "backup.db";

  private:
    void move_files(const std::string& prefix) const {
        std::filesystem::create_directory(away);
        for (const std::string& name : names())
            if (name.starts_with(prefix))
                std::filesystem::rename(home + "/" + name, away + "/" + name);
    }
};

}  // namespace atlasjob::test

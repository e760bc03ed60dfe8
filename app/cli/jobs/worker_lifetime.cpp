#include "cli/jobs/worker_lifetime.h"

#include "base/text.h"
#include "ledger/policy.h"
#include "process/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace atlasjob::cli {

namespace {

constexpr const char* kSubject = "lifetime";

/// "; " between two texts.
void append(std::string& text, const std::string& more) {
    text += (text.empty() ? "" : "; ") + more;
}

std::string place_of(const Worker& worker) {
    return worker.is.unit.empty() ? "no systemd unit" : repair_utf8(worker.is.unit);
}

std::string end_of(const Worker& worker, const PlacementFacts& facts) {
    switch (lifetime_in(parse_unit_text(worker.is.unit), facts)) {
        case Lifetime::machine:
            return {};
        case Lifetime::logout:
            return fmt::format(", which ends after the last logout of {}", facts.account);
        case Lifetime::unit:
            return ", and to stop or restart that unit ends its jobs";
    }
    return {};
}

struct Lives {
    std::string text;  ///< Of every living worker.
    bool shortened = false;
};

Lives lives_of_workers(Store& store, Time now, const PlacementFacts& facts) {
    Lives lives;
    for (const Worker& worker : store.workers()) {
        // Which units another machine or account has is not known here.
        const Liveness liveness = liveness_of(worker.is.process);
        if (liveness != Liveness::alive || !is_alive(worker, liveness, now)) continue;
        const std::string end = end_of(worker, facts);
        append(
            lives.text,
            fmt::format("worker {} is in {}{}", worker.is.process.pid, place_of(worker), end));
        lives.shortened = lives.shortened || !end.empty();
    }
    return lives;
}

std::string enable_linger(const PlacementFacts& facts) {
    return "loginctl enable-linger " + facts.account;
}

/// What a worker started now would not survive, and how it would; empty if nothing but a shutdown.
Finding next_worker(const PlacementFacts& facts) {
    switch (choose_placement(facts).lifetime) {
        case Lifetime::machine:
            break;
        case Lifetime::logout:
            return {
                Finding::Level::note, kSubject,
                fmt::format("what is started here ends after the last logout of {}", facts.account),
                enable_linger(facts)};
        case Lifetime::unit:
            return {
                Finding::Level::note, kSubject,
                fmt::format("what is started here ends when {} is stopped", to_string(facts.unit)),
                fmt::format(
                    "{}, or enable atlasjob-worker@{}.service", enable_linger(facts),
                    facts.account)};
    }
    return {Finding::Level::ok, kSubject, {}, {}};
}

void add_boot_start(Finding& finding, BootStart start, const PlacementFacts& facts) {
    if (start == BootStart::enabled)
        return append(finding.text, "queued jobs are started after a reboot");
    finding.level = Finding::Level::note;
    const bool needs_login = start == BootStart::needs_login;
    append(
        finding.text, needs_login
                          ? fmt::format("after a reboot, jobs wait until {} logs in", facts.account)
                          : "after a reboot, jobs wait until atlasjob is used again");
    if (!needs_login)
        append(
            finding.fix, facts.is_root ? "systemctl enable --now atlasjob-gc@root.timer"
                                       : "systemctl --user enable --now atlasjob-gc.timer");
    if (!facts.is_root && !facts.lingers && !finding.fix.starts_with(enable_linger(facts)))
        append(finding.fix, enable_linger(facts));
}

}  // namespace

Finding check_lifetime(
    Store& store, Time now, const PlacementFacts& facts, const std::string& home) {
    if (!facts.has_systemd) {
        return {
            Finding::Level::ok,
            kSubject,
            "no systemd here: workers live until they are idle, or their container ends",
            {}};
    }
    Finding finding = next_worker(facts);
    const Lives lives = lives_of_workers(store, now, facts);
    if (!lives.text.empty()) finding.text = lives.text;
    if (lives.shortened && finding.level == Finding::Level::ok) {
        finding.level = Finding::Level::note;
        finding.fix = fmt::format(
            "run it as atlasjob-worker@{}.service, or let the next atlasjob gc start one",
            facts.account);
    } else if (!lives.text.empty() && !lives.shortened) {
        finding.level = Finding::Level::ok;
        finding.fix.clear();
    }
    add_boot_start(finding, boot_start(facts, home), facts);
    return finding;
}

}  // namespace atlasjob::cli

#pragma once

#include "e2e/cli/sandbox.h"

#include <nlohmann/json.hpp>

namespace atlasjob::test {

/// Creates five jobs: done with a result, error, running, queued with a secret in its environment,
/// and cancelled.
inline void fill_ledger(const Sandbox& sandbox) {
    sandbox.run(
        {"run", "--label", "team=core", "--", "sh", "-c", "echo '{\"result\":{\"n\":1.50}}' >&3"});
    sandbox.run({"run", "--", "sh", "-c", "exit 3"});
    sandbox.create({"--kind", "sync", "--start", "--ttl", "1h"});
    sandbox.submit("echo $SECRET", {"--env", "SECRET=hunter2", "--in", "1h"});
    sandbox.run({"cancel", sandbox.create({"--kind", "sync"})});
}

/// The findings of level "problem" in the output of `doctor --json`.
inline nlohmann::json problems_of(const Ran& doctor) {
    nlohmann::json problems = nlohmann::json::array();
    const nlohmann::json all = doctor.json();
    for (const nlohmann::json& finding : all["findings"])
        if (finding["level"] == "problem") problems.push_back(finding);
    return problems;
}

}  // namespace atlasjob::test

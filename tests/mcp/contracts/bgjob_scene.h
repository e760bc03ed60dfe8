#pragma once

#include "logs/open.h"
#include "mcp/scene.h"
#include "process/identity.h"

namespace atlasjob::test {

/// Options of a bgjob server with every permission.
inline mcp::ServerOptions bgjob_options(const std::string& ledger) {
    auto options = options_for(ledger);
    options.contract = "bgjob";
    options.allowed = {true, true, true};
    return options;
}

/// A client session over a ledger, in which the test plays the supervisors.
struct BgjobScene : SharedScene {
    BgjobScene() : SharedScene(bgjob_options) {}

    SystemClock now;

    std::unique_ptr<LogStore> logs = open_logs(parse_address(ledger.path()));

    /// Starts a job whose supervisor is this process.
    AttemptKey running(const std::vector<Label>& labels = {}) {
        NewJob job = jobs.command_spec();
        job.labels = labels;
        job.start_as = AttemptOwner{current_process(), kLease, true};
        const Submitted submitted = ledger.store().submit(job);
        return {submitted.job_id, 1, submitted.fence};
    }
    void end(const AttemptKey& attempt, const Outcome& outcome) {
        REQUIRE(ledger.store().finish(attempt, outcome, "alice"));
    }
    std::unique_ptr<LogWriter> log(const JobId& id) const {
        return logs->open_writer({id, 1, 64 << 20});
    }

    static nlohmann::json call_of(const std::string& tool, const nlohmann::json& arguments) {
        return {{"name", tool}, {"arguments", arguments}};
    }
    nlohmann::json result(const std::string& tool, const nlohmann::json& arguments) {
        return client.result("tools/call", call_of(tool, arguments));
    }
    /// The structured result of a call, which must succeed.
    nlohmann::json call(const std::string& tool, const nlohmann::json& arguments) {
        return value_of(result(tool, arguments));
    }
    static nlohmann::json value_of(const nlohmann::json& result) {
        CAPTURE(result.dump().substr(0, 500));
        REQUIRE(result.at("isError") == false);
        nlohmann::json value = result.at("structuredContent");
        REQUIRE(
            nlohmann::json::parse(result.at("content")[0].at("text").get<std::string>()) == value);
        return value;
    }
    /// The error text of a call, which must fail.
    std::string failure(const std::string& tool, const nlohmann::json& arguments) {
        const nlohmann::json answer = result(tool, arguments);
        CAPTURE(answer.dump().substr(0, 500));
        REQUIRE(answer.at("isError") == true);
        REQUIRE_FALSE(answer.contains("structuredContent"));
        return answer.at("content")[0].at("text");
    }
};

/// Arguments that name a job.
inline nlohmann::json named(const JobId& id) {
    return {{"job_id", id.str()}};
}

}  // namespace atlasjob::test

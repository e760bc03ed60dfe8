#include "mcp/actions/call_action.h"

#include "base/json_text.h"
#include "ledger/limits.h"
#include "mcp/actions/action.h"
#include "mcp/jobs/agent_error.h"
#include "mcp/tools/start_job.h"
#include "runner/attempt/capture.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;

json with_defaults(const Action& action, const json& arguments) {
    json values = arguments;
    for (const auto& [name, value] : action.defaults)
        if (!values.contains(name)) values[name] = json::parse(value);
    return values;
}

/// Omits an argument whose parameter is missing. If an argument consists of one placeholder with an
/// array as its value, each element becomes an argument.
std::vector<std::string> argv_of(const Action& action, const json& values) {
    std::vector<std::string> argv;
    for (const Placeholders& argument : action.command) {
        const auto text = argument.fill(values);
        if (!text) continue;
        const std::string* name = argument.whole();
        if (name == nullptr || !values.at(*name).is_array()) {
            argv.push_back(*text);
            continue;
        }
        for (const json& element : values.at(*name))
            argv.push_back(element.is_string() ? element.get<std::string>() : element.dump());
    }
    return argv;
}

CaptureOptions capture_options(const Action& action, const json& values) {
    CaptureOptions options;
    options.cwd = action.cwd;
    options.clean_env = action.clean_env;
    for (const auto& [name, value] : action.env)
        if (const auto text = value.fill(values))
            options.env.push_back(fmt::format("{}={}", name, *text));
    return options;
}

NewJob job_of(const ToolContext& context, const Action& action, const json& values) {
    NewJob job = new_job(context);
    job.kind = action.kind;
    job.queue = action.queue;
    job.timeout = action.timeout;
    job.max_attempts = action.retries + 1;
    if (action.target)
        job.target = compact_json(fill_json(json::parse(*action.target), values).dump());
    if (action.key) job.key = action.key->fill_all(values);
    if (job.key && job.key->empty()) job.key.reset();
    job.command = capture_command(argv_of(action, values), capture_options(action, values));
    job.command->grace = action.grace;
    job.command->kill_signal = action.kill_signal;
    job.command->backoff = action.backoff;
    job.command->backoff_factor = action.backoff_factor;
    check(job);
    return job;
}

}  // namespace

ToolAnswer call_action(const ToolContext& context, const Tool& tool, const json& arguments) {
    if (!context.principal) return context.contract.refuse(context, {.why = Refusal::no_principal});
    const Action& action = *tool.action;
    try {
        return start_job(context, job_of(context, action, with_defaults(action, arguments)));
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid_argument) throw;
        return InvalidArguments{for_agents(error).what()};
    }
}

}  // namespace atlasjob::mcp

#include "mcp/core.h"

#include "base/text.h"
#include "mcp/status_tool.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::mcp {

namespace {

constexpr int kListedJobs = 50;

std::string joined_names(std::span<const Tool> tools) {
    std::string names;
    for (const Tool& tool : tools) {
        names += names.empty() ? "" : ", ";
        names += tool.name;
    }
    return names;
}

JobResource describe(const Job& job, const Contract& contract) {
    const std::string_view status = contract.words.at(static_cast<std::size_t>(job.status));
    std::string label = fmt::format("{} {}", job.kind, job.seq);
    return {
        .uri = fmt::format("{}{}", contract.job_uri, job.job_id.view()),
        .name = label,
        .title = job.name.value_or(label),
        .description = fmt::format("{}, created {}", status, format_time(job.created_at)),
    };
}

}  // namespace

Core::Core(const Contract& contract, LedgerAccess& ledger, std::optional<Principal> principal)
    : contract_(contract), ledger_(ledger), principal_(std::move(principal)) {}

const Tool& Core::require_tool(std::string_view name) const {
    const auto tool = std::ranges::find(contract_.tools, name, &Tool::name);
    if (tool != contract_.tools.end()) return *tool;
    throw Error(
        ErrorCode::invalid_argument, fmt::format("unknown tool \"{}\"", name),
        "tools of this server: " + joined_names(contract_.tools));
}

ToolResult Core::call(const Tool& tool, const nlohmann::json& arguments) {
    const std::string problem = check_for(tool).problem(arguments);
    if (!problem.empty()) return contract_.bad_arguments(problem);
    try {
        return tool.call(context(), arguments);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::internal) throw;
        return contract_.outage(error);
    }
}

const ArgumentCheck& Core::check_for(const Tool& tool) {
    const auto known = checks_.find(&tool);
    if (known != checks_.end()) return known->second;
    return checks_.emplace(&tool, ArgumentCheck{tool.input_schema}).first->second;
}

std::vector<JobResource> Core::list_jobs() {
    if (!principal_ || !ledger_.exists()) return {};
    ListQuery query;
    query.owners = {principal_->name};
    query.limit = kListedJobs;
    const JobPage page = ledger_.read([&](Store& store) { return store.list(query, *principal_); });
    std::vector<JobResource> resources;
    for (const Job& job : page.jobs)
        resources.push_back(describe(job, contract_));
    return resources;
}

std::optional<std::string> Core::read_resource(std::string_view uri) {
    if (contract_.job_uri.empty() || !uri.starts_with(contract_.job_uri)) return {};
    const FoundJob found = find_job(context(), uri.substr(contract_.job_uri.size()));
    if (!found.job) return {};
    std::string text;
    contract_.append_job(text, *found.job, contract_.words);
    return text;
}

}  // namespace atlasjob::mcp

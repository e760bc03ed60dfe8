#include "mcp/server/tool_registry.h"

#include "base/text.h"
#include "mcp/jobs/agent_error.h"
#include "mcp/jobs/job_verbs.h"
#include "mcp/jobs/show_job.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::mcp {

namespace {

constexpr int kListedJobs = 50;

bool is_open(RequiredPermission needs, const Permissions& allowed) {
    switch (needs) {
        case RequiredPermission::nothing:
            return true;
        case RequiredPermission::submit:
            return allowed.submit;
        case RequiredPermission::cancel:
            return allowed.cancel;
        case RequiredPermission::retry:
            return allowed.retry;
    }
    throw Error(ErrorCode::internal, "a tool requires an unknown permission");
}

std::vector<const Tool*> open_tools(
    const Contract& contract, const Permissions& allowed, const Actions& actions) {
    std::vector<const Tool*> tools;
    for (const Tool* tool : contract.tools)
        if (is_open(tool->needs, allowed)) tools.push_back(tool);
    for (const Tool& tool : actions.tools())
        tools.push_back(&tool);
    return tools;
}

std::string joined_names(std::span<const Tool* const> tools) {
    std::string names;
    for (const Tool* tool : tools) {
        names += names.empty() ? "" : ", ";
        names += tool->name;
    }
    return names;
}

ListedResource describe(const Resource& resource) {
    return {
        .uri = std::string{resource.uri},
        .name = std::string{resource.name},
        .title = std::string{resource.title},
        .description = std::string{resource.description},
        .mime_type = resource.mime_type,
    };
}

/// The skill's page is found by skills/list: a host lists it there, or not at all.
bool is_listed(const Resource& resource, const Contract& contract) {
    return !resource.is_template()
           && (contract.skill == nullptr || resource.uri != contract.skill->uri);
}

ListedResource describe(const Job& job, const Contract& contract) {
    std::string label = fmt::format("{} {}", job.kind, job.seq);
    return {
        .uri = fmt::format("{}{}", contract.job_uri, job.job_id.view()),
        .name = label,
        .title = job.name.value_or(label),
        .description =
            fmt::format("{}, created {}", contract.status_name(job), format_time(job.created_at)),
        .mime_type = "application/json",
    };
}

}  // namespace

ToolRegistry::ToolRegistry(const ServerOptions& options, StoreHandle& ledger, const Clock& clock)
    : contract_(require_contract(options.contract)),
      ledger_(ledger),
      principal_(options.principal),
      allowed_(options.allowed),
      context_{contract_,         ledger,
               options.principal, clock,
               options.launching, options.longest_wait,
               options.extended,  options.launching.session},
      actions_(options.actions_file.empty() ? Actions{} : Actions{options.actions_file, contract_}),
      tools_(open_tools(contract_, options.allowed, actions_)) {
    if (options.calls_per_minute) rate_.emplace(*options.calls_per_minute);
}

const Tool& ToolRegistry::require_tool(std::string_view name) const {
    const auto tool = std::ranges::find(tools_, name, &Tool::name);
    if (tool != tools_.end()) return **tool;
    throw Error(
        ErrorCode::invalid_argument, fmt::format("unknown tool \"{}\"", name),
        "this server has: " + joined_names(tools_));
}

std::optional<int> ToolRegistry::count_call() {
    if (!rate_ || !principal_) return {};
    return rate_->refuse(context_.clock.now());
}

std::optional<ToolResult> ToolRegistry::refuse_call() {
    const auto seconds = count_call();
    if (!seconds) return {};
    return contract_.refuse(
        context_, {.why = Refusal::too_many_calls, .retry_after_seconds = *seconds});
}

void ToolRegistry::require_call() {
    const auto seconds = count_call();
    if (!seconds) return;
    throw Error(ErrorCode::refused, "too many calls", fmt::format("try again in {} s", *seconds));
}

nlohmann::json ToolRegistry::given_arguments(const Tool& tool, const nlohmann::json& arguments) {
    return check_for(tool).given(arguments);
}

std::optional<ToolResult> ToolRegistry::refuse_arguments(
    const Tool& tool, const nlohmann::json& arguments) {
    const std::string problem = check_for(tool).problem(arguments);
    if (problem.empty()) return {};
    return contract_.bad_arguments(context_, {tool, arguments, problem});
}

ToolAnswer ToolRegistry::call(
    const ToolContext& context, const Tool& tool, const nlohmann::json& arguments) const {
    try {
        ToolAnswer answer = tool.function.call(context, tool, arguments);
        if (const auto* invalid = std::get_if<InvalidArguments>(&answer))
            return contract_.bad_arguments(context_, {tool, arguments, invalid->problem});
        return answer;
    } catch (const Error& error) {
        if (error.code() == ErrorCode::internal) throw;
        return contract_.outage(context, tool, for_agents(error));
    }
}

ToolContext ToolRegistry::writing_context(StoreHandle& ledger) const {
    return {contract_,          ledger,
            context_.principal, context_.clock,
            context_.launching, context_.longest_wait,
            context_.extended,  context_.session};
}

const ArgumentCheck& ToolRegistry::check_for(const Tool& tool) {
    const auto known = checks_.find(&tool);
    if (known != checks_.end()) return known->second;
    return checks_.emplace(&tool, ArgumentCheck{tool.input_schema}).first->second;
}

ToolResult ToolRegistry::result_of(
    const Tool& tool, const JobId& job_id, const std::variant<ToolResult, Error>& end) const {
    if (const auto* result = std::get_if<ToolResult>(&end)) return *result;
    const auto& error = std::get<Error>(end);
    if (error.code() != ErrorCode::not_found) return contract_.outage(context_, tool, error);
    return contract_.refuse(context_, {.given_id = job_id.view()});
}

std::vector<ListedResource> ToolRegistry::list_resources() {
    std::vector<ListedResource> listed;
    if (!principal_) return listed;
    for (const Resource* resource : contract_.resources)
        if (is_listed(*resource, contract_)) listed.push_back(describe(*resource));
    if (contract_.job_uri.empty()) return listed;
    ListQuery query;
    query.filter.owners = {principal_->name};
    query.limit = kListedJobs;
    const JobPage page =
        ledger_.read_or(JobPage{}, [&](Store& store) { return store.list(query, *principal_); });
    for (const Job& job : page.jobs)
        listed.push_back(describe(job, contract_));
    return listed;
}

std::string ToolRegistry::resource_list_version() {
    std::string version;
    for (const ListedResource& resource : list_resources()) {
        version += resource.uri;
        version += '\n';
    }
    return version;
}

std::optional<Job> ToolRegistry::job(const JobId& id) {
    if (!principal_) return {};
    return ledger_.read_or(std::optional<Job>{}, [&](Store& store) {
        return store.get(JobRef::of(id), *principal_, Detail::full);
    });
}

std::optional<Job> ToolRegistry::job_if_readable(const JobId& id) {
    try {
        return job(id);
    } catch (const Error&) {
        return {};
    }
}

bool ToolRegistry::cancel(StoreHandle& ledger, const JobId& id) const {
    const CancelRequest request{principal_.value().name, {}, {}};
    return request_cancel(writing_context(ledger), id, request) != CancelResult::already_terminal;
}

void ToolRegistry::cancel_wait(
    StoreHandle& ledger, const JobId& id, const std::string& wait) const {
    mcp::cancel_wait(writing_context(ledger), id, wait);
}

std::deque<JobId> ToolRegistry::may_be_lost(const std::set<JobId>& jobs) const {
    return mcp::may_be_lost(context_, jobs);
}

void ToolRegistry::reap_lost(StoreHandle& ledger, const JobId& job) const {
    mcp::reap_lost(writing_context(ledger), job);
}

std::optional<Contents> ToolRegistry::read_resource(std::string_view uri) {
    for (const Resource* resource : contract_.resources) {
        const auto value = match(*resource, uri);
        if (!value) continue;
        auto text = resource->read(context_, *value);
        if (!text) return {};
        return Contents{std::move(*text), resource->mime_type};
    }
    return {};
}

std::optional<std::string> ToolRegistry::resource_version(std::string_view uri) {
    for (const Resource* resource : contract_.resources)
        if (const auto value = match(*resource, uri)) return resource->version(context_, *value);
    return {};
}

std::optional<JobId> ToolRegistry::job_of_resource(std::string_view uri) {
    for (const Resource* resource : contract_.resources) {
        const auto value = match(*resource, uri);
        if (!value || value->empty()) continue;
        const FoundJob found = find_job(context_, *value);
        return found.job ? std::optional{found.job->job_id} : std::nullopt;
    }
    return {};
}

}  // namespace atlasjob::mcp

#include "mcp/status_tool.h"

#include <nlohmann/json.hpp>

namespace atlasjob::mcp {

FoundJob find_job(const ToolContext& context, std::string_view given_id, Detail detail) {
    if (!context.principal) return {{}, Refusal::no_principal};
    const GivenId id = context.contract.read_id(given_id);
    if (!id.well_formed) return {{}, Refusal::malformed_id};
    // An id no job can have takes the same way as one no job has: a ledger that cannot be read
    // must not be told apart by which id was asked for.
    return context.ledger.read([&](Store& store) -> FoundJob {
        if (!id.job_id) return {};
        return {store.get(JobRef::of(*id.job_id), *context.principal, detail)};
    });
}

ToolAnswer show_job(
    const ToolContext& context, const Tool& /*tool*/, const nlohmann::json& arguments) {
    const Contract& contract = context.contract;
    const auto& given_id = arguments.at(contract.id_argument).get_ref<const std::string&>();
    const FoundJob found = find_job(context, given_id);
    if (!found.job) return contract.refuse(found.refusal, given_id);
    ToolResult result;
    contract.append_job(result.text, *found.job, contract.words);
    result.structured = true;
    return result;
}

std::optional<std::string> read_job(const ToolContext& context, std::string_view given_id) {
    const FoundJob found = find_job(context, given_id);
    if (!found.job) return {};
    std::string text;
    context.contract.append_job(text, *found.job, context.contract.words);
    return text;
}

std::optional<std::string> job_version(const ToolContext& context, std::string_view given_id) {
    const FoundJob found = find_job(context, given_id);
    if (!found.job) return {};
    return std::to_string(found.job->rev);
}

}  // namespace atlasjob::mcp

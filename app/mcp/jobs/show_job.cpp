#include "mcp/jobs/show_job.h"

namespace atlasjob::mcp {

namespace {

FoundJob refused(Refusal why, std::string_view given_id) {
    return {{}, {.why = why, .given_id = given_id}};
}

/// A job and the contract's name for its status, read together.
struct JobView {
    FoundJob found;
    std::string_view status = {};
};

std::string_view status_word(const ToolContext& context, Store& store, const Job& job) {
    const Contract& contract = context.contract;
    if (job.status != Status::queued || !contract.status_names.shows_pending_status())
        return contract.status_name(job);
    return contract.status_names.of(pending_status(context, store, job));
}

FoundJob look_up(
    const ToolContext& context, Store& store, std::string_view given_id, Detail detail) {
    FoundJob found = refused(Refusal::unknown_job, given_id);
    const auto id = context.contract.read_id(given_id).job_id;
    if (!id) return found;
    found.job = store.get(JobRef::of(*id), *context.principal, detail);
    if (!found.job && context.contract.reports_expired)
        found.refused.tombstone = store.tombstone(JobRef::of(*id), *context.principal);
    return found;
}

/// Returns `read(store)`, unless the call is refused before the ledger is read. An id that no job
/// can have takes the same path as an unknown one: an outage must show for both.
template <class Found, class Read>
Found find(const ToolContext& context, std::string_view given_id, const Read& read) {
    if (!context.principal) return {refused(Refusal::no_principal, given_id)};
    if (!context.contract.read_id(given_id).well_formed)
        return {refused(Refusal::malformed_id, given_id)};
    return context.ledger.read(read);
}

JobView find_to_show(const ToolContext& context, std::string_view given_id) {
    const bool needs_reason = context.contract.status_names.shows_pending_status();
    return find<JobView>(context, given_id, [&](Store& store) {
        JobView job_view{
            look_up(context, store, given_id, needs_reason ? Detail::full : Detail::summary), {}};
        if (job_view.found.job) job_view.status = status_word(context, store, *job_view.found.job);
        return job_view;
    });
}

/// The answer for a job that was found.
ToolResult rendered(const ToolContext& context, const JobView& shown) {
    const Contract& contract = context.contract;
    ToolResult result;
    contract.append_job(result.text, context, *shown.found.job, shown.status);
    result.structured = contract.structured;
    result.indented = contract.indented;
    return result;
}

}  // namespace

FoundJob find_job(const ToolContext& context, std::string_view given_id, Detail detail) {
    return find<FoundJob>(
        context, given_id, [&](Store& store) { return look_up(context, store, given_id, detail); });
}

ToolAnswer show_job(const ToolContext& context, const JobIdArgs& args) {
    const JobView shown = find_to_show(context, args.job_id);
    if (!shown.found.job) return context.contract.refuse(context, shown.found.refused);
    return rendered(context, shown);
}

ToolAnswer show_job_if(
    const ToolContext& context,
    std::string_view given_id,
    const std::function<bool(const Job& job)>& fits) {
    const JobView shown = find_to_show(context, given_id);
    if (!shown.found.job) return context.contract.refuse(context, shown.found.refused);
    if (!fits(*shown.found.job))
        return context.contract.refuse(
            context, {.why = Refusal::unknown_job, .given_id = given_id});
    return rendered(context, shown);
}

std::optional<std::string> read_job(const ToolContext& context, std::string_view given_id) {
    const auto [found, status] = find_to_show(context, given_id);
    if (!found.job) return {};
    std::string text;
    context.contract.append_job(text, context, *found.job, status);
    return text;
}

std::optional<std::string> job_version(const ToolContext& context, std::string_view given_id) {
    const FoundJob found = find_job(context, given_id);
    if (!found.job) return {};
    return std::to_string(found.job->rev);
}

}  // namespace atlasjob::mcp

#include "mcp/jobs/show_job.h"

#include "mcp/jobs/shown_job.h"

namespace atlasjob::mcp {

namespace {

/// The longest text of an answer, in bytes: it is sent twice, once as a JSON string, and must stay
/// below rpc::kMaxMessage.
constexpr std::size_t kMaxAnswer = 2UL * 1024 * 1024;

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

/// The number or "last" that the argument is, if the tool takes it.
std::optional<JobRef> other_name(std::string_view given_id, JobNames names) {
    if (names == JobNames::none) return {};
    const auto ref = JobRef::parse(given_id);
    if (!ref || ref->kind == JobRef::Kind::id) return {};
    const bool is_taken = ref->kind == JobRef::Kind::seq || names == JobNames::seq_or_last;
    return is_taken ? ref : std::nullopt;
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
    return context.ledger.read_or(Found{refused(Refusal::unknown_job, given_id)}, read);
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

/// Adds members to `text`, a JSON object.
void append_omissions(std::string& text, const ToolContext& context, const ShownJob& shown) {
    std::string more;
    {
        view::JsonObject object{more};
        shown.add_omissions(object, context.contract.job_uri);
    }
    text.back() = ',';
    text.append(more, 1);
}

std::string job_text(const ToolContext& context, const JobView& job_view, std::size_t max_value) {
    const Contract& contract = context.contract;
    const ShownJob shown{
        *job_view.found.job, max_value,
        contract.names_omissions ? ShownJob::Instead::nothing : ShownJob::Instead::omitted_bytes};
    std::string text;
    contract.append_job(text, context, shown.job(), job_view.status);
    if (contract.names_omissions && !shown.is_whole()) append_omissions(text, context, shown);
    return text;
}

/// Whether hosts accept an answer with this text.
bool is_sendable(const Contract& contract, const std::string& text) {
    if (text.size() > kMaxAnswer) return false;
    return !contract.indented || view::indented_json(text).size() <= kMaxAnswer;
}

/// The answer for a job that was found. A contract without a form for values that are left out
/// leaves them out only if hosts would not accept the answer.
ToolResult rendered(const ToolContext& context, const JobView& shown) {
    const Contract& contract = context.contract;
    ToolResult result;
    result.text = job_text(context, shown, contract.names_omissions ? kMaxValue : kAnyLength);
    if (!is_sendable(contract, result.text)) result.text = job_text(context, shown, kMaxValue);
    result.structured = contract.structured;
    result.indented = contract.indented;
    return result;
}

}  // namespace

FoundJob find_job(
    const ToolContext& context, std::string_view given_id, Detail detail, JobNames names) {
    return find<FoundJob>(context, given_id, [&](Store& store) {
        const auto ref = other_name(given_id, names);
        if (!ref) return look_up(context, store, given_id, detail);
        FoundJob found = refused(Refusal::unknown_job, given_id);
        found.job = store.get(*ref, {context.principal->name, false}, detail);
        return found;
    });
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

#include "mcp/tools/start_job.h"

#include "jobs/session.h"
#include "mcp/jobs/job_verbs.h"
#include "mcp/tools/job_detail.h"
#include "view/json_object.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::mcp {

namespace {

/// Labels set by the server replace the caller's labels with the same key.
void add_provenance(const ToolContext& context, NewJob& job) {
    for (const Label& label : provenance_labels(context)) {
        std::erase_if(job.labels, [&](const Label& given) { return given.key == label.key; });
        job.labels.push_back(label);
    }
    jobs::set_session(job, context.session);
}

/// A submitted job, and a note if its state is uncertain.
struct SubmittedJob {
    Job job;
    std::string note = {};
};

/// The job to show after a submit. A new job is shown as queued, even if it has started since. It
/// is read back if it has dependencies, which may have failed already, or if it existed before.
SubmittedJob submitted_job(
    const ToolContext& context, const NewJob& job, const Submitted& submitted) {
    SubmittedJob result{Job{submitted.job_id}};
    result.job.run_after = job.run_after;
    result.job.updated_at = context.clock.now();
    const bool waits = !job.after.empty() || !job.after_ended.empty();
    if (submitted.created && !waits) return result;
    try {
        auto found = context.ledger.read([&](Store& store) {
            return store.get(JobRef::of(submitted.job_id), *context.principal, Detail::summary);
        });
        if (found) result.job = std::move(*found);
        if (!found) result.note = "the job has been deleted";
    } catch (const Error& error) {
        result.note = fmt::format(
            "{}, but its status cannot be read: {}",
            submitted.created ? "the job was submitted" : "a job with this key is active",
            error.what());
    }
    return result;
}

}  // namespace

int latest_run(const ToolContext& context, const JobId& id) {
    try {
        return context.ledger.read([&](Store& store) { return latest_run_of(store, id); });
    } catch (const Error&) {
        return 0;  // The job is durable; its status can be read later.
    }
}

NewJob new_job(const ToolContext& context) {
    NewJob job{JobId::make(context.clock.now())};
    job.owner = context.principal->name;
    return job;
}

std::vector<Label> provenance_labels(const ToolContext& context) {
    std::vector<Label> labels = context.launching.provenance;
    if (context.session) labels.push_back({"session", *context.session});
    return labels;
}

ToolResult start_job(const ToolContext& context, NewJob job) {
    add_provenance(context, job);
    const Submitted submitted = submit(context, job);
    const SubmittedJob result = submitted_job(context, job, submitted);
    const int run = submitted.created ? 0 : latest_run(context, submitted.job_id);
    return {
        .text = with_member(
            envelope_json(context, result.job, result.note), "created",
            submitted.created ? "true" : "false"),
        .structured = true,
        .run = JobRun{submitted.job_id, run}};
}

std::string with_member(std::string object, std::string_view key, std::string_view json) {
    object.pop_back();
    return fmt::format("{},\"{}\":{}}}", object, key, json);
}

std::string envelope_json(const ToolContext& context, const Job& job, std::string_view note) {
    std::string out;
    {
        view::JsonObject object{out};
        object.text("job_id", job.job_id.view());
        object.text("status_uri", fmt::format("{}{}", context.contract.job_uri, job.job_id.view()));
        object.text("status", context.contract.status_name(job));
        object.integer("next_poll_seconds", next_poll_seconds(job, context.clock.now()));
        if (!note.empty()) object.text("note", note);
    }
    return out;
}

}  // namespace atlasjob::mcp

#include "mcp/tools/start_job.h"

#include "mcp/jobs/cancel.h"
#include "mcp/tools/job_detail.h"
#include "view/json_object.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::mcp {

namespace {

/// What the server knows of its host goes before what a model says of itself.
void add_provenance(std::vector<Label>& labels, const std::vector<Label>& provenance) {
    for (const Label& label : provenance) {
        std::erase_if(labels, [&](const Label& given) { return given.key == label.key; });
        labels.push_back(label);
    }
}

/// The job by its id, as a fresh connection has it. Nothing: it is not there, or cannot be read.
std::optional<Job> find_recorded(const ToolContext& context, const NewJob& job) {
    try {
        return context.ledger.read([&](Store& store) {
            return store.get(JobRef::of(job.job_id), {job.owner, false}, Detail::summary);
        });
    } catch (const Error&) {
        return {};
    }
}

/// Whether a job whose commit had no certain outcome is there all the same.
Submitted resolve(const ToolContext& context, const NewJob& job, const Error& failed) {
    if (const auto found = find_recorded(context, job)) return {found->job_id, found->seq, true, 0};
    throw Error(
        ErrorCode::outcome_unknown, failed.message(),
        fmt::format("ask for the job {} before trying again", job.job_id.view()));
}

Submitted record(const ToolContext& context, const NewJob& job) {
    try {
        return context.ledger.record(
            [&](Store& store) { return store.submit(job, context.clock.now()); });
    } catch (const Error& error) {
        if (error.code() != ErrorCode::outcome_unknown) throw;
        return resolve(context, job, error);
    }
}

/// What is to follow the recording. The job is there, whatever becomes of this: an error would have
/// it submitted again.
void see_to(const ToolContext& context, const NewJob& job) {
    try {
        context.ledger.write([&](Store& store) {
            if (!job.after.empty())
                start_owed_hooks(store, context.clock, context.launching.on_end);
            // gc tries again where no worker can be started.
            ensure_served(context, store, job.queue);
        });
    } catch (const Error&) {
        return;
    }
}

/// A job as it is after it was recorded, and what is to be said of that.
struct Recorded {
    Job job;
    std::string note = {};
};

/// A new one is queued whatever became of it since, unless what it waits for has failed already.
Recorded recorded_job(const ToolContext& context, const NewJob& job, const Submitted& submitted) {
    Recorded recorded{Job{submitted.job_id}};
    recorded.job.run_after = job.run_after;
    recorded.job.updated_at = context.clock.now();
    if (submitted.created && job.after.empty()) return recorded;
    try {
        auto found = context.ledger.read([&](Store& store) {
            return store.get(JobRef::of(submitted.job_id), *context.principal, Detail::summary);
        });
        if (found) recorded.job = std::move(*found);
        if (!found) recorded.note = "it is not there any more";
    } catch (const Error& error) {
        recorded.note = fmt::format(
            "{}, but its status cannot be read: {}",
            submitted.created ? "the job is recorded" : "a job with this key is active",
            error.what());
    }
    return recorded;
}

}  // namespace

NewJob new_job(const ToolContext& context) {
    NewJob job{JobId::make(context.clock.now())};
    job.owner = context.principal->name;
    return job;
}

ToolResult start_job(const ToolContext& context, NewJob job) {
    add_provenance(job.labels, context.launching.provenance);
    const Submitted submitted = record(context, job);
    see_to(context, job);
    const Recorded recorded = recorded_job(context, job, submitted);
    return {
        .text = envelope_json(context, recorded.job, recorded.note),
        .structured = true,
        .job = submitted.job_id};
}

std::string envelope_json(const ToolContext& context, const Job& job, std::string_view note) {
    std::string out;
    {
        view::JsonObject object{out};
        object.text("job_id", job.job_id.view());
        object.text("status_uri", fmt::format("{}{}", context.contract.job_uri, job.job_id.view()));
        object.text("status", context.contract.word_for(job));
        object.integer("next_poll_seconds", next_poll_seconds(job, context.clock.now()));
        if (!note.empty()) object.text("note", note);
    }
    return out;
}

}  // namespace atlasjob::mcp

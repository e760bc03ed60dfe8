#include "mcp/tools/starting.h"

#include "mcp/tools/whole_job.h"
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

/// Whether a job whose commit had no certain outcome is there all the same.
Submitted resolve(const ToolContext& context, const NewJob& job, const Error& failed) {
    const auto found = context.ledger.read([&](Store& store) {
        return store.get(JobRef::of(job.job_id), {job.owner, false}, Detail::summary);
    });
    if (found) return {found->job_id, found->seq, true, 0};
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
void see_to(const ToolContext& context, const NewJob& job, const Submitted& submitted) {
    try {
        context.ledger.write([&](Store& store) {
            if (!job.after.empty())
                start_on_end(store, context.clock, context.launching.on_end, submitted.job_id);
            // gc tries again where no worker can be started.
            ensure_worker(store, context.clock, context.launching.worker, job.queue);
        });
    } catch (const Error&) {
        return;
    }
}

/// The job as it is after it was recorded: a new one is queued whatever became of it since, unless
/// what it waits for has failed already.
Job recorded_job(const ToolContext& context, const NewJob& job, const Submitted& submitted) {
    if (!submitted.created || !job.after.empty()) {
        auto found = context.ledger.read([&](Store& store) {
            return store.get(JobRef::of(submitted.job_id), *context.principal, Detail::summary);
        });
        if (found) return std::move(*found);
    }
    Job queued{submitted.job_id};
    queued.run_after = job.run_after;
    queued.updated_at = context.clock.now();
    return queued;
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
    see_to(context, job, submitted);
    return {
        .text = envelope_json(context, recorded_job(context, job, submitted)),
        .structured = true,
        .job = submitted.job_id};
}

std::string envelope_json(const ToolContext& context, const Job& job) {
    std::string out;
    {
        view::JsonObject object{out};
        object.text("job_id", job.job_id.view());
        object.text("status_uri", fmt::format("{}{}", context.contract.job_uri, job.job_id.view()));
        object.text("status", context.contract.word_for(job));
        object.integer("next_poll_seconds", next_poll_seconds(job, context.clock.now()));
    }
    return out;
}

}  // namespace atlasjob::mcp

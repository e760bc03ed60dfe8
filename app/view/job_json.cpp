#include "view/job_json.h"

#include "base/json_text.h"
#include "view/cursor.h"

namespace atlasjob::view {

namespace {

std::optional<std::string> word_of(const std::optional<Reason>& reason) {
    if (!reason) return {};
    return std::string{to_string(*reason)};
}

std::optional<std::int64_t> ms_of(const std::optional<milliseconds>& duration) {
    if (!duration) return {};
    return duration->count();
}

void append_labels(std::string& out, const std::vector<Label>& labels) {
    JsonObject object{out};
    for (const Label& label : labels)
        object.text(label.key, label.value);
}

void append_worker(std::string& out, const std::optional<ProcessIdentity>& worker) {
    if (!worker) {
        out += "null";
        return;
    }
    JsonObject object{out};
    object.text("host", worker->host);
    object.integer("pid", worker->pid);
}

void append_after(std::string& out, const std::vector<JobId>& after) {
    append_json_array(out, after, [](std::string& text, const JobId& id) {
        append_json_string(text, id.view());
    });
}

void add_identity(JsonObject& object, const Job& job) {
    object.text("job_id", job.job_id.view());
    object.integer("seq", job.seq);
    object.text("kind", job.kind);
    object.text("name", job.name);
    object.json("target", job.target);
    object.text("owner", job.owner);
    append_labels(object.member("labels"), job.labels);
}

void add_progress(JsonObject& object, const Job& job) {
    object.text("status", to_string(job.status));
    object.text("reason", word_of(job.reason));
    object.number("progress", job.progress);
    object.text("phase", job.phase);
    object.text("message", job.message);
    object.integer("current", job.current);
    object.integer("total", job.total);
}

void add_times(JsonObject& object, const Job& job) {
    object.time("created_at", job.created_at);
    object.time("run_after", job.run_after);
    object.time("started_at", job.started_at);
    object.time("updated_at", job.updated_at);
    object.time("ended_at", job.ended_at);
    object.time("expires_at", job.expires_at);
}

void add_outcome(JsonObject& object, const Job& job) {
    object.json("result", job.result);
    object.text("error", job.error);
    object.text("error_code", job.error_code);
    object.integer("exit_code", job.exit_code);
    object.text("signal", job.signal);
}

void add_execution(JsonObject& object, const Job& job, Time now) {
    object.text("queue", job.queue);
    object.integer("priority", job.priority);
    object.integer("attempt", job.attempt);
    object.integer("max_attempts", job.max_attempts);
    object.integer("timeout_ms", ms_of(job.timeout));
    object.time("cancel_requested_at", job.cancel_requested_at);
    object.text("key", job.key);
    append_after(object.member("after"), job.after);
    object.texts("command", job.command);
    object.text("cwd", job.cwd);
    append_worker(object.member("worker"), job.worker);
    object.flag("stale", is_stale(job, now));
    object.integer("log_bytes", job.log_bytes);
    object.integer("rev", job.rev);
}

}  // namespace

void add_job(JsonObject& object, const Job& job, Time now) {
    add_identity(object, job);
    add_progress(object, job);
    add_times(object, job);
    add_outcome(object, job);
    add_execution(object, job, now);
}

void append_job_json(std::string& out, const Job& job, Time now) {
    JsonObject object{out};
    add_job(object, job, now);
}

std::string job_json(const Job& job, Time now) {
    std::string out;
    append_job_json(out, job, now);
    return out;
}

std::string event_json(const Event& event) {
    std::string out;
    {
        JsonObject object{out};
        object.integer("seq", event.seq);
        object.text("job_id", event.job_id);
        object.time("at", event.at);
        object.text("type", event.type);
        if (event.from) {
            object.text("from", to_string(*event.from));
        } else {
            object.null("from");
        }
        object.text("to", to_string(event.to));
        object.text("actor", event.actor);
        object.text("reason", word_of(event.reason));
    }
    return out;
}

std::string page_json(const JobPage& page, Time now, const ListOrder& order) {
    std::string out;
    {
        JsonObject object{out};
        append_json_array(object.member("jobs"), page.jobs, [now](std::string& text, const Job& j) {
            append_job_json(text, j, now);
        });
        object.text("next_cursor", format_cursor(page, order));
        object.integer("total", page.total);
    }
    return out;
}

}  // namespace atlasjob::view

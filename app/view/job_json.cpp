#include "view/job_json.h"

#include "base/json_text.h"
#include "ledger/job_fields.h"
#include "view/cursor.h"

namespace atlasjob::view {

namespace {

std::optional<std::string> word_of(const std::optional<Reason>& reason) {
    if (!reason) return {};
    return std::string{to_string(*reason)};
}

// How a field of each type is written.

void add(JsonObject& object, const FieldInfo& field, const JobId& id) {
    object.text(field.name, id.view());
}

void add(JsonObject& object, const FieldInfo& field, const std::string& text) {
    object.text(field.name, text);
}

void add(JsonObject& object, const FieldInfo& field, const std::optional<std::string>& text) {
    if (field.type == FieldType::json) return object.json(field.name, text);
    object.text(field.name, text);
}

void add(JsonObject& object, const FieldInfo& field, std::int64_t number) {
    object.integer(field.name, number);
}

void add(JsonObject& object, const FieldInfo& field, int number) {
    object.integer(field.name, std::int64_t{number});
}

void add(JsonObject& object, const FieldInfo& field, const std::optional<std::int64_t>& number) {
    object.integer(field.name, number);
}

void add(JsonObject& object, const FieldInfo& field, const std::optional<int>& number) {
    object.integer(field.name, number);
}

void add(JsonObject& object, const FieldInfo& field, const std::optional<double>& number) {
    object.number(field.name, number);
}

void add(JsonObject& object, const FieldInfo& field, bool flag) {
    object.flag(field.name, flag);
}

void add(JsonObject& object, const FieldInfo& field, const std::optional<Time>& time) {
    object.time(field.name, time);
}

void add(JsonObject& object, const FieldInfo& field, const std::optional<milliseconds>& duration) {
    object.duration(field.name, duration);
}

void add(JsonObject& object, const FieldInfo& field, Status status) {
    object.text(field.name, to_string(status));
}

void add(JsonObject& object, const FieldInfo& field, const std::optional<Reason>& reason) {
    object.text(field.name, word_of(reason));
}

void add(JsonObject& object, const FieldInfo& field, const std::vector<Label>& labels) {
    JsonObject nested{object.member(field.name)};
    for (const Label& label : labels)
        nested.text(label.key, label.value);
}

void add(JsonObject& object, const FieldInfo& field, const std::vector<JobId>& ids) {
    append_json_array(object.member(field.name), ids, [](std::string& text, const JobId& id) {
        append_json_string(text, id.view());
    });
}

void add(JsonObject& object, const FieldInfo& field, const std::vector<std::string>& texts) {
    object.texts(field.name, texts);
}

void add(
    JsonObject& object, const FieldInfo& field, const std::optional<ProcessIdentity>& process) {
    if (!process) return object.null(field.name);
    JsonObject nested{object.member(field.name)};
    nested.text("host", process->host);
    nested.integer("pid", process->pid);
}

void add(JsonObject& object, const FieldInfo& field, const std::optional<Usage>& usage) {
    add_usage(object, field.name, usage);
}

}  // namespace

void add_usage(JsonObject& object, std::string_view key, const std::optional<Usage>& usage) {
    if (!usage) return object.null(key);
    JsonObject nested{object.member(key)};
    visit_columns(kUsageFields, *usage, [&](const FieldInfo& field, const auto& value) {
        add(nested, field, value);
    });
}

void add_job(JsonObject& object, const Job& job, Time now) {
    visit_shown(
        job, now, [&](const FieldInfo& field, const auto& value) { add(object, field, value); });
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
        object.text("detail", event.detail);
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

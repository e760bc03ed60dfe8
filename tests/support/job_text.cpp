#include "support/job_text.h"

#include "ledger/job_fields.h"

#include <sstream>

namespace atlasjob::test {

namespace {

std::string to_text(const std::string& text) {
    return '"' + text + '"';
}
template <class Number>
requires std::is_arithmetic_v<Number> std::string to_text(Number number) {
    std::ostringstream out;
    out.precision(17);
    out << number;
    return out.str();
}
std::string to_text(Time time) {
    return format_time(time);
}
std::string to_text(milliseconds span) {
    return std::to_string(span.count()) + "ms";
}
std::string to_text(Status status) {
    return std::string{to_string(status)};
}
std::string to_text(Reason reason) {
    return std::string{to_string(reason)};
}
std::string to_text(const JobId& id) {
    return id.str();
}
std::string to_text(const Label& label) {
    return to_text(label.key) + "=" + to_text(label.value);
}
std::string to_text(const ProcessIdentity& process) {
    return process.host + "/" + process.boot_id + "/" + std::to_string(process.pid_namespace) + "/"
           + std::to_string(process.pid) + "/" + std::to_string(process.start_ticks);
}
std::string to_text(const Usage& usage) {
    std::string text;
    visit_members(kUsageFields, usage, [&](const FieldInfo& field, const auto& value) {
        text.append(field.name).append("=").append(value ? to_text(*value) : "null").append(" ");
    });
    return text;
}
template <class Value>
std::string to_text(const std::optional<Value>& value) {
    return value ? to_text(*value) : "null";
}
template <class Value>
std::string to_text(const std::vector<Value>& values) {
    std::string text = "[";
    for (const Value& value : values)
        text += to_text(value) + " ";
    return text + "]";
}

}  // namespace

std::string job_text(const Job& job) {
    std::string text;
    visit_members(kJobFields, job, [&](const FieldInfo& field, const auto& value) {
        text.append(field.name).append(": ").append(to_text(value)).append("\n");
    });
    return text;
}

std::string event_line(const Event& event) {
    std::string line = event.type + " ";
    if (event.from) line += to_text(*event.from) + " ";
    return line + "-> " + to_text(event.to);
}

std::string events_text(const std::vector<Event>& events) {
    std::string text;
    for (const Event& event : events) {
        text += std::to_string(event.seq) + " " + event.job_id + " " + to_text(event.at) + " "
                + event_line(event) + " by " + event.actor + " because " + to_text(event.reason)
                + (event.detail ? ": " + *event.detail : "") + "\n";
    }
    return text;
}

}  // namespace atlasjob::test

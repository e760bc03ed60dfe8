#include "support/job_text.h"

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

/// Collects "name: value" lines.
class Lines {
  public:
    template <class Value>
    Lines& add(std::string_view name, const Value& value) {
        text_.append(name).append(": ").append(to_text(value)).append("\n");
        return *this;
    }
    const std::string& text() const { return text_; }

  private:
    std::string text_;
};

void add_spec(Lines& lines, const Job& job) {
    lines.add("job_id", job.job_id).add("seq", job.seq).add("kind", job.kind).add("name", job.name);
    lines.add("target", job.target).add("owner", job.owner).add("labels", job.labels);
    lines.add("queue", job.queue).add("priority", job.priority).add("key", job.key);
    lines.add("after", job.after).add("command", job.command).add("cwd", job.cwd);
    lines.add("timeout", job.timeout).add("retention", job.retention);
    lines.add("max_attempts", job.max_attempts);
}

void add_state(Lines& lines, const Job& job) {
    lines.add("status", job.status).add("reason", job.reason).add("progress", job.progress);
    lines.add("phase", job.phase).add("message", job.message);
    lines.add("current", job.current).add("total", job.total);
    lines.add("created_at", job.created_at).add("run_after", job.run_after);
    lines.add("started_at", job.started_at).add("updated_at", job.updated_at);
    lines.add("ended_at", job.ended_at).add("expires_at", job.expires_at);
    lines.add("cancel_requested_at", job.cancel_requested_at).add("attempt", job.attempt);
    lines.add("worker", job.worker).add("lease_until", job.lease_until);
    lines.add("suspect_at", job.suspect_at);
    lines.add("log_bytes", job.log_bytes).add("rev", job.rev);
    lines.add("account", job.account);
}

void add_outcome(Lines& lines, const Job& job) {
    lines.add("result", job.result).add("error", job.error).add("error_code", job.error_code);
    lines.add("exit_code", job.exit_code).add("signal", job.signal);
}

}  // namespace

std::string job_text(const Job& job) {
    Lines lines;
    add_spec(lines, job);
    add_state(lines, job);
    add_outcome(lines, job);
    return lines.text();
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
                + "\n";
    }
    return text;
}

}  // namespace atlasjob::test

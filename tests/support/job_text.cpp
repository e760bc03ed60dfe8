#include "support/job_text.h"

#include <sstream>

namespace atlasjob::test {

namespace {

std::string shown(const std::string& text) {
    return '"' + text + '"';
}
template <class Number>
requires std::is_arithmetic_v<Number> std::string shown(Number number) {
    std::ostringstream out;
    out.precision(17);
    out << number;
    return out.str();
}
std::string shown(Time time) {
    return format_time(time);
}
std::string shown(milliseconds span) {
    return std::to_string(span.count()) + "ms";
}
std::string shown(Status status) {
    return std::string{to_string(status)};
}
std::string shown(Reason reason) {
    return std::string{to_string(reason)};
}
std::string shown(const JobId& id) {
    return id.str();
}
std::string shown(const Label& label) {
    return shown(label.key) + "=" + shown(label.value);
}
std::string shown(const ProcessIdentity& process) {
    return process.host + "/" + process.boot_id + "/" + std::to_string(process.pid_namespace) + "/"
           + std::to_string(process.pid) + "/" + std::to_string(process.start_ticks);
}
template <class Value>
std::string shown(const std::optional<Value>& value) {
    return value ? shown(*value) : "nothing";
}
template <class Value>
std::string shown(const std::vector<Value>& values) {
    std::string text = "[";
    for (const Value& value : values)
        text += shown(value) + " ";
    return text + "]";
}

/// Collects "name: value" lines.
class Lines {
  public:
    template <class Value>
    Lines& add(std::string_view name, const Value& value) {
        text_.append(name).append(": ").append(shown(value)).append("\n");
        return *this;
    }
    const std::string& text() const { return text_; }

  private:
    std::string text_;
};

void add_what_it_is(Lines& lines, const Job& job) {
    lines.add("job_id", job.job_id).add("seq", job.seq).add("kind", job.kind).add("name", job.name);
    lines.add("target", job.target).add("owner", job.owner).add("labels", job.labels);
    lines.add("queue", job.queue).add("priority", job.priority).add("key", job.key);
    lines.add("after", job.after).add("command", job.command).add("cwd", job.cwd);
    lines.add("timeout", job.timeout).add("retention", job.retention);
    lines.add("max_attempts", job.max_attempts);
}

void add_where_it_is(Lines& lines, const Job& job) {
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

void add_what_came_out(Lines& lines, const Job& job) {
    lines.add("result", job.result).add("error", job.error).add("error_code", job.error_code);
    lines.add("exit_code", job.exit_code).add("signal", job.signal);
}

}  // namespace

std::string job_text(const Job& job) {
    Lines lines;
    add_what_it_is(lines, job);
    add_where_it_is(lines, job);
    add_what_came_out(lines, job);
    return lines.text();
}

std::string event_line(const Event& event) {
    std::string line = event.type + " ";
    if (event.from) line += shown(*event.from) + " ";
    return line + "-> " + shown(event.to);
}

std::string events_text(const std::vector<Event>& events) {
    std::string text;
    for (const Event& event : events) {
        text += std::to_string(event.seq) + " " + event.job_id + " " + shown(event.at) + " "
                + event_line(event) + " by " + event.actor + " because " + shown(event.reason)
                + "\n";
    }
    return text;
}

}  // namespace atlasjob::test

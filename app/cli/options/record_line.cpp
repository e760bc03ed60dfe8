#include "cli/options/record_line.h"

#include "base/error.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/options/record_value.h"
#include "cli/options/spec_values.h"
#include "ledger/job_fields.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <tuple>
#include <utility>

namespace atlasjob::cli {

namespace {

constexpr int kAnyInt = std::numeric_limits<int>::max();
/// A result may have the maximum depth of JSON and is itself at most three levels deep in the line.
constexpr std::size_t kMaxLineDepth = kDeepestJson + 3;

[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorCode::invalid_argument, why);
}

/// A key of an object and how to store its value in a `Target`, unless it is null.
template <class Target>
struct Field {
    std::string_view key;
    void (*take)(Target&, const RecordValue&);
};

/// For keys that are only meaningful in the ledger they come from.
template <class Target>
void ignore(Target& /*target*/, const RecordValue& /*value*/) {}

/// Passes each member of an object to its field. Throws for unknown and duplicate keys.
template <class Target, std::size_t N>
void take_members(
    Target& target,
    const std::vector<RecordValue>& members,
    const std::array<Field<Target>, N>& fields) {
    std::set<std::string> keys_seen;
    for (const RecordValue& member : members) {
        const auto field = std::ranges::find(fields, member.key(), &Field<Target>::key);
        if (!keys_seen.insert(member.key()).second)
            refuse(fmt::format("duplicate key \"{}\"", member.key()));
        if (field == fields.end()) {
            std::array<std::string_view, N> keys;
            std::ranges::transform(fields, keys.begin(), &Field<Target>::key);
            const std::string_view meant = nearest(member.key(), keys);
            refuse(
                fmt::format("unknown key \"{}\"", repair_utf8(member.key()))
                + (meant.empty() ? "" : fmt::format(" (did you mean \"{}\"?)", meant)));
        }
        if (!member.is_null()) field->take(target, member);
    }
}

std::string json_of(const RecordValue& value) {
    auto compact = compact_json(value.json());
    if (!compact) value.refuse("JSON that can be stored (nested too deeply?)");
    return std::move(*compact);
}

std::vector<std::string> texts_of(const RecordValue& value) {
    std::vector<std::string> texts;
    for (const RecordValue& element : value.elements())
        texts.push_back(element.text());
    return texts;
}

std::vector<std::string> bytes_of(const RecordValue& value) {
    std::vector<std::string> texts;
    for (const RecordValue& element : value.elements())
        texts.push_back(element.bytes());
    return texts;
}

std::vector<JobId> ids_of(const RecordValue& value) {
    std::vector<JobId> ids;
    for (const RecordValue& element : value.elements())
        ids.push_back(element.job_id());
    return ids;
}

/// A line being parsed.
struct Line {
    explicit Line(const JobId& id) : record(id) {}

    Job& job() { return record.job; }

    JobRecord record;
    CommandSpec spec;  ///< Used if the line has a command or an on_end.
};

// How the value of a field of each type is taken.

void take(JobId& id, const FieldInfo& /*field*/, const RecordValue& value) {
    id = value.job_id();
}

void take(std::string& text, const FieldInfo& field, const RecordValue& value) {
    text = field.type == FieldType::json ? json_of(value) : value.text();
}

void take(std::int64_t& number, const FieldInfo& /*field*/, const RecordValue& value) {
    number = value.integer();
}

void take(int& number, const FieldInfo& field, const RecordValue& value) {
    number = value.number(field.min, kAnyInt);
}

void take(double& number, const FieldInfo& /*field*/, const RecordValue& value) {
    number = value.real();
}

void take(bool& flag, const FieldInfo& /*field*/, const RecordValue& value) {
    flag = value.flag();
}

void take(Time& time, const FieldInfo& /*field*/, const RecordValue& value) {
    time = value.time();
}

void take(milliseconds& span, const FieldInfo& /*field*/, const RecordValue& value) {
    span = value.span();
}

void take(Status& status, const FieldInfo& /*field*/, const RecordValue& value) {
    status = value.status();
}

void take(Reason& reason, const FieldInfo& /*field*/, const RecordValue& value) {
    reason = value.reason();
}

void take(std::vector<JobId>& ids, const FieldInfo& /*field*/, const RecordValue& value) {
    ids = ids_of(value);
}

void take(std::vector<std::string>& texts, const FieldInfo& /*field*/, const RecordValue& value) {
    texts = texts_of(value);
}

void take(std::vector<Label>& labels, const FieldInfo& /*field*/, const RecordValue& value) {
    std::set<std::string> keys;
    for (const RecordValue& label : value.members()) {
        if (!keys.insert(label.key()).second)
            refuse(fmt::format("duplicate label \"{}\"", label.key()));
        labels.push_back({label.key(), label.text()});
    }
}

void take(Usage& usage, const FieldInfo& field, const RecordValue& value);

template <class Value>
void take(std::optional<Value>& optional, const FieldInfo& field, const RecordValue& value) {
    take(optional.emplace(), field, value);
}

/// The record of a table in what a line is parsed into.
Job& record_of(Line& line) {
    return line.job();
}
Usage& record_of(Usage& usage) {
    return usage;
}

/// A row of a table as a key of an import line.
template <class Target, const auto& kRows, std::size_t kIndex>
constexpr Field<Target> key_of_row() {
    constexpr const FieldInfo& kRow = std::get<kIndex>(kRows);
    if constexpr (kRow.use == FieldUse::exchanged) {
        return {kRow.name, [](Target& target, const RecordValue& value) {
                    const auto& row = std::get<kIndex>(kRows);
                    take(record_of(target).*row.member, row, value);
                }};
    } else {
        return {kRow.name, ignore<Target>};
    }
}

/// The first `kCount` rows of a table as keys, followed by `others`.
template <class Target, const auto& kRows, std::size_t kCount, class... Others>
constexpr auto keys_of_rows(const Others&... others) {
    return [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
        return std::array{key_of_row<Target, kRows, kIndex>()..., others...};
    }
    (std::make_index_sequence<kCount>{});
}

constexpr std::array kUsageKeys =
    keys_of_rows<Usage, kUsageFields, std::tuple_size_v<decltype(kUsageFields)>>();

void take(Usage& usage, const FieldInfo& /*field*/, const RecordValue& value) {
    take_members(usage, value.members(), kUsageKeys);
}

// clang-format off
constexpr std::array kSupervisorFields = {
    Field<ProcessIdentity>{"host",          [](auto& who, const auto& v) { who.host = v.text(); }},
    Field<ProcessIdentity>{"machine_id",    [](auto& who, const auto& v) { who.machine_id = v.text(); }},
    Field<ProcessIdentity>{"boot_id",       [](auto& who, const auto& v) { who.boot_id = v.text(); }},
    Field<ProcessIdentity>{"pid_namespace", [](auto& who, const auto& v) { who.pid_namespace = v.natural(); }},
    Field<ProcessIdentity>{"time_namespace", [](auto& who, const auto& v) { who.time_namespace = v.natural(); }},
    Field<ProcessIdentity>{"pid",           [](auto& who, const auto& v) { who.pid = v.integer(); }},
    Field<ProcessIdentity>{"start_ticks",   [](auto& who, const auto& v) { who.start_ticks = v.natural(); }},
};

constexpr std::array kProcessFields = {
    Field<AttemptProcess>{"pid",         [](auto& process, const auto& v) { process.pid = v.integer(); }},
    Field<AttemptProcess>{"start_ticks", [](auto& process, const auto& v) { process.start_ticks = v.natural(); }},
};

constexpr std::array kAttemptFields = {
    Field<AttemptRecord>{"n",          [](auto& attempt, const auto& v) { attempt.n = v.number(1, kAnyInt); }},
    Field<AttemptRecord>{"fence",      [](auto& attempt, const auto& v) { attempt.fence = v.integer(); }},
    Field<AttemptRecord>{"supervisor", [](auto& attempt, const auto& v) { take_members(attempt.supervisor.emplace(), v.members(), kSupervisorFields); }},
    Field<AttemptRecord>{"process",    [](auto& attempt, const auto& v) { take_members(attempt.process.emplace(), v.members(), kProcessFields); }},
    Field<AttemptRecord>{"started_at", [](auto& attempt, const auto& v) { attempt.started_at = v.time(); }},
    Field<AttemptRecord>{"ended_at",   [](auto& attempt, const auto& v) { attempt.ended_at = v.time(); }},
    Field<AttemptRecord>{"exit_code",  [](auto& attempt, const auto& v) { attempt.exit_code = v.number(-kAnyInt, kAnyInt); }},
    Field<AttemptRecord>{"signal",     [](auto& attempt, const auto& v) { attempt.signal = v.text(); }},
    Field<AttemptRecord>{"outcome",    [](auto& attempt, const auto& v) { attempt.outcome = v.text(); }},
    Field<AttemptRecord>{"reason",     [](auto& attempt, const auto& v) { attempt.reason = v.reason(); }},
    Field<AttemptRecord>{"error",      [](auto& attempt, const auto& v) { attempt.error = v.text(); }},
    Field<AttemptRecord>{"error_code", [](auto& attempt, const auto& v) { attempt.error_code = v.text(); }},
    Field<AttemptRecord>{"result",     [](auto& attempt, const auto& v) { attempt.result = json_of(v); }},
    Field<AttemptRecord>{"usage",      [](auto& attempt, const auto& v) { take_members(attempt.usage.emplace(), v.members(), kUsageKeys); }},
};

constexpr std::array kEventFields = {
    Field<Event>{"seq",    [](auto& event, const auto& v) { event.seq = v.integer(); }},
    Field<Event>{"job_id", [](auto& event, const auto& v) { event.job_id = v.text(); }},
    Field<Event>{"at",     [](auto& event, const auto& v) { event.at = v.time(); }},
    Field<Event>{"type",   [](auto& event, const auto& v) { event.type = v.text(); }},
    Field<Event>{"from",   [](auto& event, const auto& v) { event.from = v.status(); }},
    Field<Event>{"to",     [](auto& event, const auto& v) { event.to = v.status(); }},
    Field<Event>{"actor",  [](auto& event, const auto& v) { event.actor = v.text(); }},
    Field<Event>{"reason", [](auto& event, const auto& v) { event.reason = v.reason(); }},
    Field<Event>{"detail", [](auto& event, const auto& v) { event.detail = v.text(); }},
};
// clang-format on

ResultFrom result_from_of(const RecordValue& value) {
    if (value.text() == "report") return ResultFrom::report;
    if (value.text() != "stdout") value.refuse("report or stdout");
    return ResultFrom::standard_output;
}

void take_environment(Line& line, std::vector<std::string> environment) {
    line.spec.environment = std::move(environment);
    line.record.knows_environment = true;
}

// clang-format off
constexpr std::array kSpecFields = {
    Field<Line>{"retain_ms",       [](auto& line, const auto& v) { line.job().retention = v.span(); }},
    Field<Line>{"lease_ms",        [](auto& line, const auto& v) { line.record.lease = v.span(); }},
    Field<Line>{"cancel_grace_ms", [](auto& line, const auto& v) { line.record.cancel_grace = v.span(); }},
    Field<Line>{"cancel_reason",   [](auto& line, const auto& v) { line.record.cancel_text = v.text(); }},
    Field<Line>{"met",             [](auto& line, const auto& v) { line.record.met = ids_of(v); }},
    Field<Line>{"command_base64",  [](auto& line, const auto& v) { line.spec.argv = bytes_of(v); }},
    Field<Line>{"cwd_base64",      [](auto& line, const auto& v) { line.spec.cwd = v.bytes(); }},
    Field<Line>{"umask",           [](auto& line, const auto& v) { line.spec.umask = static_cast<unsigned>(v.number(0, 0777)); }},
    Field<Line>{"process_attributes", [](auto& line, const auto& v) { line.spec.attributes = v.text(); }},
    Field<Line>{"result_from",     [](auto& line, const auto& v) { line.spec.result_from = result_from_of(v); }},
    Field<Line>{"log_limit_bytes", [](auto& line, const auto& v) { line.spec.log_limit_bytes = v.integer(); }},
    Field<Line>{"keep_strays",     [](auto& line, const auto& v) { line.spec.keep_strays = v.flag(); }},
    Field<Line>{"grace_ms",        [](auto& line, const auto& v) { line.spec.grace = v.span(); }},
    Field<Line>{"kill_signal",     [](auto& line, const auto& v) { line.spec.kill_signal = v.text(); }},
    Field<Line>{"backoff_factor",  [](auto& line, const auto& v) { line.spec.backoff_factor = v.real(); }},
    Field<Line>{"backoff_ms",      [](auto& line, const auto& v) { line.spec.backoff = v.span(); }},
    Field<Line>{"on_end",          [](auto& line, const auto& v) { line.spec.on_end = v.text(); }},
    Field<Line>{"on_end_base64",   [](auto& line, const auto& v) { line.spec.on_end = v.bytes(); }},
    Field<Line>{"progress_from",   [](auto& line, const auto& v) { line.spec.progress_from = v.text(); }},
    Field<Line>{"stdin",           [](auto& line, const auto& v) { line.spec.input = v.text(); }},
    Field<Line>{"stdin_base64",    [](auto& line, const auto& v) { line.spec.input = v.bytes(); }},
    Field<Line>{"env",             [](auto& line, const auto& v) { take_environment(line, texts_of(v)); }},
    Field<Line>{"env_base64",      [](auto& line, const auto& v) { take_environment(line, bytes_of(v)); }},
};
// clang-format on

void take_attempts(Line& line, const RecordValue& value) {
    auto& attempts = line.record.attempts.emplace();
    for (const RecordValue& element : value.elements()) {
        AttemptRecord& attempt = attempts.emplace_back();
        attempt.n = static_cast<int>(attempts.size());
        take_members(attempt, element.members(), kAttemptFields);
        if (attempt.fence == 0) attempt.fence = attempt.n;
    }
}

void take_events(Line& line, const RecordValue& value) {
    auto& events = line.record.events.emplace();
    for (const RecordValue& element : value.elements()) {
        Event& event = events.emplace_back();
        event.job_id = line.job().job_id.view();
        take_members(event, element.members(), kEventFields);
    }
}

constexpr std::array kLineFields = keys_of_rows<Line, kJobFields, kShownFields>(
    Field<Line>{"attempts", take_attempts},
    Field<Line>{"events", take_events},
    Field<Line>{"spec", [](auto& line, const auto& value) {
                    take_members(line, value.members(), kSpecFields);
                }});

JobId id_of(const std::vector<RecordValue>& members) {
    const auto found = std::ranges::find(members, "job_id", &RecordValue::key);
    if (found == members.end()) refuse("no \"job_id\"");
    return found->job_id();
}

/// Throws if one of the keys is missing, null or empty.
void require_keys(const std::vector<RecordValue>& members) {
    for (const std::string_view key : {"kind", "owner", "status", "created_at"}) {
        const auto found = std::ranges::find(members, key, &RecordValue::key);
        if (found == members.end() || found->is_null() || found->json() == R"("")")
            refuse(fmt::format("no \"{}\"", key));
    }
}

/// Takes the command from the spec if it is there, because its bytes are not UTF-8, else from the
/// job.
void resolve_command(Line& line) {
    CommandSpec& spec = line.spec;
    if (spec.argv.empty()) spec.argv = line.job().command;
    if (spec.cwd.empty()) spec.cwd = line.job().cwd.value_or("");
    line.job().command.clear();
    line.job().cwd.reset();
    if (spec.argv.empty() && !spec.on_end) return;
    (spec.argv.empty() ? line.record.hook : line.record.command) = std::move(spec);
}

}  // namespace

JobRecord read_record_line(std::string_view text) {
    if (nests_deeper_than(text, kMaxLineDepth)) refuse("nested too deeply");
    if (text.find('\0') != std::string_view::npos || !nlohmann::json::accept(text))
        refuse("not JSON");
    const RecordValue object{"line", trim(text)};
    if (!object.json().starts_with('{')) refuse("not a JSON object");
    const std::vector<RecordValue> members = object.members();
    Line line{id_of(members)};
    take_members(line, members, kLineFields);
    require_keys(members);
    resolve_command(line);
    JobRecord record = completed(std::move(line.record));
    check(record);
    return record;
}

}  // namespace atlasjob::cli

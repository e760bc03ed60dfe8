#pragma once

#include "ledger/job.h"
#include "ledger/policy.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace atlasjob {

// The fields of a job, each in one row. Made from this table: a job as JSON, exports and imports,
// `--format`, the schemas of the MCP tools, and the columns that a store reads and inserts.

/// What a field's value is. Follows from the type of its member, except for json and account.
enum class FieldType {
    id,
    text,
    json,  ///< Compact JSON text of any type.
    integer,
    fraction,  ///< 0.0-1.0
    flag,
    time,
    duration,  ///< In milliseconds.
    status,
    reason,
    labels,
    ids,
    texts,
    process,
    usage,
    account,  ///< A uid.
};

/// Who gets to see a field.
enum class FieldUse {
    exchanged,  ///< In JSON, exports, --format and schemas; taken from an import.
    shown,      ///< The same, but import ignores it: each ledger counts or derives it.
    in_spec,    ///< Not in JSON, but exported and imported with the spec.
    internal,   ///< Only in the ledger.
};

/// A row without its member.
struct FieldInfo {
    std::string_view name;  ///< In JSON.
    FieldType type;
    bool nullable;
    /// In the store's table of jobs (of attempts, for a field of Usage); empty: the store keeps it
    /// in rows of its own, or not at all.
    std::string_view column;
    FieldUse use;
    std::string_view description;  ///< For schemas; empty if the name says it.
    int min;                       ///< Of an integer that is an int.

    constexpr bool is_shown() const { return use == FieldUse::exchanged || use == FieldUse::shown; }
    /// Whether an import brings it along.
    constexpr bool is_imported() const {
        return use == FieldUse::exchanged || use == FieldUse::in_spec;
    }
    constexpr bool is_stored() const { return !column.empty(); }
};

namespace field_rows {

template <class Value>
inline constexpr bool kNullable = false;
template <class Value>
inline constexpr bool kNullable<std::optional<Value>> = true;

template <class Value>
inline constexpr FieldType kType = kType<typename Value::value_type>;  // Of an optional.
template <>
inline constexpr FieldType kType<JobId> = FieldType::id;
template <>
inline constexpr FieldType kType<std::string> = FieldType::text;
template <>
inline constexpr FieldType kType<std::int64_t> = FieldType::integer;
template <>
inline constexpr FieldType kType<int> = FieldType::integer;
template <>
inline constexpr FieldType kType<double> = FieldType::fraction;
template <>
inline constexpr FieldType kType<bool> = FieldType::flag;
template <>
inline constexpr FieldType kType<Time> = FieldType::time;
template <>
inline constexpr FieldType kType<milliseconds> = FieldType::duration;
template <>
inline constexpr FieldType kType<Status> = FieldType::status;
template <>
inline constexpr FieldType kType<Reason> = FieldType::reason;
template <>
inline constexpr FieldType kType<std::vector<Label>> = FieldType::labels;
template <>
inline constexpr FieldType kType<std::vector<JobId>> = FieldType::ids;
template <>
inline constexpr FieldType kType<std::vector<std::string>> = FieldType::texts;
template <>
inline constexpr FieldType kType<ProcessIdentity> = FieldType::process;
template <>
inline constexpr FieldType kType<Usage> = FieldType::usage;

/// What a row says beyond its name and member.
struct Options {
    FieldUse use = FieldUse::exchanged;
    std::optional<FieldType> type = std::nullopt;
    std::string_view description = {};
    std::string_view column = {};  ///< Of a Column.
    int min = -std::numeric_limits<int>::max();
};

/// A field that is a member of `Record`.
template <class Record, class Value>
struct Member : FieldInfo {
    constexpr Member(std::string_view field, Value Record::*where, const Options& options = {})
        : FieldInfo{
            field, options.type.value_or(kType<Value>), kNullable<Value>, options.column,
            options.use, options.description, options.min},
          member(where) {}

    Value Record::*member;
};

/// A member that the store keeps in a column, which has the field's name unless another is given.
template <class Record, class Value>
struct Column : Member<Record, Value> {
    constexpr Column(std::string_view field, Value Record::*where, const Options& options = {})
        : Member<Record, Value>{field, where, options} {
        if (this->column.empty()) this->column = field;
    }
};

/// A field that follows from the job and the time.
template <class Value>
struct Derived : FieldInfo {
    constexpr Derived(
        std::string_view field, Value (*from)(const Job&, Time), std::string_view text)
        : FieldInfo{field, kType<Value>, kNullable<Value>, {}, FieldUse::shown, text, 0},
          derive(from) {}

    Value (*derive)(const Job&, Time);
};

template <class Row>
inline constexpr bool kIsColumn = false;
template <class Record, class Value>
inline constexpr bool kIsColumn<Column<Record, Value>> = true;

}  // namespace field_rows

// clang-format off

/// The fields of a job in the order of its JSON, then those that are not shown.
inline constexpr auto kJobFields = [] {
    using namespace field_rows;
    using enum FieldUse;
    return std::tuple{
        Column{"job_id",        &Job::job_id},
        Column{"seq",           &Job::seq,
               {.description = "The job's number, for people and the command line"}},
        Column{"kind",          &Job::kind},
        Column{"name",          &Job::name},
        Column{"target",        &Job::target,
               {.type = FieldType::json, .description = "Any JSON: what the work is about"}},
        Column{"owner",         &Job::owner},
        Member{"labels",        &Job::labels},
        Column{"status",        &Job::status,
               {.description = "The last three are terminal"}},
        Column{"reason",        &Job::reason,
               {.description = "Why it has this status, if the status alone does not say"}},
        Column{"progress",      &Job::progress},
        Column{"phase",         &Job::phase},
        Column{"message",       &Job::message},
        Column{"current",       &Job::current},
        Column{"total",         &Job::total},
        Column{"created_at",    &Job::created_at,
               {.description = "Times are UTC, e.g. 2026-11-22T12:00:01.000Z"}},
        Column{"run_after",     &Job::run_after},
        Column{"started_at",    &Job::started_at},
        Column{"updated_at",    &Job::updated_at},
        Column{"ended_at",      &Job::ended_at},
        Column{"expires_at",    &Job::expires_at,
               {.description = "When an ended job may be deleted"}},
        Column{"result",        &Job::result,
               {.type = FieldType::json, .description = "Any JSON; null until the status is terminal"}},
        Column{"error",         &Job::error,
               {.description = "One sentence; null until the status is terminal"}},
        Column{"error_code",    &Job::error_code},
        Column{"exit_code",     &Job::exit_code},
        Column{"signal",        &Job::signal},
        Column{"queue",         &Job::queue},
        Column{"priority",      &Job::priority},
        Column{"attempt",       &Job::attempt,       {.min = 0}},
        Column{"max_attempts",  &Job::max_attempts,  {.min = 1}},
        Column{"timeout_ms",    &Job::timeout},
        Column{"cancel_requested_at", &Job::cancel_requested_at},
        Column{"key",           &Job::key},
        Member{"after",         &Job::after},
        Member{"command",       &Job::command},
        Member{"cwd",           &Job::cwd},
        Member{"worker",        &Job::worker,        {.use = shown}},
        Derived{"stale",        &is_stale,
                "true: running, but its worker has been silent for too long"},
        Column{"log_bytes",     &Job::log_bytes},
        Column{"rev",           &Job::rev,           {.use = shown}},
        Member{"usage",         &Job::usage,
               {.description = "What the latest attempt that has ended used"}},
        Column{"group",         &Job::group,         {.column = "group_name"}},
        Column{"schedule",      &Job::schedule},
        Column{"scheduled_for", &Job::scheduled_for},
        Column{"account",       &Job::account_name,
               {.description = "Login name of the submitter"}},
        Column{"host",          &Job::host,
               {.description = "Where it was submitted"}},
        Column{"frozen",        &Job::frozen},
        Member{"after_ended",   &Job::after_ended},
        Column{"session",       &Job::session,
               {.description = "The agent's conversation that submitted it"}},

        Column{"retain_ms",     &Job::retention,     {.use = in_spec}},
        Column{"lease_until",   &Job::lease_until,   {.use = internal}},
        Column{"suspect_at",    &Job::suspect_at,    {.use = internal}},
        Column{"held",          &Job::held,          {.use = internal}},
        Column{"account_uid",   &Job::account,
               {.use = internal, .type = FieldType::account}}};
}();

/// The fields of Usage in the order of their JSON, all integers there.
inline constexpr auto kUsageFields = [] {
    using namespace field_rows;
    return std::tuple{
        Column{"cpu_ms",        &Usage::cpu},
        Column{"max_rss_bytes", &Usage::max_rss_bytes},
        Column{"read_bytes",    &Usage::read_bytes},
        Column{"written_bytes", &Usage::written_bytes},
        Column{"oom_kills",     &Usage::oom_kills}};
}();

// clang-format on

/// The rows of a table without their members, to be read in a loop.
template <class Rows>
constexpr auto infos_of(const Rows& rows) {
    return std::apply(
        [](const auto&... row) { return std::array{static_cast<const FieldInfo&>(row)...}; }, rows);
}

inline constexpr auto kJobFieldInfos = infos_of(kJobFields);
inline constexpr auto kUsageFieldInfos = infos_of(kUsageFields);

/// The number of fields that are shown. They come first.
inline constexpr std::size_t kShownFields =
    static_cast<std::size_t>(std::ranges::count_if(kJobFieldInfos, &FieldInfo::is_shown));
static_assert(std::ranges::is_partitioned(kJobFieldInfos, &FieldInfo::is_shown));

/// The field with this name in JSON; nullptr if none is shown under it.
constexpr const FieldInfo* find_shown_field(std::string_view name) {
    const auto* const end = kJobFieldInfos.begin() + kShownFields;
    const auto* const found =
        std::ranges::find(kJobFieldInfos.begin(), end, name, &FieldInfo::name);
    return found == end ? nullptr : found;
}

/// Calls `visit(info, member)` with each field of the table that is a member of `record`, a Job or
/// a Usage.
template <class Rows, class Record, class Visit>
constexpr void visit_members(const Rows& rows, Record& record, const Visit& visit) {
    const auto visit_one = [&](const auto& row) {
        if constexpr (requires { record.*row.member; })
            visit(static_cast<const FieldInfo&>(row), record.*row.member);
    };
    std::apply([&](const auto&... row) { (visit_one(row), ...); }, rows);
}

/// The same with those of them that are columns.
template <class Rows, class Record, class Visit>
constexpr void visit_columns(const Rows& rows, Record& record, const Visit& visit) {
    const auto visit_one = [&]<class Row>(const Row& row) {
        if constexpr (field_rows::kIsColumn<Row>)
            visit(static_cast<const FieldInfo&>(row), record.*row.member);
    };
    std::apply([&](const auto&... row) { (visit_one(row), ...); }, rows);
}

/// Calls `visit(info, value)` with each field that is shown and its value at `now`.
template <class Visit>
constexpr void visit_shown(const Job& job, Time now, const Visit& visit) {
    const auto visit_one = [&](const auto& row) {
        if (!row.is_shown()) return;
        if constexpr (requires { job.*row.member; }) {
            visit(static_cast<const FieldInfo&>(row), job.*row.member);
        } else {
            visit(static_cast<const FieldInfo&>(row), row.derive(job, now));
        }
    };
    std::apply([&](const auto&... row) { (visit_one(row), ...); }, kJobFields);
}

}  // namespace atlasjob

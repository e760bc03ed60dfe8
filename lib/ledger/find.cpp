#include "ledger/find.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

namespace atlasjob {

std::optional<JobRef> JobRef::parse(std::string_view text) {
    if (text == "last") return JobRef{};
    if (const auto id = JobId::parse(text)) return of(*id);
    const auto seq = parse_integer<std::int64_t>(text);
    if (!seq || *seq < 1) return {};
    return JobRef{Kind::seq, *seq, {}};
}

milliseconds Retention::of(Status status) const {
    const auto& own = status == Status::done ? done : status == Status::error ? error : cancelled;
    return own.value_or(default_retention(status));
}

Error missing_ledger(const std::string& path) {
    return {
        ErrorCode::unavailable, fmt::format("there is no ledger at {}", path),
        "run, submit, create and import create one; or give another path with --ledger"};
}

JobRef require_job_name(std::string_view text) {
    if (auto ref = JobRef::parse(text)) return *ref;
    throw Error(
        ErrorCode::invalid_argument, fmt::format("\"{}\" does not name a job", repair_utf8(text)),
        "give its number, its job_id, or last");
}

Job require_job(Store& store, std::string_view text, const Principal& principal, Detail detail) {
    const JobRef ref = require_job_name(text);
    if (auto job = store.get(ref, principal, detail)) return std::move(*job);
    if (const auto tombstone = store.tombstone(ref, principal)) {
        throw Error(
            ErrorCode::expired,
            fmt::format(
                "job {} expired: it ended as {} at {} and was deleted at {}", text,
                to_string(tombstone->last_status), format_time(tombstone->ended_at),
                format_time(tombstone->pruned_at)),
            "keep jobs longer with --retain or gc --keep-done");
    }
    if (ref.kind == JobRef::Kind::last) {
        throw Error(
            ErrorCode::not_found, fmt::format("{} has no jobs yet", principal.name),
            "see atlasjob list");
    }
    throw Error(
        ErrorCode::not_found, fmt::format("{} has no job {}", principal.name, text),
        "see atlasjob list");
}

}  // namespace atlasjob

#pragma once

#include "ledger/job.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob {

/// A job as named by a user: by seq, by id, or "last".
struct JobRef {
    enum class Kind {
        seq,
        id,
        last,  ///< The newest job that the principal owns.
    };

    /// Parses "42", a job_id or "last"; nullopt for anything else.
    [[nodiscard]] static std::optional<JobRef> parse(std::string_view text);
    static JobRef of(const JobId& id) { return {Kind::id, 0, id}; }

    Kind kind = Kind::last;
    std::int64_t seq = 0;
    std::optional<JobId> job_id;
};

/// The sort key of a list; equal keys are sorted by seq. Only seq has an index for its order: any
/// other key is read from every job that passes the filters.
enum class ListKey {
    seq,
    created_at,
    started_at,
    updated_at,
    ended_at,
    priority,
    kind,
    name,
    owner,
    queue,
    status,
};

struct ListOrder {
    ListKey key = ListKey::seq;
    bool ascending = false;  ///< Jobs without a value for the key come last either way.

    friend bool operator==(const ListOrder&, const ListOrder&) = default;
};

/// Selects jobs: those that meet every condition. The same filter selects the same jobs wherever it
/// is used: listed, counted, exported or acted on.
struct JobFilter {
    std::vector<Status> statuses;  ///< Empty: all. The same for the other lists.
    std::vector<std::string> kinds;
    std::vector<std::string> owners;  ///< Limited to what the principal may see.
    std::vector<Label> labels;        ///< All must match.
    std::vector<std::string> queues;
    std::vector<std::string> sessions;
    std::optional<Time> since;  ///< Created at or after.
    std::optional<Time> until;  ///< Created before.
    /// Substring of name, kind, message, error or command; ASCII letters match in either case.
    std::optional<std::string> search;

    friend bool operator==(const JobFilter&, const JobFilter&) = default;
};

/// One page of the jobs that a filter selects.
struct ListQuery {
    JobFilter filter;
    ListOrder order;
    int limit = 50;
    std::optional<std::int64_t> before_seq;  ///< next_seq of the previous page.
    std::optional<std::string> before_key;   ///< next_key of the previous page, unless by seq.
};

struct JobPage {
    std::vector<Job> jobs;                 ///< In full detail; newest first by default.
    std::optional<std::int64_t> next_seq;  ///< `before_seq` of the next page, if there is one.
    std::optional<std::string> next_key;   ///< `before_key` of the next page.
    std::int64_t total = 0;                ///< Number of jobs in all pages.
};

struct EventQuery {
    std::int64_t after_seq = 0;
    std::optional<JobId> job_id;
    int limit = 1000;
    /// Only of jobs of this session; ignored with job_id.
    std::optional<std::string> session = std::nullopt;
    std::vector<std::string> types = {};  ///< As Event::type. Empty: all.
    std::vector<Status> to = {};          ///< Events that left the job in one of these. Empty: all.
    std::optional<std::string> kind = std::nullopt;  ///< Of the job.
    std::optional<Time> since = std::nullopt;        ///< Events at or after.
};

/// Where a reader of the events of a ledger stands.
struct EventPosition {
    /// The number of the ledger's latest event, also if that was deleted with its job; 0 before the
    /// first.
    std::int64_t last_seq = 0;
    /// Whether events that the reader has not read may have been deleted with their jobs, or belong
    /// to an earlier file of the ledger.
    bool has_gap = false;
};

}  // namespace atlasjob

#pragma once

#include "ledger/job.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob {

/// How people and programs name a job.
struct JobRef {
    enum class Kind {
        seq,
        id,
        last,  ///< The newest of the principal's own.
    };

    /// Reads "42", a job_id or "last". Returns nullopt for anything else.
    static std::optional<JobRef> parse(std::string_view text);
    static JobRef of(const JobId& id) { return {Kind::id, 0, id}; }

    Kind kind = Kind::last;
    std::int64_t seq = 0;
    std::optional<JobId> job_id;
};

/// What a list is sorted by; jobs that are alike in it by their numbers. Only numbers are found in
/// their order: any other key is looked up in every job that passes the filters.
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
    bool ascending = false;  ///< Jobs that have no such value come last either way.

    friend bool operator==(const ListOrder&, const ListOrder&) = default;
};

struct ListQuery {
    std::vector<Status> statuses;  ///< Empty: all. The same for the other lists.
    std::vector<std::string> kinds;
    std::vector<std::string> owners;  ///< Within what the principal may see.
    std::vector<Label> labels;        ///< All must match.
    std::vector<std::string> queues;
    std::optional<Time> since;          ///< Created at or after.
    std::optional<Time> until;          ///< Created before.
    std::optional<std::string> search;  ///< Part of the name, kind, message, error or command.
    std::optional<std::int64_t>
        before_seq;                         ///< Page on from here: the last seq of the page before.
    std::optional<std::string> before_key;  ///< And its next_key, in any order but by seq.
    ListOrder order;
    int limit = 50;
};

struct JobPage {
    std::vector<Job> jobs;                 ///< In full detail; newest first, unless ordered else.
    std::optional<std::int64_t> next_seq;  ///< `before_seq` of the next page, if there is one.
    std::optional<std::string> next_key;   ///< `before_key` of the next page.
    std::int64_t total = 0;                ///< Of all pages.
};

struct EventQuery {
    std::int64_t after_seq = 0;
    std::optional<JobId> job_id;
    int limit = 1000;
};

}  // namespace atlasjob

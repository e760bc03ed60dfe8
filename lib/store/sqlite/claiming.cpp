#include "store/sqlite/claiming.h"

#include "store/sqlite/pausing.h"

namespace atlasjob::sqlite {

namespace {

// Jobs whose time has come join those that may be claimed; the index holds no others, so this
// costs one probe when there are none.
constexpr const char* kPromote =
    "UPDATE jobs SET ready = 1 WHERE status = 'queued' AND has_command = 1 AND ready = 0 "
    "AND open_dependencies = 0 AND run_after <= ?1";
constexpr const char* kNextQueue =
    "SELECT queue FROM jobs WHERE ready = 1 AND queue > ?1 ORDER BY queue LIMIT 1";
constexpr const char* kRunning =
    "SELECT count(*) FROM jobs WHERE status = 'running' AND queue = ?1";
constexpr const char* kBest =
    "SELECT job_id, priority, seq FROM jobs WHERE ready = 1 AND queue = ?1 "
    "ORDER BY priority DESC, seq LIMIT 1";
constexpr const char* kNextDue =
    "SELECT min(run_after) FROM jobs WHERE status = 'queued' AND has_command = 1 AND ready = 0 "
    "AND open_dependencies = 0";
constexpr const char* kRunnable =
    "SELECT (SELECT count(*) FROM jobs WHERE ready = 1)"
    " + (SELECT count(*) FROM jobs WHERE status = 'queued' AND has_command = 1 AND ready = 0"
    "    AND open_dependencies = 0)"
    " + (SELECT count(*) FROM jobs WHERE status = 'queued' AND has_command = 1"
    "    AND open_dependencies > 0)";

struct Candidate {
    JobId job_id;
    std::int64_t priority = 0;
    std::int64_t seq = 0;

    bool goes_before(const Candidate& other) const {
        return priority != other.priority ? priority > other.priority : seq < other.seq;
    }
};

std::vector<std::string> queues_with_work(Connection& connection) {
    std::vector<std::string> queues;
    std::string last;
    for (;;) {
        Query query{connection, kNextQueue};
        if (!query.bind(last).step()) return queues;
        last = query.text(0);
        queues.push_back(last);
    }
}

bool has_room(Connection& connection, const std::string& queue, const ClaimRequest& request) {
    const auto slots = request.queue_slots.find(queue);
    if (slots == request.queue_slots.end()) return true;
    Query running{connection, kRunning};
    return running.bind(queue).step() && running.integer(0) < slots->second;
}

std::optional<Candidate> best_of_queue(Connection& connection, const std::string& queue) {
    Query query{connection, kBest};
    if (!query.bind(queue).step()) return {};
    return Candidate{JobId::parse(query.text(0)).value(), query.integer(1), query.integer(2)};
}

std::optional<Candidate> best_candidate(Connection& connection, const ClaimRequest& request) {
    const Pauses pauses = load_pauses(connection);
    if (pauses.all) return {};
    std::optional<Candidate> best;
    const auto queues = request.queues.empty() ? queues_with_work(connection) : request.queues;
    for (const std::string& queue : queues) {
        if (pauses.close(queue)) continue;
        const auto candidate = best_of_queue(connection, queue);
        if (!candidate || !has_room(connection, queue, request)) continue;
        if (!best || candidate->goes_before(*best)) best = candidate;
    }
    return best;
}

}  // namespace

std::optional<Claim> claim_job(Connection& connection, const ClaimRequest& request, Time now) {
    Query{connection, kPromote}.bind(now).run();
    const auto best = best_candidate(connection, request);
    if (!best) return {};
    const JobState state = require_state(connection, best->job_id);
    const AttemptKey key =
        open_attempt(connection, state, request.owner, {Verb::claim, request.actor, now});
    return Claim{load_job(connection, state.seq), load_command(connection, state.seq), key};
}

std::optional<Time> next_due(Connection& connection) {
    Query query{connection, kNextDue};
    return query.step() ? query.optional_time(0) : std::nullopt;
}

std::int64_t count_runnable(Connection& connection) {
    Query query{connection, kRunnable};
    return query.step() ? query.integer(0) : 0;
}

}  // namespace atlasjob::sqlite

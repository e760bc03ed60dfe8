#include "store/sqlite/claiming.h"

#include "store/sqlite/pausing.h"

namespace atlasjob::sqlite {

namespace {

// Jobs whose time has come join those that may be claimed; the index holds no others, so this
// costs one probe when there are none.
constexpr const char* kPromote =
    "UPDATE jobs SET ready = 1 WHERE status = 'queued' AND has_command = 1 AND ready = 0 "
    "AND open_dependencies = 0 AND held = 0 AND run_after <= ?1";
// The best of a queue, from the index alone; and that of the next queue which has any.
constexpr const char* kBest =
    "SELECT queue, priority, seq FROM jobs WHERE ready = 1 AND queue = ?1 "
    "ORDER BY priority DESC, seq LIMIT 1";
constexpr const char* kBestOfNext =
    "SELECT queue, priority, seq FROM jobs WHERE ready = 1 AND queue > ?1 "
    "ORDER BY queue, priority DESC, seq LIMIT 1";
// As far as it matters. Imported jobs run elsewhere, if anywhere: they take no room here.
constexpr const char* kRunning =
    "SELECT count(*) FROM (SELECT 1 FROM jobs j WHERE j.status = 'running' AND j.queue = ?1 "
    "AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.job_seq = j.seq AND a.n = j.attempt "
    "AND a.elsewhere = 1) LIMIT ?2)";
constexpr const char* kNextDue =
    "SELECT min(run_after) FROM jobs WHERE status = 'queued' AND has_command = 1 AND ready = 0 "
    "AND open_dependencies = 0 AND held = 0";
constexpr const char* kRunnable =
    "SELECT (SELECT count(*) FROM jobs WHERE ready = 1)"
    " + (SELECT count(*) FROM jobs WHERE status = 'queued' AND has_command = 1 AND ready = 0"
    "    AND open_dependencies = 0 AND held = 0)"
    " + (SELECT count(*) FROM jobs WHERE status = 'queued' AND has_command = 1"
    "    AND open_dependencies > 0 AND held = 0)";

struct Candidate {
    std::string queue;
    std::int64_t priority = 0;
    std::int64_t seq = 0;

    bool goes_before(const Candidate& other) const {
        return priority != other.priority ? priority > other.priority : seq < other.seq;
    }
};

std::optional<Candidate> read_candidate(
    Connection& connection, const char* sql, const std::string& queue) {
    Query query{connection, sql};
    if (!query.bind(queue).step()) return {};
    return Candidate{std::string{query.text(0)}, query.integer(1), query.integer(2)};
}

/// Keeps the best candidate among those whose queue is open and has room.
class Choice {
  public:
    Choice(Connection& connection, const ClaimRequest& request, const Pauses& pauses)
        : connection_(connection), request_(request), pauses_(pauses) {}

    void consider(Candidate candidate) {
        if (best_ && best_->goes_before(candidate)) return;
        if (pauses_.close(candidate.queue) || !has_room(candidate.queue)) return;
        best_ = std::move(candidate);
    }
    const std::optional<Candidate>& best() const { return best_; }

  private:
    bool has_room(const std::string& queue) const {
        const auto slots = request_.queue_slots.find(queue);
        if (slots == request_.queue_slots.end()) return true;
        Query running{connection_, kRunning};
        return running.bind(queue, slots->second).step() && running.integer(0) < slots->second;
    }

    Connection& connection_;
    const ClaimRequest& request_;
    const Pauses& pauses_;
    std::optional<Candidate> best_;
};

void consider_all(Connection& connection, Choice& choice) {
    auto candidate = read_candidate(connection, kBestOfNext, {});
    while (candidate) {
        auto next = read_candidate(connection, kBestOfNext, candidate->queue);
        choice.consider(std::move(*candidate));
        candidate = std::move(next);
    }
}

std::optional<Candidate> best_candidate(Connection& connection, const ClaimRequest& request) {
    const Pauses pauses = load_pauses(connection);
    if (pauses.all) return {};
    Choice choice{connection, request, pauses};
    for (const std::string& queue : request.queues) {
        if (auto candidate = read_candidate(connection, kBest, queue))
            choice.consider(std::move(*candidate));
    }
    if (request.queues.empty()) consider_all(connection, choice);
    return choice.best();
}

}  // namespace

std::optional<Claim> claim_job(Connection& connection, const ClaimRequest& request, Time now) {
    Query{connection, kPromote}.bind(now).run();
    const auto best = best_candidate(connection, request);
    if (!best) return {};
    auto [job, key] =
        open_attempt(connection, best->seq, request.owner, {Verb::claim, request.actor, now});
    load_links(connection, job);
    CommandSpec command = load_command(connection, best->seq);
    job.command = command.argv;
    job.cwd = command.cwd;
    job.worker = request.owner.supervisor;
    return Claim{std::move(job), std::move(command), key};
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

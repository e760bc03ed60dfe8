#include "store/sqlite/file/trust.h"
#include "store/sqlite/verbs/attempts.h"
#include "store/sqlite/verbs/pause.h"
#include "store/sqlite/verbs/verbs.h"

#include <limits>

namespace atlasjob::sqlite {

namespace {

// Marks jobs that have become due as ready. The index holds only jobs that wait for their time, so
// this is one probe if none is due.
constexpr const char* kPromote = R"sql(
    UPDATE jobs
    SET ready = 1
    WHERE status = 'queued'
      AND has_command = 1
      AND ready = 0
      AND open_dependencies = 0
      AND held = 0
      AND run_after <= :now
)sql";
// The best job of the next account in a queue, and of the first account in the next queue, from the
// index alone. (In a single statement with `(queue, account_uid) > (:queue, :account)` SQLite would
// walk all rows of the previous group.) So a thousand jobs of other accounts cost a claim one
// probe. If all jobs are of one account, that is one probe per queue more than without accounts: 15
// of about 1,000 SQLite steps from claim to finish.
constexpr const char* kBestOfNextAccount = R"sql(
    SELECT queue, account_uid, priority, seq
    FROM jobs
    WHERE ready = 1
      AND queue = :queue
      AND account_uid > :account
    ORDER BY account_uid, priority DESC, seq
    LIMIT 1
)sql";
constexpr const char* kBestOfNextQueue = R"sql(
    SELECT queue, account_uid, priority, seq
    FROM jobs
    WHERE ready = 1
      AND queue > :queue
    ORDER BY queue, account_uid, priority DESC, seq
    LIMIT 1
)sql";
// Counts up to the limit only. Imported jobs do not run here and take no slot.
constexpr const char* kRunning = R"sql(
    SELECT count(*) AS jobs
    FROM (
        SELECT 1
        FROM jobs j
        WHERE j.status = 'running'
          AND j.queue = :queue
          AND NOT EXISTS (
              SELECT 1
              FROM attempts a
              WHERE a.job_seq = j.seq
                AND a.n = j.attempt
                AND a.elsewhere = 1
          )
        LIMIT :slots
    )
)sql";
constexpr const char* kNextDue = R"sql(
    SELECT run_after
    FROM jobs INDEXED BY jobs_delayed
    WHERE status = 'queued'
      AND has_command = 1
      AND ready = 0
      AND open_dependencies = 0
      AND held = 0
      AND (:account IS NULL OR account_uid IN (-1, :account))
    ORDER BY run_after
    LIMIT 1
)sql";
constexpr const char* kCountRunnable = R"sql(
    SELECT (
        SELECT count(*)
        FROM jobs
        WHERE ready = 1
          AND (:account IS NULL OR account_uid IN (-1, :account))
    ) + (
        SELECT count(*)
        FROM jobs
        WHERE status = 'queued'
          AND has_command = 1
          AND ready = 0
          AND open_dependencies = 0
          AND held = 0
          AND (:account IS NULL OR account_uid IN (-1, :account))
    ) + (
        SELECT count(*)
        FROM jobs
        WHERE status = 'queued'
          AND has_command = 1
          AND open_dependencies > 0
          AND held = 0
          AND (:account IS NULL OR account_uid IN (-1, :account))
    ) AS jobs
)sql";
constexpr const char* kRunnable = R"sql(
    SELECT account_uid, queue, sum(jobs) AS jobs
    FROM (
        SELECT account_uid, queue, count(*) AS jobs
        FROM jobs
        WHERE ready = 1
        GROUP BY 1, 2
        UNION ALL
        SELECT account_uid, queue, count(*)
        FROM jobs
        WHERE status = 'queued'
          AND has_command = 1
          AND ready = 0
          AND open_dependencies = 0
          AND held = 0
        GROUP BY 1, 2
        UNION ALL
        SELECT account_uid, queue, count(*)
        FROM jobs
        WHERE status = 'queued'
          AND has_command = 1
          AND open_dependencies > 0
          AND held = 0
        GROUP BY 1, 2
    )
    GROUP BY 1, 2
    ORDER BY 1, 2
)sql";
constexpr const char* kIsDraining = R"sql(
    SELECT 1
    FROM workers
    WHERE draining = 1
      AND pid = :pid
      AND process_start = :process_start
      AND pid_namespace = :pid_namespace
      AND boot_id = :boot_id
      AND machine_id = :machine_id
)sql";

/// Sorts before every account.
constexpr AccountId kBeforeAccounts = std::numeric_limits<AccountId>::min();

struct Candidate {
    std::string queue;
    AccountId account = kBeforeAccounts;
    std::int64_t priority = 0;
    std::int64_t seq = 0;

    bool goes_before(const Candidate& other) const {
        return priority != other.priority ? priority > other.priority : seq < other.seq;
    }
};

std::optional<Candidate> read_candidate(Query& query) {
    if (!query.step()) return {};
    return Candidate{
        std::string{query.text("queue")}, query.integer("account_uid"), query.integer("priority"),
        query.integer("seq")};
}

std::optional<Candidate> best_of_next_account(Connection& connection, const Candidate& previous) {
    Query query{connection, kBestOfNextAccount};
    return read_candidate(query.bind("queue", previous.queue).bind("account", previous.account));
}

std::optional<Candidate> best_of_next_queue(Connection& connection, const std::string& queue) {
    Query query{connection, kBestOfNextQueue};
    return read_candidate(query.bind("queue", queue));
}

/// Keeps the best candidate of the requested account whose queue is open and has a free slot.
class BestCandidate {
  public:
    BestCandidate(Connection& connection, const ClaimRequest& request, const PausedQueues& paused)
        : connection_(connection), request_(request), paused_(paused) {}

    void consider(Candidate candidate) {
        if (best_ && best_->goes_before(candidate)) return;
        if (!may_claim(candidate.account)) return;
        if (paused_.contains(candidate.queue) || !has_free_slot(candidate.queue)) return;
        best_ = std::move(candidate);
    }
    const std::optional<Candidate>& best() const { return best_; }

  private:
    bool may_claim(AccountId account) const {
        return !request_.account || account == kNoAccount || account == *request_.account;
    }
    bool has_free_slot(const std::string& queue) const {
        const auto slots = request_.queue_slots.find(queue);
        if (slots == request_.queue_slots.end()) return true;
        Query running{connection_, kRunning};
        running.bind("queue", queue).bind("slots", slots->second);
        return running.step() && running.integer("jobs") < slots->second;
    }

    Connection& connection_;
    const ClaimRequest& request_;
    const PausedQueues& paused_;
    std::optional<Candidate> best_;
};

/// Considers the best job of each account in a queue, starting with `candidate`, the first one's.
void consider_queue(
    Connection& connection, std::optional<Candidate> candidate, BestCandidate& best) {
    while (candidate) {
        auto next = best_of_next_account(connection, *candidate);
        best.consider(std::move(*candidate));
        candidate = std::move(next);
    }
}

void consider_all(Connection& connection, BestCandidate& best) {
    auto first = best_of_next_queue(connection, {});
    while (first) {
        const std::string queue = first->queue;
        consider_queue(connection, std::move(first), best);
        first = best_of_next_queue(connection, queue);
    }
}

std::optional<Candidate> best_candidate(Connection& connection, const ClaimRequest& request) {
    const PausedQueues paused = load_paused_queues(connection);
    if (paused.all) return {};
    BestCandidate best{connection, request, paused};
    for (const std::string& queue : request.queues)
        consider_queue(connection, best_of_next_account(connection, {queue}), best);
    if (request.queues.empty()) consider_all(connection, best);
    return best.best();
}

bool is_draining(Connection& connection, const ProcessIdentity& worker) {
    return Query{connection, kIsDraining}
        .bind("machine_id", worker.machine_id)
        .bind("boot_id", worker.boot_id)
        .bind("pid_namespace", worker.pid_namespace)
        .bind("pid", worker.pid)
        .bind("process_start", worker.start_ticks)
        .step();
}

}  // namespace

std::optional<Claim> claim_job(Connection& connection, const ClaimRequest& request, Time now) {
    Query{connection, kPromote}.bind("now", now).run();
    const auto best = best_candidate(connection, request);
    if (!best) return {};
    // Check again before a command runs: the ledger may have become writable for other accounts
    // since the worker started.
    if (request.account && !is_safe_from_others(connection.path())) return {};
    if (request.worker && is_draining(connection, *request.worker)) return {};
    auto [job, key] =
        open_attempt(connection, best->seq, request.owner, {Verb::claim, request.actor, now});
    load_links(connection, job);
    CommandSpec command = load_command(connection, best->seq);
    job.command = command.argv;
    job.cwd = command.cwd;
    job.worker = request.owner.supervisor;
    return Claim{std::move(job), std::move(command), key};
}

std::optional<Time> next_due(Connection& connection, const std::optional<AccountId>& account) {
    Query query{connection, kNextDue};
    return query.bind("account", account).step() ? query.optional_time("run_after") : std::nullopt;
}

std::int64_t count_runnable(Connection& connection, const std::optional<AccountId>& account) {
    Query query{connection, kCountRunnable};
    return query.bind("account", account).step() ? query.integer("jobs") : 0;
}

std::vector<RunnableJobs> runnable_jobs(Connection& connection) {
    std::vector<RunnableJobs> jobs;
    Query query{connection, kRunnable};
    while (query.step()) {
        const auto account = account_of(query.integer("account_uid"));
        std::string queue{query.text("queue")};
        jobs.push_back({account, std::move(queue), query.integer("jobs")});
    }
    return jobs;
}

}  // namespace atlasjob::sqlite

#include "store/sqlite/verbs/pause.h"

#include <algorithm>

namespace atlasjob::sqlite {

namespace {

/// The row that pauses every queue. A queue's name starts with a letter or a digit (limits.h).
constexpr std::string_view kEveryQueue = "*";

constexpr const char* kPause = R"sql(
    INSERT INTO queues (queue, paused_by, paused_at)
    VALUES (:queue, :paused_by, :paused_at)
    ON CONFLICT DO UPDATE
    SET paused_by = excluded.paused_by,
        paused_at = excluded.paused_at
    WHERE paused_at IS NULL
)sql";
constexpr const char* kResume = R"sql(
    UPDATE queues
    SET paused_by = NULL,
        paused_at = NULL
    WHERE queue = :queue
      AND paused_at IS NOT NULL
)sql";
constexpr const char* kResumeAll = R"sql(
    UPDATE queues
    SET paused_by = NULL,
        paused_at = NULL
    WHERE paused_at IS NOT NULL
)sql";
// '*' sorts before every letter and digit.
constexpr const char* kPaused = R"sql(
    SELECT queue, paused_by, paused_at
    FROM queues
    WHERE paused_at IS NOT NULL
    ORDER BY queue
)sql";
constexpr const char* kPausedNames = R"sql(
    SELECT queue
    FROM queues
    WHERE paused_at IS NOT NULL
)sql";

}  // namespace

bool pause_queue(
    Connection& connection,
    const std::optional<std::string>& queue,
    const std::string& actor,
    Time now) {
    const std::string_view row = queue ? std::string_view{*queue} : kEveryQueue;
    Query query{connection, kPause};
    query.bind("queue", row).bind("paused_by", actor).bind("paused_at", now);
    return query.run() > 0;
}

bool resume_queue(Connection& connection, const std::optional<std::string>& queue) {
    if (queue) return Query{connection, kResume}.bind("queue", *queue).run() > 0;
    return Query{connection, kResumeAll}.run() > 0;
}

std::vector<PausedQueue> paused_queues(Connection& connection) {
    std::vector<PausedQueue> paused;
    Query query{connection, kPaused};
    while (query.step()) {
        PausedQueue pause;
        if (query.text("queue") != kEveryQueue) pause.queue = query.text("queue");
        pause.actor = query.text("paused_by");
        pause.since = query.time("paused_at");
        paused.push_back(std::move(pause));
    }
    return paused;
}

bool PausedQueues::contains(const std::string& queue) const {
    return all || std::ranges::find(queues, queue) != queues.end();
}

PausedQueues load_paused_queues(Connection& connection) {
    PausedQueues paused;
    Query query{connection, kPausedNames};
    while (query.step()) {
        const std::string_view queue = query.text("queue");
        if (queue == kEveryQueue) {
            paused.all = true;
        } else {
            paused.queues.emplace_back(queue);
        }
    }
    return paused;
}

}  // namespace atlasjob::sqlite

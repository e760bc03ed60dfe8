#include "store/sqlite/verbs/pause.h"

#include <algorithm>

namespace atlasjob::sqlite {

namespace {

/// The row that pauses every queue. A queue's name starts with a letter or a digit (limits.h).
constexpr std::string_view kEveryQueue = "*";

constexpr const char* kPause =
    "INSERT INTO queues (queue, paused_by, paused_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
constexpr const char* kResume = "DELETE FROM queues WHERE queue = ?1";
constexpr const char* kResumeAll = "DELETE FROM queues";
// '*' sorts before every letter and digit.
constexpr const char* kPaused = "SELECT queue, paused_by, paused_at FROM queues ORDER BY queue";
constexpr const char* kPausedNames = "SELECT queue FROM queues";

}  // namespace

bool pause_queue(
    Connection& connection,
    const std::optional<std::string>& queue,
    const std::string& actor,
    Time now) {
    const std::string_view row = queue ? std::string_view{*queue} : kEveryQueue;
    return Query{connection, kPause}.bind(row, actor, now).run() > 0;
}

bool resume_queue(Connection& connection, const std::optional<std::string>& queue) {
    if (queue) return Query{connection, kResume}.bind(*queue).run() > 0;
    return Query{connection, kResumeAll}.run() > 0;
}

std::vector<PausedQueue> paused_queues(Connection& connection) {
    std::vector<PausedQueue> paused;
    Query query{connection, kPaused};
    while (query.step()) {
        PausedQueue pause{{}, std::string{query.text(1)}, query.time(2)};
        if (query.text(0) != kEveryQueue) pause.queue = query.text(0);
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
        if (query.text(0) == kEveryQueue) {
            paused.all = true;
        } else {
            paused.queues.emplace_back(query.text(0));
        }
    }
    return paused;
}

}  // namespace atlasjob::sqlite

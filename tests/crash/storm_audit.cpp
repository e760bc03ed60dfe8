#include "crash/storm_audit.h"

#include "base/text.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <fmt/format.h>

#include <map>
#include <set>

namespace atlasjob::test {

namespace {

/// What the ledger tells of one job.
struct Story {
    std::string status;
    int again = 0;    ///< How often it was queued again after an attempt.
    int reaped = 0;   ///< How often it was taken back.
    int spawned = 0;  ///< Attempts whose process it knows.
};

constexpr const char* kStories =
    "SELECT job_id, status, "
    "(SELECT count(*) FROM events WHERE job_seq = jobs.seq AND from_status = 'running' "
    "AND to_status = 'queued'), "
    "(SELECT count(*) FROM events WHERE job_seq = jobs.seq AND type = 'reap'), "
    "(SELECT count(*) FROM attempts WHERE job_seq = jobs.seq AND pid IS NOT NULL) FROM jobs";

constexpr const char* kUnended =
    "SELECT job_id || ' ' || status || ' attempt ' || attempt || ' of ' || max_attempts || "
    "' ready ' || ready || ' run_after ' || coalesce(run_after, 0) || ' waits for ' || "
    "open_dependencies || ' last ' || verb FROM jobs WHERE ended_at IS NULL";

std::map<std::string, Story> read_stories(const std::string& ledger) {
    std::map<std::string, Story> stories;
    const SQLite::Database database{ledger, SQLite::OPEN_READWRITE, 5000};
    SQLite::Statement row{database, kStories};
    while (row.executeStep()) {
        stories[row.getColumn(0).getString()] = {
            row.getColumn(1).getString(), row.getColumn(2).getInt(), row.getColumn(3).getInt(),
            row.getColumn(4).getInt()};
    }
    return stories;
}

std::map<std::string, int> count_runs(const StormWords& words) {
    std::map<std::string, int> runs;
    for (const std::string& run : words.runs)
        ++runs[run.substr(0, run.find(' '))];
    return runs;
}

std::string tell(const char* wrong, const std::string& job_id, int runs, const Story& story) {
    return fmt::format(
        "{}: {} {}, ran {} times, queued again {}, taken back {}, known spawned {}", wrong, job_id,
        story.status, runs, story.again, story.reaped, story.spawned);
}

}  // namespace

std::vector<std::string> broken_promises(const std::string& ledger, const StormWords& words) {
    std::vector<std::string> broken;
    const auto stories = read_stories(ledger);
    for (const std::string& job_id : words.acknowledged) {
        if (!stories.contains(job_id)) broken.push_back("acknowledged and not there: " + job_id);
    }
    auto runs = count_runs(words);
    for (const auto& [job_id, times] : runs) {
        const auto story = stories.find(job_id);
        if (story == stories.end()) {
            broken.push_back("ran and not there: " + job_id);
        } else if (times > 1 + story->second.again) {
            broken.push_back(tell("ran too often", job_id, times, story->second));
        } else if (times > story->second.spawned) {
            broken.push_back(tell("ran untold", job_id, times, story->second));
        }
    }
    for (const auto& [job_id, story] : stories) {
        if (story.status == "done" && runs[job_id] == 0)
            broken.push_back(tell("done and never ran", job_id, 0, story));
    }
    return broken;
}

std::vector<std::string> unended(const std::string& ledger) {
    std::vector<std::string> jobs;
    const SQLite::Database database{ledger, SQLite::OPEN_READWRITE, 5000};
    SQLite::Statement row{database, kUnended};
    while (row.executeStep())
        jobs.push_back("has not ended: " + row.getColumn(0).getString());
    return jobs;
}

std::vector<std::string> repeated_without_reason(
    const std::string& ledger, const StormWords& words) {
    std::vector<std::string> repeated;
    const auto stories = read_stories(ledger);
    for (const auto& [job_id, times] : count_runs(words)) {
        const auto story = stories.find(job_id);
        if (story == stories.end()) continue;
        if (story->second.reaped > 0 || times != 1 + story->second.again)
            repeated.push_back(tell("nobody was killed", job_id, times, story->second));
    }
    return repeated;
}

}  // namespace atlasjob::test

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

/// The ledger's record of one job.
struct JobSummary {
    std::string status;
    int requeued = 0;  ///< How often it was queued again after an attempt.
    int reaped = 0;    ///< How often it was reaped.
    int spawned = 0;   ///< Attempts with a recorded process.
};

constexpr const char* kSummaries =
    "SELECT job_id, status, "
    "(SELECT count(*) FROM events WHERE job_seq = jobs.seq AND from_status = 'running' "
    "AND to_status = 'queued'), "
    "(SELECT count(*) FROM events WHERE job_seq = jobs.seq AND type = 'reap'), "
    "(SELECT count(*) FROM attempts WHERE job_seq = jobs.seq AND pid IS NOT NULL) FROM jobs";

constexpr const char* kUnended =
    "SELECT job_id || ' ' || status || ' attempt ' || attempt || ' of ' || max_attempts || "
    "' ready ' || ready || ' run_after ' || coalesce(run_after, 0) || ' waits for ' || "
    "open_dependencies || ' last ' || verb FROM jobs WHERE ended_at IS NULL";

std::map<std::string, JobSummary> read_summaries(const std::string& ledger) {
    std::map<std::string, JobSummary> summaries;
    const SQLite::Database database{ledger, SQLite::OPEN_READWRITE, 5000};
    SQLite::Statement row{database, kSummaries};
    while (row.executeStep()) {
        summaries[row.getColumn(0).getString()] = {
            row.getColumn(1).getString(), row.getColumn(2).getInt(), row.getColumn(3).getInt(),
            row.getColumn(4).getInt()};
    }
    return summaries;
}

std::map<std::string, int> count_runs(const StormOutput& output) {
    std::map<std::string, int> runs;
    for (const std::string& run : output.runs)
        ++runs[run.substr(0, run.find(' '))];
    return runs;
}

std::string describe(
    const char* fault, const std::string& job_id, int runs, const JobSummary& summary) {
    return fmt::format(
        "{}: {} {}, ran {} times, requeued {}, reaped {}, recorded as spawned {}", fault, job_id,
        summary.status, runs, summary.requeued, summary.reaped, summary.spawned);
}

}  // namespace

std::vector<std::string> find_faults(const std::string& ledger, const StormOutput& output) {
    std::vector<std::string> broken;
    const auto summaries = read_summaries(ledger);
    for (const std::string& job_id : output.acknowledged) {
        if (!summaries.contains(job_id)) broken.push_back("acknowledged but missing: " + job_id);
    }
    auto runs = count_runs(output);
    for (const auto& [job_id, times] : runs) {
        const auto summary = summaries.find(job_id);
        if (summary == summaries.end()) {
            broken.push_back("ran but missing: " + job_id);
        } else if (times > 1 + summary->second.requeued) {
            broken.push_back(describe("ran too often", job_id, times, summary->second));
        } else if (times > summary->second.spawned) {
            broken.push_back(describe("ran without record", job_id, times, summary->second));
        }
    }
    for (const auto& [job_id, summary] : summaries) {
        if (summary.status == "done" && runs[job_id] == 0)
            broken.push_back(describe("done but never ran", job_id, 0, summary));
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

std::vector<std::string> find_needless_repeats(
    const std::string& ledger, const StormOutput& output) {
    std::vector<std::string> repeated;
    const auto summaries = read_summaries(ledger);
    for (const auto& [job_id, times] : count_runs(output)) {
        const auto summary = summaries.find(job_id);
        if (summary == summaries.end()) continue;
        if (summary->second.reaped > 0 || times != 1 + summary->second.requeued)
            repeated.push_back(describe("repeated without a kill", job_id, times, summary->second));
    }
    return repeated;
}

}  // namespace atlasjob::test

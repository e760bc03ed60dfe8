#include "crash/acknowledged.h"

#include "base/text.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <map>
#include <stdexcept>

namespace atlasjob::test {

namespace {

// How often this verb led to this status: a verb may do so once per attempt.
constexpr const char* kTimes =
    "SELECT count(*) FROM events e JOIN jobs j ON j.seq = e.job_seq "
    "WHERE j.job_id = ?1 AND e.type = ?2 AND e.to_status = ?3";
// A reported value stays until a later attempt or a retry resets it.
constexpr const char* kReported =
    "SELECT count(*) FROM jobs WHERE job_id = ?1 AND (attempt > ?2 OR current >= ?3 OR EXISTS "
    "(SELECT 1 FROM events WHERE job_seq = jobs.seq AND type = 'retry'))";

// A deleted job has no history, but it must have a tombstone.
constexpr const char* kDeleted = "SELECT count(*) FROM tombstones WHERE job_id = ?1";

Acknowledged parse_line(std::string_view line) {
    const auto fields = split(line, ' ');
    if (fields.size() != 5) throw std::runtime_error("a torn line: " + std::string{line});
    return {
        JobId::parse(fields[0]).value(), std::string{fields[1]}, std::string{fields[2]},
        parse_integer<int>(fields[3]).value(), parse_integer<std::int64_t>(fields[4]).value()};
}

bool was_reported(SQLite::Database& database, const Acknowledged& what) {
    SQLite::Statement statement{database, kReported};
    statement.bind(1, what.job_id.str());
    statement.bind(2, what.attempt);
    statement.bind(3, what.current);
    return statement.executeStep() && statement.getColumn(0).getInt() == 1;
}

int times_in_history(SQLite::Database& database, const Acknowledged& what) {
    SQLite::Statement statement{database, kTimes};
    statement.bind(1, what.job_id.str());
    statement.bind(2, what.verb);
    statement.bind(3, what.status);
    return statement.executeStep() ? statement.getColumn(0).getInt() : 0;
}

bool was_deleted(SQLite::Database& database, const Acknowledged& what) {
    SQLite::Statement statement{database, kDeleted};
    statement.bind(1, what.job_id.str());
    return statement.executeStep() && statement.getColumn(0).getInt() == 1;
}

/// Whether the effect of the verb is in the ledger; `times` is how often it was acknowledged.
bool is_kept(SQLite::Database& database, const Acknowledged& what, int times) {
    if (was_deleted(database, what)) return true;
    if (what.verb == "remove") return false;
    if (what.verb == "report") return was_reported(database, what);
    return times_in_history(database, what) >= times;
}

}  // namespace

std::string to_line(const Acknowledged& what) {
    return fmt::format(
        "{} {} {} {} {}\n", what.job_id.view(), what.verb, what.status, what.attempt, what.current);
}

std::vector<Acknowledged> parse_lines(const std::string& text) {
    std::vector<Acknowledged> lines;
    for (const std::string_view line : split(text, '\n')) {
        if (!line.empty()) lines.push_back(parse_line(line));
    }
    return lines;
}

std::string read_rest(int pipe) {
    std::string rest;
    std::array<char, 65536> buffer{};
    for (ssize_t count = 0; (count = ::read(pipe, buffer.data(), buffer.size())) > 0;)
        rest.append(buffer.data(), static_cast<std::size_t>(count));
    return rest;
}

std::vector<std::string> missing_from(
    const std::string& ledger, const std::vector<Acknowledged>& acknowledged) {
    std::vector<std::string> missing;
    SQLite::Database database{ledger, SQLite::OPEN_READWRITE, 5000};
    std::map<std::string, int> times;
    for (const Acknowledged& what : acknowledged) {
        const int expected = ++times[what.job_id.str() + what.verb + what.status];
        if (!is_kept(database, what, expected))
            missing.push_back("acknowledged and lost: " + to_line(what));
    }
    return missing;
}

}  // namespace atlasjob::test

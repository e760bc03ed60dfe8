#pragma once

#include "ledger/job.h"

#include <string>
#include <vector>

namespace atlasjob::test {

/// A verb that has returned, so that its effect must be durable.
struct Acknowledged {
    JobId job_id;
    std::string verb;
    std::string status;        ///< Status of the job afterwards.
    int attempt = 0;           ///< 0: none yet.
    std::int64_t current = 0;  ///< `current` of a report.
};

std::string to_line(const Acknowledged& what);
/// Parses the lines of `text`. Throws std::runtime_error for a malformed line.
std::vector<Acknowledged> parse_lines(const std::string& text);

/// Reads a pipe without writers to its end.
std::string read_rest(int pipe);

/// One sentence for each of `acknowledged` that is missing from the ledger.
std::vector<std::string> missing_from(
    const std::string& ledger, const std::vector<Acknowledged>& acknowledged);

}  // namespace atlasjob::test

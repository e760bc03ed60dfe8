#pragma once

#include "ledger/job.h"

#include <string>
#include <vector>

namespace atlasjob::test {

/// A verb that has returned: from then on nothing may undo it.
struct Acknowledged {
    JobId job_id;
    std::string verb;
    std::string status;        ///< Where it left the job.
    int attempt = 0;           ///< 0: none yet.
    std::int64_t current = 0;  ///< Of a report.
};

std::string to_line(const Acknowledged& what);
/// The whole lines of `text`. Throws std::runtime_error for a line of another form.
std::vector<Acknowledged> parse_lines(const std::string& text);

/// Everything up to the end of a pipe that nobody writes to any more.
std::string read_rest(int pipe);

/// One sentence for each of `told` that the ledger knows nothing of.
std::vector<std::string> missing_from(
    const std::string& ledger, const std::vector<Acknowledged>& told);

}  // namespace atlasjob::test

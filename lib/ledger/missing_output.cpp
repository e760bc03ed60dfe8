#include "ledger/missing_output.h"

#include <fmt/format.h>

namespace atlasjob {

namespace {

/// Whether Job::log_bytes is the size of the whole output. A lost worker's last heartbeat may be
/// older than the last output that was dropped.
bool is_final(const Job& job) {
    return is_terminal(job.status) && job.reason != Reason::worker_lost;
}

}  // namespace

std::optional<MissingOutput> missing_output(LogStore& logs, const Job& job) {
    if (job.log_bytes == 0) return {};
    const std::int64_t kept = logs.kept_bytes(job.job_id, job.attempt);
    if (kept >= job.log_bytes || (kept > 0 && !is_final(job))) return {};
    const std::string place = logs.display(job.job_id, job.attempt).value_or(logs.display());
    return MissingOutput{
        kept == 0, kept == 0 ? fmt::format("its output is gone: {}", place)
                             : fmt::format(
                                 "{} of {} bytes of its output are gone: {}", job.log_bytes - kept,
                                 job.log_bytes, place)};
}

}  // namespace atlasjob

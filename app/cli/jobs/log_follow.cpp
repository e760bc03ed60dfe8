#include "cli/jobs/log_follow.h"

#include "base/error.h"
#include "cli/jobs/watched_ledger.h"
#include "logs/log_follower.h"

#include <poll.h>

#include <algorithm>
#include <array>

namespace atlasjob::cli {

namespace {

using std::chrono::steady_clock;

/// Sleeps until there may be more output or the ledger has changed. Returns false if `until` has
/// passed.
bool sleep_on(
    ChangeWatch& change_watch, const LogWatch& log, std::optional<steady_clock::time_point> until) {
    milliseconds timeout = kPollInterval;
    if (until) {
        const auto left = std::chrono::ceil<milliseconds>(*until - steady_clock::now());
        if (left.count() <= 0) return false;
        timeout = std::min(timeout, left);
    }
    std::array<pollfd, 2> fds = {pollfd{change_watch.fd(), POLLIN, 0}, pollfd{log.fd(), POLLIN, 0}};
    poll(fds.data(), fds.size(), static_cast<int>(timeout.count()));
    change_watch.wait(milliseconds{0});
    return true;
}

}  // namespace

void write_present(const Context& context, LogFollower& follower, LogOutput& output) {
    const LogFollower::Calls calls{
        [&](const LogRecord& record) { output.add(record); },
        [&] {
            output.flush();
            if (context.options().quiet) return;
            write_note(
                "atlasjob: output is missing here: it was dropped to stay within the log limit\n");
        }};
    while (!output.reader_left() && follower.read_some(calls)) {
    }
    output.flush();
}

std::optional<JobEnd> follow(const Context& context, Store& store, const LogFollow& log_follow) {
    const auto change_watch = store.watch_changes();
    LogWatch log{context.location().logs_root, log_follow.job_id};
    JobWatch job{context, store, log_follow.job_id};
    const WatchedLedger ledger{context};
    for (;;) {
        log.drain();
        // The end is recorded after the last output, so once the job has ended, all output is
        // there.
        auto end = ledger.read([&] { return job.poll(); });
        write_present(context, log_follow.follower, log_follow.output);
        if (end) {
            log_follow.output.finish();
            return end;
        }
        if (log_follow.output.reader_left()) return {};
        if (!sleep_on(*change_watch, log, log_follow.until)) return {};
    }
}

}  // namespace atlasjob::cli

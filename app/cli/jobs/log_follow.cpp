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

/// Sleeps until there may be more output or something has changed in the ledger. False: the time
/// is up.
bool sleep_on(
    ChangeWatch& bell, const LogWatch& log, std::optional<steady_clock::time_point> until) {
    milliseconds longest = kLookAgain;
    if (until) {
        const auto left = std::chrono::ceil<milliseconds>(*until - steady_clock::now());
        if (left.count() <= 0) return false;
        longest = std::min(longest, left);
    }
    std::array<pollfd, 2> sources = {pollfd{bell.fd(), POLLIN, 0}, pollfd{log.fd(), POLLIN, 0}};
    poll(sources.data(), sources.size(), static_cast<int>(longest.count()));
    bell.wait(milliseconds{0});
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

std::optional<JobEnd> follow(const Context& context, Store& store, const LogFollow& following) {
    const auto bell = store.watch_changes();
    LogWatch log{context.location().logs_root, following.job_id};
    JobWatch job{context, store, following.job_id};
    const WatchedLedger ledger{context};
    for (;;) {
        log.drain();
        // The end is recorded after the last output: what is there now is all once it has ended.
        auto end = ledger.read([&] { return job.look(); });
        write_present(context, following.follower, following.output);
        if (end) {
            following.output.finish();
            return end;
        }
        if (following.output.reader_left()) return {};
        if (!sleep_on(*bell, log, following.until)) return {};
    }
}

}  // namespace atlasjob::cli

#include "cli/jobs/log_follow.h"

#include "base/error.h"
#include "cli/jobs/job_watch.h"

#include <poll.h>

#include <array>

namespace atlasjob::cli {

namespace {

/// Sleeps until there may be more output or the ledger has changed. Returns false if the deadline
/// has passed.
bool sleep_on(ChangeWatch& change_watch, int output, const jobs::Deadline& deadline) {
    const milliseconds timeout = deadline.until_next_look();
    if (timeout.count() == 0) return false;
    std::array<pollfd, 2> fds = {pollfd{change_watch.fd(), POLLIN, 0}, pollfd{output, POLLIN, 0}};
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

std::optional<jobs::JobEnd> follow(
    const Context& context, Store& store, const LogFollow& log_follow) {
    const auto change_watch = store.watch_changes();
    const int output = log_follow.follower.watch();
    jobs::JobWatch job{watching(context, store), log_follow.job_id};
    const jobs::WatchedLedger ledger = watched_ledger(context);
    for (;;) {
        // The end is recorded after the last output, so once the job has ended, all output is
        // there.
        auto end = ledger.read([&] { return job.poll(); });
        write_present(context, log_follow.follower, log_follow.output);
        if (end) {
            log_follow.output.finish();
            return end;
        }
        if (log_follow.output.reader_left()) return {};
        if (!sleep_on(*change_watch, output, log_follow.deadline)) return {};
    }
}

}  // namespace atlasjob::cli

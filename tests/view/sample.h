#pragma once

#include "ledger/job.h"
#include "support/fake_clock.h"

#include <cstdlib>
#include <ctime>

namespace atlasjob::test {

inline Time at(const char* text) {
    return parse_time(text).value();
}

/// The running job that the interface documents.
inline Job running_job() {
    Job job{JobId::parse("01a20320-a2fb-7a02-b2c2-1d3e4f506071").value()};
    job.seq = 42;
    job.kind = "sync";
    job.target = R"({"channel_id":"C0ENG"})";
    job.owner = "alice";
    job.status = Status::running;
    job.progress = 0.42;
    job.phase = "embedding";
    job.message = "300/711";
    job.current = 300;
    job.total = 711;
    job.created_at = at("2026-11-22T12:00:00.250Z");
    job.started_at = at("2026-11-22T12:00:01Z");
    job.updated_at = at("2026-11-22T12:00:42.500Z");
    job.queue = "default";
    job.attempt = 1;
    job.command = {"./sync.sh", "C0ENG"};
    job.cwd = "/srv/app";
    job.worker = ProcessIdentity{"h1", "machine", "boot", 1, 1, 4711, 99};
    job.lease_until = at("2026-11-22T12:01:27.500Z");
    job.log_bytes = 10240;
    job.rev = 18;
    return job;
}

/// The same job after it failed with exit code 3.
inline Job failed_job() {
    Job job = running_job();
    job.status = Status::error;
    job.reason = Reason::exit_code;
    job.ended_at = at("2026-11-22T12:00:50Z");
    job.expires_at = at("2026-12-22T12:00:50Z");
    job.error = "command exited with 3";
    job.error_code = "exit_code";
    job.exit_code = 3;
    job.lease_until.reset();
    return job;
}

/// Sets the local time zone during its lifetime.
class ZoneGuard {
  public:
    explicit ZoneGuard(const char* zone) {
        setenv("TZ", zone, 1);  // NOLINT(concurrency-mt-unsafe): one thread
        tzset();
    }
    ZoneGuard(const ZoneGuard&) = delete;
    ZoneGuard& operator=(const ZoneGuard&) = delete;
    ~ZoneGuard() {
        unsetenv("TZ");  // NOLINT(concurrency-mt-unsafe): one thread
        tzset();
    }
};

}  // namespace atlasjob::test

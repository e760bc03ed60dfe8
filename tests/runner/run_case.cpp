#include "runner/run_case.h"

#include "event/signal_blocked_thread.h"
#include "ledger/address_files.h"
#include "logs/open.h"
#include "process/identity.h"
#include "runner/attempt/capture.h"

#include <fcntl.h>
#include <sys/stat.h>

namespace atlasjob::test {

RunCase::RunCase(const std::string& script)
    : location_(parse_address(dir_ / "ledger.db")),
      store_(open_store(location_, OpenMode::create, clock_)),
      logs_(open_logs(location_, clock_)),
      id_(JobId::make(clock_.now())) {
    command = capture_command(
        {"sh", "-c", script}, {std::string{dir_.path()}, {"DIR=" + dir_.path().string()}, false});
    options.ledger = location_;
    options.actor = "test";
    options.timings = test_timings();
    for (const std::string name : {"up", "go", "never"})
        REQUIRE(mkfifo((dir_ / name).c_str(), 0600) == 0);
}

SuperviseResult RunCase::run() {
    return run(*store_);
}

SuperviseResult RunCase::run(Store& store) {
    NewJob job{id_};
    job.owner = "alice";
    job.command = command;
    job.max_attempts = max_attempts;
    job.timeout = timeout;
    job.start_as = AttemptOwner{current_process(), kLease};
    const Submitted submitted = store_->submit(job);
    const Attempt attempt{
        AttemptKey{id_, 1, submitted.fence}, "alice", command, timeout, submitted.seq};
    std::thread other;
    if (meanwhile) {
        other = start_signal_blocked_thread([this] {
            const std::string line = read_file(dir_ / "up").value_or("");
            const auto own_store = another_store();
            meanwhile(*own_store, line);
        });
    }
    SuperviseResult result = supervise(store, *logs_, clock_, attempt, options);
    if (other.joinable()) other.join();
    return result;
}

void RunCase::put_logs_beside(const std::string& ledger) {
    logs_ = open_logs(LedgerFiles::address_of(ledger), clock_);
}

void RunCase::go() const {
    const UniqueFd fifo = open_file(dir_ / "go", O_WRONLY);
    REQUIRE(write_all(fifo.get(), "go\n"));
}

std::unique_ptr<Store> RunCase::another_store() const {
    return open_store(location_, OpenMode::create, clock_);
}

Job RunCase::job() {
    auto found = store_->get(JobRef::of(id_), Principal{"test", true}, Detail::full);
    REQUIRE(found.has_value());
    return *found;
}

std::string RunCase::logged(Stream stream) const {
    std::string bytes;
    const LogFollower::Calls calls{
        [&](const LogRecord& record) {
            if (record.stream != stream) return;
            bytes += record.text;
            if (!record.partial) bytes += '\n';
        },
        [] {}};
    const auto follower = logs_->follow(id_, {});
    while (follower->read_some(calls)) {
    }
    return bytes;
}

std::string RunCase::file(const std::string& name) const {
    return read_file(dir_ / name).value_or("(none)");
}

Timings test_timings() {
    Timings timings;
    timings.heartbeat = milliseconds{50};
    timings.report = milliseconds{1};
    timings.poll = milliseconds{50};
    timings.grace = milliseconds{60'000};
    timings.descendant_grace = milliseconds{60'000};
    timings.partial = milliseconds{20};
    timings.first_retry = milliseconds{1};
    return timings;
}

void cancel(RunCase& run, Store& store, std::optional<milliseconds> grace) {
    CancelRequest request;
    request.actor = "alice";
    request.grace = grace;
    CHECK(store.request_cancel(run.id(), request) == CancelResult::requested);
}

}  // namespace atlasjob::test

#include "runner/upkeep.h"

#include "base/file.h"
#include "process/commands.h"
#include "process/identity.h"
#include "process/strays.h"
#include "runner/environment.h"
#include "runner/log_files.h"
#include "runner/log_folder.h"
#include "runner/output_log.h"
#include "store/open.h"
#include "support/catch_words.h"
#include "support/forwarding_store.h"
#include "support/job_factory.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>

namespace atlasjob {

namespace {

/// A process of ours that can be ended and identified.
class Bystander {
  public:
    explicit Bystander(const std::string& script, std::vector<std::string> environment = {}) {
        SpawnRequest request = test::request_for({"sh", "-c", script}, out_.write_end.get());
        for (std::string& entry : environment)
            request.environment.push_back(std::move(entry));
        process_ = test::require_spawned(request);
        out_.write_end.reset();
        CHECK(test::read_until(out_.read_end.get(), '\n') == "up\n");
        identity_ = identify(process_.pid).value();
    }
    Bystander(const Bystander&) = delete;
    Bystander& operator=(const Bystander&) = delete;
    ~Bystander() {
        send_signal(process_, SIGKILL);
        await_end({&process_, 1}, test::kPatienceMs);
        reap(process_.pid);
    }
    void end() {
        send_signal(process_, SIGKILL);
        REQUIRE(await_end({&process_, 1}, test::kPatienceMs));
    }
    bool alive() const { return !ended(process_); }
    std::optional<ExitStatus> status() const { return ended(process_); }
    const ProcessIdentity& identity() const { return identity_; }
    pid_t pid() const { return process_.pid; }

  private:
    Pipe out_ = make_pipe();
    PinnedProcess process_;
    ProcessIdentity identity_;
};

constexpr const char* kSleeper = "echo up; exec sleep 1000";

struct Fixture {
    test::TempDir dir;
    LedgerLocation location = locate_ledger(dir / "ledger.db");
    test::FakeClock clock;
    std::unique_ptr<Store> store = open_store(location, OpenMode::create);
    test::JobFactory jobs{*store, clock};
    GcOptions options{location.logs_root, "gc", {}, false, {}};

    GcReport gc() { return collect_garbage(*store, clock, options); }
    /// A running job whose supervisor is `supervisor`.
    AttemptKey running_under(const ProcessIdentity& supervisor, int max_attempts = 1) {
        NewJob job = jobs.command_spec();
        job.max_attempts = max_attempts;
        job.start_as = AttemptOwner{supervisor, kLease};
        const Submitted submitted = store->submit(job, clock.now());
        return {submitted.job_id, 1, submitted.fence};
    }
    void write_log(const JobId& id) {
        OutputLog log{{location.logs_root, id, 1, 1 << 20}, clock};
        log.write(Stream::standard_output, "x\n");
    }
    /// As if the job's log had been last written at `time`.
    void set_log_time(const JobId& id, Time time) {
        const timespec at{to_ms(time) / 1000, 0};
        const std::array both{at, at};
        const std::string path = log_path(location.logs_root, id, 1);
        REQUIRE(utimensat(AT_FDCWD, path.c_str(), both.data(), 0) == 0);
    }
    bool has_log(const JobId& id) { return !log_files(location.logs_root, id).empty(); }
};

}  // namespace

TEST_CASE("A pass over a sound ledger does nothing") {
    Fixture f;
    f.jobs.in(Status::queued);
    f.running_under(current_process());
    const GcReport report = f.gc();
    CHECK(report.did_nothing());
    CHECK(report.complete);
}

TEST_CASE("A job whose supervisor is gone is taken back at once") {
    Fixture f;
    Bystander supervisor{kSleeper};
    const AttemptKey attempt = f.running_under(supervisor.identity());
    CHECK(f.gc().did_nothing());
    supervisor.end();
    const GcReport report = f.gc();
    CHECK(report.reaped == 1);
    CHECK(report.requeued == 0);
    CHECK(f.jobs.get(attempt.job_id).status == Status::error);
    CHECK(f.jobs.get(attempt.job_id).reason == Reason::worker_lost);
    CHECK(f.gc().did_nothing());
}

TEST_CASE("A job with attempts left is queued again") {
    Fixture f;
    Bystander supervisor{kSleeper};
    const AttemptKey attempt = f.running_under(supervisor.identity(), 3);
    supervisor.end();
    const GcReport report = f.gc();
    CHECK(report.reaped == 1);
    CHECK(report.requeued == 1);
    CHECK(f.jobs.get(attempt.job_id).status == Status::queued);
}

TEST_CASE("What a lost attempt left running is gone before its job is queued again") {
    Fixture f;
    const Adoption adoption;
    Bystander supervisor{kSleeper};
    const AttemptKey attempt = f.running_under(supervisor.identity(), 3);
    const auto marks = attempt_marks(attempt.job_id.view(), 1);
    const auto other_marks = attempt_marks(attempt.job_id.view(), 2);
    Bystander command{kSleeper};  // known by its session
    Bystander stray{"trap '' TERM; echo up; while :; do sleep 1000; done", marks};
    Bystander stranger{kSleeper, other_marks};
    REQUIRE(f.store->note_process(attempt, command.identity(), f.clock.now()));
    supervisor.end();
    CHECK(f.gc().requeued == 1);
    CHECK(command.status() == ExitStatus::signalled(SIGTERM, false));
    CHECK(stray.status() == ExitStatus::signalled(SIGKILL, false));
    CHECK(stranger.alive());
}

TEST_CASE("A process that got the command's number is not taken for it") {
    Fixture f;
    Bystander supervisor{kSleeper};
    Bystander heir{kSleeper};
    const AttemptKey attempt = f.running_under(supervisor.identity());
    ProcessIdentity command = heir.identity();
    command.start_ticks -= 1;
    REQUIRE(f.store->note_process(attempt, command, f.clock.now()));
    supervisor.end();
    CHECK(f.gc().reaped == 1);
    CHECK(heir.alive());
}

TEST_CASE("A silent attempt is suspect first, and taken back only after further silence") {
    Fixture f;
    ProcessIdentity elsewhere = current_process();
    elsewhere.pid_namespace += 1;
    const AttemptKey attempt = f.running_under(elsewhere);
    f.clock.advance(kLease + milliseconds{1});
    GcReport report = f.gc();
    CHECK(report.suspects == 1);
    CHECK(report.reaped == 0);
    CHECK(f.jobs.get(attempt.job_id).status == Status::running);

    f.clock.advance(kSuspectSilence - milliseconds{1});
    CHECK(f.gc().did_nothing());
    SECTION("a sign of life clears the suspicion") {
        f.store->heartbeat(attempt, 0, f.clock.now());
        f.clock.advance(milliseconds{1});
        CHECK(f.gc().did_nothing());
    }
    SECTION("silence does not") {
        f.clock.advance(milliseconds{1});
        CHECK(f.gc().reaped == 1);
        CHECK(f.jobs.get(attempt.job_id).reason == Reason::worker_lost);
    }
}

TEST_CASE("After a reboot all that ran is lost at once, and what was queued is still queued") {
    Fixture f;
    ProcessIdentity before = current_process();
    before.boot_id = "5f0c2b1e-1111-4222-8333-944455566677";
    const AttemptKey first = f.running_under(before);
    const AttemptKey second = f.running_under(before, 2);
    const JobId queued = f.jobs.queued();
    const GcReport report = f.gc();
    CHECK(report.reaped == 2);
    CHECK(report.requeued == 1);
    CHECK(f.jobs.get(first.job_id).reason == Reason::worker_lost);
    CHECK(f.jobs.get(second.job_id).status == Status::queued);
    CHECK(f.jobs.get(queued).status == Status::queued);
}

TEST_CASE("A worker in another pid namespace is judged by its silence alone") {
    Fixture f;
    ProcessIdentity elsewhere = current_process();
    elsewhere.pid_namespace += 1;
    f.store->register_worker({elsewhere, {}, 1}, f.clock.now());
    f.clock.advance(kLease + kSuspectSilence);
    CHECK(strike_out_gone_workers(*f.store, f.clock.now()) == 0);
    f.clock.advance(milliseconds{1});
    CHECK(strike_out_gone_workers(*f.store, f.clock.now()) == 1);
    CHECK(f.store->workers().empty());
}

TEST_CASE("A worker of an earlier boot is gone") {
    Fixture f;
    ProcessIdentity before = current_process();
    before.boot_id = "5f0c2b1e-1111-4222-8333-944455566677";
    f.store->register_worker({before, {}, 1}, f.clock.now());
    CHECK(strike_out_gone_workers(*f.store, f.clock.now()) == 1);
}

TEST_CASE("A stopped supervisor is silent, but not lost") {
    Fixture f;
    Bystander supervisor{kSleeper};
    const AttemptKey attempt = f.running_under(supervisor.identity());
    REQUIRE(kill(supervisor.pid(), SIGSTOP) == 0);
    siginfo_t stopped{};
    REQUIRE(waitid(P_PID, static_cast<id_t>(supervisor.pid()), &stopped, WSTOPPED) == 0);
    f.clock.advance(std::chrono::hours{5});
    CHECK(f.gc().did_nothing());
    CHECK(f.jobs.get(attempt.job_id).status == Status::running);
}

TEST_CASE("An attempt that was handed back is not taken for the next one with its number") {
    Fixture f;
    const Adoption adoption;
    Bystander gone{kSleeper};
    Bystander living{kSleeper};
    const JobId id = f.jobs.queued();
    ClaimRequest request = test::worker();
    request.owner.supervisor = gone.identity();
    const AttemptKey first = f.store->claim(request, f.clock.now()).value().attempt;
    gone.end();
    // Read by somebody who is stopped then, or is busy with others.
    const RunningAttempt read_before = f.store->running_attempts().at(0);
    REQUIRE(f.store->release(first, "worker", f.clock.now()));
    request.owner.supervisor = living.identity();
    const AttemptKey second = f.store->claim(request, f.clock.now()).value().attempt;
    REQUIRE(second.attempt == first.attempt);
    Bystander command{kSleeper, attempt_marks(id.view(), 1)};

    GcReport report;
    reap_if_lost(*f.store, read_before, f.clock, f.options, report);
    CHECK(report.reaped == 0);
    CHECK(command.alive());
    CHECK(f.jobs.get(id).status == Status::running);
}

TEST_CASE("An attempt that is heard from while its leftovers are looked for keeps them") {
    /// Its supervisor gives a sign of life after so many looks at the job.
    class LateSign final : public test::ForwardingStore {
      public:
        using ForwardingStore::ForwardingStore;
        std::function<void()> sign = [] {};
        int looks = 0;
        std::optional<Job> get(const JobRef& ref, const Principal& who, Detail detail) override {
            if (++looks == 2) sign();
            return real_->get(ref, who, detail);
        }
    };
    Fixture f;
    const Adoption adoption;
    ProcessIdentity elsewhere = current_process();
    elsewhere.pid_namespace += 1;
    const AttemptKey attempt = f.running_under(elsewhere);
    Bystander command{kSleeper, attempt_marks(attempt.job_id.view(), 1)};
    f.clock.advance(kLease);
    REQUIRE(f.store->mark_suspect(attempt, f.clock.now()));
    f.clock.advance(kSuspectSilence);
    LateSign store{open_store(f.location, OpenMode::write)};
    store.sign = [&] { REQUIRE(f.store->heartbeat(attempt, 0, f.clock.now())); };
    GcReport report;
    reap_lost(store, f.clock, f.options, report);
    CHECK(store.looks == 2);
    CHECK(report.reaped == 0);
    CHECK(command.alive());
    CHECK(f.jobs.get(attempt.job_id).status == Status::running);
}

TEST_CASE("A job without a lease and a queued job are never touched by age") {
    Fixture f;
    const AttemptKey created = f.jobs.running(f.jobs.created_spec());
    const JobId queued = f.jobs.queued();
    f.clock.advance(std::chrono::hours{24 * 365});
    f.options.retention = {};
    CHECK(f.gc().did_nothing());
    CHECK(f.jobs.get(created.job_id).status == Status::running);
    CHECK(f.jobs.get(queued).status == Status::queued);
}

TEST_CASE("Ended jobs go after their retention, with their logs; a tombstone stays, then goes") {
    Fixture f;
    const JobId done = f.jobs.in(Status::done).job_id;
    const JobId error = f.jobs.in(Status::error).job_id;
    f.write_log(done);
    f.write_log(error);
    f.clock.advance(std::chrono::hours{24 * 8});
    const GcReport report = f.gc();
    CHECK(report.pruned == 1);
    CHECK(report.logs_removed == 1);
    CHECK_FALSE(f.store->get(JobRef::of(done), test::kAdmin, Detail::summary).has_value());
    CHECK(f.store->tombstone(JobRef::of(done), test::kAdmin).has_value());
    CHECK_FALSE(f.has_log(done));
    CHECK(f.has_log(error));

    f.options.retention.error = std::chrono::hours{24 * 365};
    f.clock.advance(std::chrono::hours{24 * 91});
    CHECK(f.gc().tombstones_dropped == 1);
    CHECK_FALSE(f.store->tombstone(JobRef::of(done), test::kAdmin).has_value());
}

TEST_CASE("More jobs than fit one step all go in one pass") {
    Fixture f;
    constexpr int kJobs = 1200;
    std::vector<NewJob> specs;
    for (int i = 0; i < kJobs; ++i)
        specs.push_back(f.jobs.command_spec());
    for (const Submitted& job : f.store->submit_all(specs, f.clock.now()))
        f.store->request_cancel(job.job_id, {"alice", {}, {}}, f.clock.now());
    f.clock.advance(std::chrono::hours{24 * 8});
    CHECK(f.gc().pruned == kJobs);
}

TEST_CASE("A log whose job is unknown goes, unless it is young: its job may just be being made") {
    Fixture f;
    const JobId unknown = JobId::make(f.clock.now());
    const JobId young = JobId::make(f.clock.now());
    const JobId known = f.jobs.queued();
    for (const JobId& id : {unknown, young, known})
        f.write_log(id);
    f.set_log_time(unknown, f.clock.now() - std::chrono::hours{2});
    f.set_log_time(known, f.clock.now() - std::chrono::hours{2});
    f.set_log_time(young, f.clock.now() - std::chrono::minutes{59});
    const std::string foreign = log_directory(f.location.logs_root, unknown) + "/notes.txt";
    REQUIRE(write_all(open_file(foreign, O_CREAT | O_WRONLY, 0600).get(), "x"));
    CHECK(f.gc().logs_removed == 1);
    CHECK_FALSE(f.has_log(unknown));
    CHECK(f.has_log(young));
    CHECK(f.has_log(known));
    CHECK(std::filesystem::exists(foreign));
}

TEST_CASE("The input of an attempt goes with it, however it ended; that of one that runs stays") {
    Fixture f;
    Bystander supervisor{kSleeper};
    Bystander living{kSleeper};
    const JobId lost = f.running_under(supervisor.identity()).job_id;
    const JobId running = f.running_under(living.identity()).job_id;
    const JobId ended = f.jobs.in(Status::done).job_id;
    const JobId unknown = JobId::make(f.clock.now());
    const auto input = [&](const JobId& id, int attempt) {
        return input_path(f.location.logs_root, id, attempt);
    };
    for (const JobId& id : {lost, running, ended, unknown}) {
        LogFolder::make(log_directory(f.location.logs_root, id));
        REQUIRE(mkfifo(input(id, 1).c_str(), 0600) == 0);
    }
    REQUIRE(mkfifo(input(running, 2).c_str(), 0600) == 0);
    supervisor.end();
    const GcReport report = f.gc();
    CHECK(report.reaped == 1);
    CHECK_FALSE(std::filesystem::exists(input(lost, 1)));
    CHECK_FALSE(std::filesystem::exists(input(ended, 1)));
    CHECK_FALSE(std::filesystem::exists(input(unknown, 1)));
    CHECK_FALSE(std::filesystem::exists(input(running, 2)));
    CHECK(std::filesystem::exists(input(running, 1)));
    CHECK(report.logs_removed == 3);  // The lost attempt's went with its taking back.
}

TEST_CASE("A dry run counts and changes nothing") {
    Fixture f;
    Bystander supervisor{kSleeper};
    const AttemptKey lost = f.running_under(supervisor.identity());
    supervisor.end();
    const JobId done = f.jobs.in(Status::done).job_id;
    const JobId unknown = JobId::make(f.clock.now());
    f.write_log(unknown);
    f.clock.advance(std::chrono::hours{24 * 8});
    f.set_log_time(unknown, f.clock.now() - std::chrono::hours{2});
    f.options.dry_run = true;
    const GcReport report = f.gc();
    CHECK(report.dry_run);
    CHECK(report.reaped == 1);
    CHECK(report.pruned == 1);
    CHECK(report.logs_removed == 1);
    CHECK(f.jobs.get(lost.job_id).status == Status::running);
    CHECK(f.jobs.get(done).status == Status::done);
    CHECK(f.has_log(unknown));
}

TEST_CASE("A pass whose time is up says so and leaves the rest") {
    Fixture f;
    const JobId done = f.jobs.in(Status::done).job_id;
    f.clock.advance(std::chrono::hours{24 * 8});
    f.options.time_limit = milliseconds{0};
    CHECK_FALSE(f.gc().complete);
    CHECK(f.jobs.get(done).status == Status::done);
}

}  // namespace atlasjob

#include "ledger/address_files.h"
#include "logs/log_folder.h"
#include "process/descendants.h"
#include "process/identity.h"
#include "runner/attempt/environment.h"
#include "runner/maintenance/gc_case.h"
#include "support/catch_string_makers.h"
#include "support/forwarding_store.h"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

namespace atlasjob {

TEST_CASE("gc on a healthy ledger does nothing") {
    GcCase f;
    f.jobs.in(Status::queued);
    f.running_under(current_process());
    const GcReport report = f.gc();
    CHECK(report.did_nothing());
    CHECK(report.complete);
}

TEST_CASE("a job whose supervisor is gone is reaped at once") {
    GcCase f;
    TestProcess supervisor{kSleeper};
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

TEST_CASE("a reaped job with attempts left is queued again") {
    GcCase f;
    TestProcess supervisor{kSleeper};
    const AttemptKey attempt = f.running_under(supervisor.identity(), 3);
    supervisor.end();
    const GcReport report = f.gc();
    CHECK(report.reaped == 1);
    CHECK(report.requeued == 1);
    CHECK(f.jobs.get(attempt.job_id).status == Status::queued);
}

TEST_CASE("orphans of a lost attempt are terminated before its job is queued again") {
    GcCase f;
    const Subreaper subreaper;
    TestProcess supervisor{kSleeper};
    const AttemptKey attempt = f.running_under(supervisor.identity(), 3);
    const auto marks = attempt_marks(attempt.job_id.view(), 1);
    const auto other_marks = attempt_marks(attempt.job_id.view(), 2);
    TestProcess command{kSleeper};  // found by its session
    TestProcess orphan{"trap '' TERM; echo up; while :; do sleep 1000; done", marks};
    TestProcess of_other_attempt{kSleeper, other_marks};
    REQUIRE(f.store->note_process(attempt, command.identity()));
    supervisor.end();
    CHECK(f.gc().requeued == 1);
    CHECK(command.status() == ExitStatus::signalled(SIGTERM, false));
    CHECK(orphan.status() == ExitStatus::signalled(SIGKILL, false));
    CHECK(of_other_attempt.alive());
}

TEST_CASE("a process that reused the command's pid is not killed") {
    GcCase f;
    TestProcess supervisor{kSleeper};
    TestProcess successor{kSleeper};
    const AttemptKey attempt = f.running_under(supervisor.identity());
    ProcessIdentity command = successor.identity();
    command.start_ticks -= 1;
    REQUIRE(f.store->note_process(attempt, command));
    supervisor.end();
    CHECK(f.gc().reaped == 1);
    CHECK(successor.alive());
}

TEST_CASE("a silent attempt is marked suspect first and reaped only after further silence") {
    GcCase f;
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
    SECTION("a heartbeat clears the suspicion") {
        static_cast<void>(f.store->heartbeat(attempt, 0));
        f.clock.advance(milliseconds{1});
        CHECK(f.gc().did_nothing());
    }
    SECTION("further silence reaps the attempt") {
        f.clock.advance(milliseconds{1});
        CHECK(f.gc().reaped == 1);
        CHECK(f.jobs.get(attempt.job_id).reason == Reason::worker_lost);
    }
}

TEST_CASE("after a reboot running jobs are lost and queued jobs stay queued") {
    GcCase f;
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

TEST_CASE("a worker in another pid namespace is judged by its silence alone") {
    GcCase f;
    ProcessIdentity elsewhere = current_process();
    elsewhere.pid_namespace += 1;
    static_cast<void>(f.store->register_worker({elsewhere, {}, 1}));
    f.clock.advance(kLease + kSuspectSilence);
    CHECK(deregister_gone_workers(*f.store) == 0);
    f.clock.advance(milliseconds{1});
    CHECK(deregister_gone_workers(*f.store) == 1);
    CHECK(f.store->workers().empty());
}

TEST_CASE("a worker of an earlier boot is gone") {
    GcCase f;
    ProcessIdentity before = current_process();
    before.boot_id = "5f0c2b1e-1111-4222-8333-944455566677";
    static_cast<void>(f.store->register_worker({before, {}, 1}));
    CHECK(deregister_gone_workers(*f.store) == 1);
}

TEST_CASE("a stopped supervisor is silent but not lost") {
    GcCase f;
    TestProcess supervisor{kSleeper};
    const AttemptKey attempt = f.running_under(supervisor.identity());
    REQUIRE(kill(supervisor.pid(), SIGSTOP) == 0);
    siginfo_t stopped{};
    REQUIRE(waitid(P_PID, static_cast<id_t>(supervisor.pid()), &stopped, WSTOPPED) == 0);
    f.clock.advance(std::chrono::hours{5});
    CHECK(f.gc().did_nothing());
    CHECK(f.jobs.get(attempt.job_id).status == Status::running);
}

TEST_CASE("root terminates only the processes of the account that owns the ledger") {
    if (geteuid() != 0) {
        WARN("skipped: only root can signal another account's processes");
        return;
    }
    GcCase f;
    const Subreaper subreaper;
    constexpr uid_t kAccount = 65534;
    TestProcess gone{kSleeper};
    const AttemptKey attempt = f.running_under(gone.identity());
    gone.end();
    const auto marks = attempt_marks(attempt.job_id.view(), 1);
    const TestProcess of_root{kSleeper, marks};
    const TestProcess of_account{
        std::string{"exec setpriv --reuid=65534 --regid=65534 --clear-groups sh -c '"} + kSleeper
            + "'",
        marks};
    // That account may have written any pid into its ledger.
    REQUIRE(chown(LedgerFiles::of(f.location).path.c_str(), kAccount, kAccount) == 0);
    GcReport report;
    reap_lost(*f.store, *f.logs, f.options, report);
    CHECK(report.reaped == 1);
    CHECK(of_root.alive());
    CHECK_FALSE(of_account.alive());
}

TEST_CASE("jobs without a lease and queued jobs never expire by age") {
    GcCase f;
    const AttemptKey created = f.jobs.running(f.jobs.created_spec());
    const JobId queued = f.jobs.queued();
    f.clock.advance(std::chrono::hours{24 * 365});
    f.options.retention = {};
    CHECK(f.gc().did_nothing());
    CHECK(f.jobs.get(created.job_id).status == Status::running);
    CHECK(f.jobs.get(queued).status == Status::queued);
}

TEST_CASE("expired jobs are deleted with tsuccessor logs and tombstones expire later") {
    GcCase f;
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

TEST_CASE("gc deletes more jobs than fit into one transaction") {
    GcCase f;
    constexpr int kJobs = 1200;
    std::vector<NewJob> specs;
    for (int i = 0; i < kJobs; ++i)
        specs.push_back(f.jobs.command_spec());
    for (const Submitted& job : f.store->submit_all(specs))
        f.store->request_cancel(job.job_id, {"alice", {}, {}});
    f.clock.advance(std::chrono::hours{24 * 8});
    CHECK(f.gc().pruned == kJobs);
}

TEST_CASE("a log without a job is deleted unless it is recent") {
    GcCase f;
    const JobId unknown = JobId::make(f.clock.now());
    const JobId young = JobId::make(f.clock.now());
    const JobId known = f.jobs.queued();
    for (const JobId& id : {unknown, young, known})
        f.write_log(id);
    f.set_log_time(unknown, f.clock.now() - std::chrono::hours{2});
    f.set_log_time(known, f.clock.now() - std::chrono::hours{2});
    f.set_log_time(young, f.clock.now() - std::chrono::minutes{59});
    const std::string foreign =
        log_directory(LedgerFiles::of(f.location).logs_root, unknown) + "/notes.txt";
    REQUIRE(write_all(open_file(foreign, O_CREAT | O_WRONLY, 0600).get(), "x"));
    CHECK(f.gc().logs_removed == 1);
    CHECK_FALSE(f.has_log(unknown));
    CHECK(f.has_log(young));
    CHECK(f.has_log(known));
    CHECK(std::filesystem::exists(foreign));
}

TEST_CASE("the input of an ended attempt is deleted and of a running one is kept") {
    GcCase f;
    TestProcess supervisor{kSleeper};
    TestProcess living{kSleeper};
    const JobId lost = f.running_under(supervisor.identity()).job_id;
    const JobId running = f.running_under(living.identity()).job_id;
    const JobId ended = f.jobs.in(Status::done).job_id;
    const JobId unknown = JobId::make(f.clock.now());
    const auto input = [&](const JobId& id, int attempt) {
        return input_path(LedgerFiles::of(f.location).logs_root, id, attempt);
    };
    for (const JobId& id : {lost, running, ended, unknown}) {
        LogFolder::make(log_directory(LedgerFiles::of(f.location).logs_root, id));
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
    CHECK(report.logs_removed == 3);  // the lost attempt's was removed by the reap
}

TEST_CASE("a dry run counts and changes nothing") {
    GcCase f;
    TestProcess supervisor{kSleeper};
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

TEST_CASE("gc stops at its time limit and reports that it is incomplete") {
    GcCase f;
    const JobId done = f.jobs.in(Status::done).job_id;
    f.clock.advance(std::chrono::hours{24 * 8});
    f.options.time_limit = milliseconds{0};
    CHECK_FALSE(f.gc().complete);
    CHECK(f.jobs.get(done).status == Status::done);
}

}  // namespace atlasjob

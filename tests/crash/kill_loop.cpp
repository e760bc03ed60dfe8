#include "base/error.h"
#include "base/text.h"
#include "crash/acknowledged.h"
#include "store/open.h"
#include "support/child.h"
#include "support/job_factory.h"
#include "support/ledger_audit.h"
#include "support/temp_dir.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdlib>
#include <random>
#include <vector>

// kill_loop SECONDS [SEED]: processes submit, claim, report on, finish, edit, cancel, retry and
// delete jobs of one ledger, pause queues and register as workers, and write each verb to a pipe
// once it has returned. All are killed with SIGKILL at a random time. Then every acknowledged verb
// must be in the ledger, ended jobs must be unchanged, and the ledger must be consistent. Repeats
// this for SECONDS. Exits with 0 if nothing is missing.

using namespace atlasjob;
using namespace atlasjob::test;
using std::chrono::steady_clock;

namespace {

constexpr int kWorkers = 3;
constexpr int kMaxLifeMs = 120;

/// Submits and works on jobs at random; writes every verb that has returned to `journal`.
class RandomClient {
  public:
    RandomClient(const std::string& ledger, unsigned seed, int journal)
        : store_(open_store(parse_address(ledger), OpenMode::create)),
          random_(seed),
          journal_(journal) {
        static_cast<void>(store_->register_worker({some_process(::getpid()), {}, 1}));
    }

    /// Runs until it is killed.
    [[noreturn]] void run() {
        for (;;) {
            clock_.advance(milliseconds{1});
            const auto which = random_() % 12;
            if (which < 3) {
                submit();
            } else if (which < 10) {
                work();
            } else {
                change_last_job();
            }
        }
    }

  private:
    void submit() {
        NewJob job{JobId::make(clock_.now())};
        job.owner = "alice";
        job.max_attempts = 2;
        job.command.emplace();
        job.command->argv = {"true"};
        job.command->cwd = "/";
        job.command->backoff = milliseconds{1};
        if (last_job_ && random_() % 4 == 0) job.after = {*last_job_};
        try {
            store_->submit(job);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::not_found) throw;  // deleted in the meantime
            return;
        }
        last_job_ = job.job_id;
        record({job.job_id, "submit", "queued", 0, 0});
    }
    /// Applies a random verb to the last submitted job, whatever its status.
    void change_last_job() {
        if (!last_job_) return;
        try {
            (this->*kSteps.at(random_() % kSteps.size()))(*last_job_);
        } catch (const Error& error) {
            const bool too_late =
                error.code() == ErrorCode::refused || error.code() == ErrorCode::not_found;
            if (!too_late) throw;
        }
    }
    void edit(const JobId& id) {
        const JobEdit edit{static_cast<int>(random_() % 5), random_() % 2 == 0 ? "a" : "b", {}};
        store_->edit(id, edit, "worker");
        record({id, "edit", "queued", 0, 0});
    }
    void cancel(const JobId& id) {
        if (store_->request_cancel(id, {"worker", {}, {}}) == CancelResult::cancelled)
            record({id, "cancel", "cancelled", 0, 0});
    }
    void retry(const JobId& id) {
        store_->retry(id, "worker");
        record({id, "retry", "queued", 0, 0});
    }
    void remove(const JobId& id) {
        store_->remove(id);
        record({id, "remove", "removed", 0, 0});
    }
    void note(const JobId& id) { store_->note_event(id, {"seen", "worker"}); }
    void pause_and_resume(const JobId&) {
        store_->pause("a", "worker");
        store_->resume("a");
    }

    using Step = void (RandomClient::*)(const JobId&);
    static constexpr std::array<Step, 6> kSteps = {
        &RandomClient::edit,   &RandomClient::cancel, &RandomClient::retry,
        &RandomClient::remove, &RandomClient::note,   &RandomClient::pause_and_resume};

    void work() {
        if (!claim_) {
            record_claim(store_->claim(worker()));
            return;
        }
        const AttemptKey key = claim_->attempt;
        if (random_() % 2 == 0) report(key);
        const Outcome outcome = random_() % 2 == 0 ? ended_done() : ended_error();
        if (random_() % 2 == 0) {
            record_finish(key, store_->finish(key, outcome, "worker"));
            claim_.reset();
            return;
        }
        auto both = store_->finish_and_claim(key, outcome, worker());
        record_finish(key, both.finished);
        record_claim(std::move(both.claim));
    }
    void report(const AttemptKey& key) {
        Report report;
        report.current = ++reports_;
        if (!store_->report(key, report)) return;
        record({key.job_id, "report", "running", key.attempt.value_or(0), reports_});
    }
    void record_claim(std::optional<Claim> claim) {
        claim_ = std::move(claim);
        if (!claim_) return;
        record({claim_->job.job_id, "claim", "running", claim_->job.attempt, 0});
    }
    void record_finish(const AttemptKey& key, const std::optional<Finished>& finished) {
        if (!finished) return;
        const char* verb = finished->status == Status::queued ? "requeue" : "finish";
        record({key.job_id, verb, std::string{to_string(finished->status)}, *key.attempt, 0});
    }
    /// A single write of less than PIPE_BUF, so that the line is never torn.
    void record(const Acknowledged& what) const {
        if (!write_all(journal_, to_line(what))) ::_exit(3);
    }

    std::unique_ptr<Store> store_;
    std::mt19937 random_;
    int journal_;
    FakeClock clock_;
    std::int64_t reports_ = 0;
    std::optional<Claim> claim_;
    std::optional<JobId> last_job_;  ///< The last submitted one.
};

/// Reads from the pipe for the time `life`.
std::string read_for(int pipe, milliseconds life) {
    const UniqueFd timer{::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)};
    const itimerspec once{{0, 0}, {0, std::chrono::nanoseconds{life}.count()}};
    ::timerfd_settime(timer.get(), 0, &once, nullptr);
    std::string text;
    for (;;) {
        std::array<pollfd, 2> waiting{pollfd{timer.get(), POLLIN, 0}, pollfd{pipe, POLLIN, 0}};
        ::poll(waiting.data(), waiting.size(), -1);
        if (waiting[0].revents != 0) return text;
        std::array<char, 65536> buffer{};
        const ssize_t count = ::read(pipe, buffer.data(), buffer.size());
        if (count <= 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

/// Runs workers for a random time, kills them and returns the lines they wrote.
std::string one_round(const std::string& ledger, std::mt19937& random) {
    Pipe journal = make_pipe();
    std::string lines;
    {
        std::vector<Child> workers;
        for (int i = 0; i < kWorkers; ++i) {
            const auto seed = static_cast<unsigned>(random());
            workers.emplace_back([&, seed]() -> int {
                RandomClient{ledger, seed, journal.write_end.get()}.run();
            });
        }
        journal.write_end.reset();
        lines = read_for(journal.read_end.get(), milliseconds{1 + random() % kMaxLifeMs});
        // The destructors kill and reap the workers.
    }
    return lines + read_rest(journal.read_end.get());
}

/// Reaps the attempts of the killed workers and deregisters them, as gc does.
void reap_all(const std::string& ledger) {
    FakeClock clock;
    const auto store = open_store(parse_address(ledger), OpenMode::create);
    for (const RunningAttempt& attempt : store->running_attempts())
        store->reap(attempt.key, ReapGround::executor_gone, "gc");
    for (const Worker& worker : store->workers())
        store->unregister_worker(worker.id);
    store->resume({});
}

/// Runs rounds until `end`; returns false after the first faulty one.
bool run(const std::string& ledger, std::mt19937& random, steady_clock::time_point end) {
    int rounds = 0;
    std::size_t acknowledged = 0;
    EndedJobs ended;
    while (steady_clock::now() < end) {
        const auto verbs = parse_lines(one_round(ledger, random));
        auto wrong = missing_from(ledger, verbs);
        for (std::string& sentence : contradictions(ledger))
            wrong.push_back(std::move(sentence));
        for (std::string& sentence : ended.changes(ledger))
            wrong.push_back(std::move(sentence));
        for (const std::string& sentence : wrong)
            fmt::print("round {}: {}\n", rounds, sentence);
        if (!wrong.empty()) return false;
        reap_all(ledger);
        ++rounds;
        acknowledged += verbs.size();
    }
    fmt::print("{} rounds, {} acknowledged verbs, none lost\n", rounds, acknowledged);
    return acknowledged > 0;
}

}  // namespace

int main(int argc, char** argv) {
    const int seconds = argc > 1 ? parse_integer<int>(argv[1]).value() : 10;
    const unsigned seed =
        argc > 2 ? parse_integer<unsigned>(argv[2]).value() : std::random_device{}();
    fmt::print("seed {}\n", seed);
    std::mt19937 random{seed};
    const TempDir dir;
    const std::string ledger = dir / "ledger.db";
    open_store(parse_address(ledger), OpenMode::create);
    return run(ledger, random, steady_clock::now() + std::chrono::seconds{seconds}) ? 0 : 1;
}

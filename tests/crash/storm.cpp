#include "base/error.h"
#include "base/text.h"
#include "crash/acknowledged.h"
#include "crash/ledger_processes.h"
#include "crash/storm_audit.h"
#include "process/spawn.h"
#include "store/open.h"
#include "support/ledger_audit.h"
#include "support/places.h"
#include "support/temp_dir.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <random>
#include <thread>

// storm SECONDS [SEED]: tests the real program from outside. Submitters submit jobs, workers run
// them and gc cleans up, while submitters, slots, workers and gc are killed at random times. After
// a round a single gc must be enough for every job to end; then the ledger, the output of submit
// and the files written by the commands must agree. Repeats this for SECONDS; the first round is
// without kills. Exits with 0 if no fault was found.

using namespace atlasjob;
using namespace atlasjob::test;
using std::chrono::steady_clock;
using Strings = std::vector<std::string>;

namespace {

constexpr int kSubmitters = 2;
constexpr milliseconds kRound{1500};
constexpr milliseconds kTimeout{60'000};
constexpr milliseconds kMaxPause{200};  ///< Longest time without any action.

/// A type of job: options for submit, and what the command does after recording its run.
struct JobType {
    Strings options;
    const char* body;
};

const std::vector<JobType>& job_types() {
    static const std::vector<JobType> all = {
        {{}, "true"},
        {{"--priority", "5"}, "exec sleep 0.05"},
        {{"--retries", "2", "--backoff", "20ms"}, "exit 1"},
        {{"--retries", "3", "--backoff", "10ms"}, "exec sleep 0.03"},
        {{"--in", "300ms"}, "true"},
        {{"--queue", "other"}, "setsid sleep 600 & true"},
        {{"--queue", "other", "--timeout", "50ms"}, "exec sleep 600"},
    };
    return all;
}

Strings lines_of(const std::string& text) {
    Strings lines;
    std::size_t begin = 0;
    // A line without a line end was not completely written.
    for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
        lines.push_back(text.substr(begin, end - begin));
    return lines;
}

/// A ledger and the program that runs on it.
class LedgerHome {
  public:
    const std::string& ledger() const { return ledger_; }
    Strings runs() const { return lines_of(read_file(runs_).value_or("")); }

    /// Starts the program, with standard output to `out` if given.
    ProcessHandle start(Strings arguments, int out = -1) const {
        const UniqueFd null = open_file("/dev/null", O_RDWR);
        arguments.insert(arguments.begin(), {"atlasjob", "--ledger", ledger_});
        SpawnRequest request;
        request.argv = std::move(arguments);
        request.file = kProgram;
        request.cwd = dir_.path();
        request.environment = {
            "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + dir_.path().string(), "RUNS=" + runs_};
        request.descriptors = {null.get(), out < 0 ? null.get() : out, null.get()};
        auto started = spawn(request);
        if (const auto* failure = std::get_if<SpawnFailure>(&started))
            throw Error(ErrorCode::internal, failure->reason);
        return std::move(std::get<ProcessHandle>(started));
    }

    /// Waits for the exit of a started process and reaps it.
    static void finish(const ProcessHandle& process) {
        await_end({&process, 1}, -1);
        reap(process.pid);
    }

  private:
    TempDir dir_;
    std::string ledger_ = dir_ / "ledger.db";
    std::string runs_ = dir_ / "runs";
};

/// The job_ids printed by submit.
class Journal {
  public:
    void add(Strings ids) {
        const std::lock_guard lock{mutex_};
        std::ranges::move(ids, std::back_inserter(ids_));
        grown_.notify_all();
    }
    /// Waits until there are more than `before`, at most for kMaxPause. Returns their number.
    std::size_t await_more(std::size_t before) {
        std::unique_lock lock{mutex_};
        grown_.wait_for(lock, kMaxPause, [&] { return ids_.size() > before; });
        return ids_.size();
    }
    Strings ids() {
        const std::lock_guard lock{mutex_};
        return ids_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable grown_;
    Strings ids_;
};

class Submitter {
  public:
    Submitter(const LedgerHome& home, Journal& journal, unsigned seed, bool killed)
        : home_(home), journal_(journal), random_(seed), killed_(killed) {}

    void run(const std::atomic<bool>& over) {
        while (!over)
            submit();
    }

  private:
    void submit() {
        Pipe pipe = make_pipe();
        const ProcessHandle process = home_.start(arguments(), pipe.write_end.get());
        pipe.write_end.reset();
        if (killed_ && random_() % 4 == 0) {
            await_end({&process, 1}, static_cast<int>(random_() % 20));
            send_signal(process, SIGKILL);
        }
        Strings ids = lines_of(read_rest(pipe.read_end.get()));
        LedgerHome::finish(process);
        if (!ids.empty()) last_ = ids.back();
        journal_.add(std::move(ids));
    }

    Strings arguments() {
        const JobType& type = job_types()[random_() % job_types().size()];
        Strings arguments{"submit"};
        arguments.insert(arguments.end(), type.options.begin(), type.options.end());
        if (!last_.empty() && random_() % 4 == 0)
            arguments.insert(arguments.end(), {"--after", last_});
        const std::string record_run = "echo $ATLASJOB_JOB_ID $ATLASJOB_ATTEMPT >> $RUNS; ";
        arguments.insert(arguments.end(), {"--", "sh", "-c", record_run + type.body});
        return arguments;
    }

    const LedgerHome& home_;
    Journal& journal_;
    std::mt19937 random_;
    bool killed_;
    std::string last_;
};

class Storm {
  public:
    explicit Storm(unsigned seed) : random_(seed) {}
    Storm(const Storm&) = delete;
    Storm& operator=(const Storm&) = delete;
    ~Storm() {
        kill_all(home_.ledger());
        for (const ProcessHandle& worker : workers_)
            LedgerHome::finish(worker);
    }

    /// Runs one round; returns the faults found.
    Strings round(bool kills) {
        std::atomic<bool> over = false;
        std::vector<std::thread> threads;
        for (int i = 0; i < kSubmitters; ++i) {
            const auto seed = static_cast<unsigned>(random_());
            threads.emplace_back([&, seed] { Submitter{home_, journal_, seed, kills}.run(over); });
        }
        act_until(kills, steady_clock::now() + kRound);
        over = true;
        for (std::thread& thread : threads)
            thread.join();
        return recover(kills);
    }

    std::string tally() {
        return fmt::format(
            "{} jobs acknowledged, {} runs, {} kills", journal_.ids().size(), home_.runs().size(),
            kills_);
    }

  private:
    void act_until(bool kills, steady_clock::time_point end) {
        std::size_t jobs = 0;
        while (steady_clock::now() < end) {
            jobs = journal_.await_more(jobs);
            if (kills) disturb();
        }
    }

    /// Kills a random process or starts a worker, at a random time during a gc.
    void disturb() {
        const ProcessHandle gc = home_.start({"gc"});
        await_end({&gc, 1}, static_cast<int>(random_() % 15));
        switch (random_() % 6) {
            case 0:
                if (send_signal(gc, SIGKILL) == Signalled::sent) ++kills_;
                break;
            case 1:
            case 2:
                kill_one("slot", SIGKILL);
                break;
            case 3:
                kill_one("worker", SIGKILL);
                break;
            case 4:
                kill_one("worker", SIGTERM);
                break;
            default:
                workers_.push_back(home_.start(
                    random_() % 2 == 0 ? Strings{"worker", "--slots", "2", "--idle-exit", "50ms"}
                                       : Strings{"worker", "--slots", "1", "--drain"}));
        }
        LedgerHome::finish(gc);
    }

    void kill_one(const std::string& command, int signo) {
        auto found = find_processes(home_.ledger(), command);
        if (!found.empty()) kill(std::move(found[random_() % found.size()]), signo);
    }

    void kill(ProcessHandle process, int signo) {
        if (send_signal(process, signo) != Signalled::sent) return;
        ++kills_;
        killed_.push_back(std::move(process));
    }

    /// Runs gc once; after that the program itself must ensure that every job ends. Waits for all
    /// signalled workers first: to gc, one that has not yet handled its SIGTERM would look like one
    /// that will run the queued jobs.
    Strings recover(bool kills) {
        Strings wrong = ended_.changes(home_.ledger());
        await_end(killed_, -1);
        killed_.clear();
        LedgerHome::finish(home_.start({"gc"}));
        await_ends();
        const StormOutput output{journal_.ids(), home_.runs()};
        take(wrong, unended(home_.ledger()));
        take(wrong, find_faults(home_.ledger(), output));
        if (!kills) take(wrong, find_needless_repeats(home_.ledger(), output));
        take(wrong, contradictions(home_.ledger()));
        take(wrong, ended_.changes(home_.ledger()));
        for (const std::string& process : living_attempts(home_.ledger()))
            wrong.push_back("still alive after the end of its job: " + process);
        return wrong;
    }

    void await_ends() const {
        const auto store = open_store(parse_address(home_.ledger()), OpenMode::read);
        const auto changes = store->watch_changes();
        const auto deadline = steady_clock::now() + kTimeout;
        while (!unended(home_.ledger()).empty() && steady_clock::now() < deadline)
            changes->wait(kMaxPause);
    }

    static void take(Strings& all, Strings more) {
        std::ranges::move(more, std::back_inserter(all));
    }

    LedgerHome home_;
    Journal journal_;
    std::mt19937 random_;
    EndedJobs ended_;
    std::vector<ProcessHandle> workers_;  ///< Started directly; reaped by the destructor.
    std::vector<ProcessHandle> killed_;   ///< Signalled in this round.
    int kills_ = 0;
};

/// Runs rounds until `end`, at least one of them with kills. Returns false after the first faulty
/// one.
bool run(Storm& storm, steady_clock::time_point end) {
    int rounds = 0;
    do {
        const Strings wrong = storm.round(rounds > 0);
        for (const std::string& sentence : wrong)
            fmt::print("round {}: {}\n", rounds, sentence);
        if (!wrong.empty()) return false;
        ++rounds;
    } while (rounds < 2 || steady_clock::now() < end);
    fmt::print("{} rounds: {}\n", rounds, storm.tally());
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    const int seconds = argc > 1 ? parse_integer<int>(argv[1]).value() : 5;
    const unsigned seed =
        argc > 2 ? parse_integer<unsigned>(argv[2]).value() : std::random_device{}();
    fmt::print("seed {}\n", seed);
    Storm storm{seed};
    return run(storm, steady_clock::now() + std::chrono::seconds{seconds}) ? 0 : 1;
}

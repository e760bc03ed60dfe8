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

// storm SECONDS [SEED]: the real program, from outside. Submitters put jobs in, workers run them,
// gc looks after them; submitters, slots, workers and gc are killed at random instants. When a
// round is over, one gc must be enough for every job to end; then the ledger, what submit has
// printed and what the commands have written must tell the same story. Again and again, for so
// long; a round without kills comes first. Ends with 0 when nothing is wrong.

using namespace atlasjob;
using namespace atlasjob::test;
using std::chrono::steady_clock;
using Words = std::vector<std::string>;

namespace {

constexpr int kSubmitters = 2;
constexpr milliseconds kRound{1500};
constexpr milliseconds kPatience{60'000};
constexpr milliseconds kLull{200};  ///< The longest that nothing happens in a storm.

/// What jobs there are: options for submit, and what the command does once it has signed in.
struct Sort {
    Words options;
    const char* body;
};

const std::vector<Sort>& sorts() {
    static const std::vector<Sort> all = {
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

Words lines_of(const std::string& text) {
    Words lines;
    std::size_t begin = 0;
    // A line without its end was never wholly written.
    for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
        lines.push_back(text.substr(begin, end - begin));
    return lines;
}

/// A ledger and the program on it.
class Place {
  public:
    const std::string& ledger() const { return ledger_; }
    Words runs() const { return lines_of(read_file(runs_).value_or("")); }

    /// Starts the program; its standard output goes to `out`, if that is given.
    ProcessHandle start(Words words, int out = -1) const {
        const UniqueFd nothing = open_file("/dev/null", O_RDWR);
        words.insert(words.begin(), {"atlasjob", "--ledger", ledger_});
        SpawnRequest request;
        request.argv = std::move(words);
        request.file = kProgram;
        request.cwd = dir_.path();
        request.environment = {
            "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + dir_.path().string(), "RUNS=" + runs_};
        request.descriptors = {nothing.get(), out < 0 ? nothing.get() : out, nothing.get()};
        auto started = spawn(request);
        if (const auto* failure = std::get_if<SpawnFailure>(&started))
            throw Error(ErrorCode::internal, failure->reason);
        return std::move(std::get<ProcessHandle>(started));
    }

    /// Awaits the end of one that was started, and reaps it.
    static void finish(const ProcessHandle& process) {
        await_end({&process, 1}, -1);
        reap(process.pid);
    }

  private:
    TempDir dir_;
    std::string ledger_ = dir_ / "ledger.db";
    std::string runs_ = dir_ / "runs";
};

/// What submit has told us.
class Journal {
  public:
    void add(Words ids) {
        const std::lock_guard lock{mutex_};
        std::ranges::move(ids, std::back_inserter(ids_));
        grown_.notify_all();
    }
    /// Waits until there are more than `before`, or for kLull; how many there are.
    std::size_t await_more(std::size_t before) {
        std::unique_lock lock{mutex_};
        grown_.wait_for(lock, kLull, [&] { return ids_.size() > before; });
        return ids_.size();
    }
    Words ids() {
        const std::lock_guard lock{mutex_};
        return ids_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable grown_;
    Words ids_;
};

class Submitter {
  public:
    Submitter(const Place& place, Journal& journal, unsigned seed, bool killed)
        : place_(place), journal_(journal), random_(seed), killed_(killed) {}

    void run(const std::atomic<bool>& over) {
        while (!over)
            submit();
    }

  private:
    void submit() {
        Pipe pipe = make_pipe();
        const ProcessHandle process = place_.start(words(), pipe.write_end.get());
        pipe.write_end.reset();
        if (killed_ && random_() % 4 == 0) {
            await_end({&process, 1}, static_cast<int>(random_() % 20));
            send_signal(process, SIGKILL);
        }
        Words ids = lines_of(read_rest(pipe.read_end.get()));
        Place::finish(process);
        if (!ids.empty()) last_ = ids.back();
        journal_.add(std::move(ids));
    }

    Words words() {
        const Sort& sort = sorts()[random_() % sorts().size()];
        Words words{"submit"};
        words.insert(words.end(), sort.options.begin(), sort.options.end());
        if (!last_.empty() && random_() % 4 == 0) words.insert(words.end(), {"--after", last_});
        const std::string sign = "echo $ATLASJOB_JOB_ID $ATLASJOB_ATTEMPT >> $RUNS; ";
        words.insert(words.end(), {"--", "sh", "-c", sign + sort.body});
        return words;
    }

    const Place& place_;
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
        kill_all(place_.ledger());
        for (const ProcessHandle& worker : workers_)
            Place::finish(worker);
    }

    /// One round; what is wrong after it.
    Words round(bool kills) {
        std::atomic<bool> over = false;
        std::vector<std::thread> threads;
        for (int i = 0; i < kSubmitters; ++i) {
            const auto seed = static_cast<unsigned>(random_());
            threads.emplace_back([&, seed] { Submitter{place_, journal_, seed, kills}.run(over); });
        }
        rage(kills, steady_clock::now() + kRound);
        over = true;
        for (std::thread& thread : threads)
            thread.join();
        return settle(kills);
    }

    std::string tally() {
        return fmt::format(
            "{} jobs acknowledged, {} runs, {} kills", journal_.ids().size(), place_.runs().size(),
            kills_);
    }

  private:
    void rage(bool kills, steady_clock::time_point end) {
        std::size_t seen = 0;
        while (steady_clock::now() < end) {
            seen = journal_.await_more(seen);
            if (kills) strike();
        }
    }

    /// Something dies, at a random instant of a gc.
    void strike() {
        const ProcessHandle gc = place_.start({"gc"});
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
                workers_.push_back(place_.start(
                    random_() % 2 == 0 ? Words{"worker", "--slots", "2", "--idle-exit", "50ms"}
                                       : Words{"worker", "--slots", "1", "--drain"}));
        }
        Place::finish(gc);
    }

    void kill_one(const std::string& command, int signo) {
        auto found = find_ours(place_.ledger(), command);
        if (!found.empty()) kill(std::move(found[random_() % found.size()]), signo);
    }

    void kill(ProcessHandle process, int signo) {
        if (send_signal(process, signo) != Signalled::sent) return;
        ++kills_;
        struck_.push_back(std::move(process));
    }

    /// One gc, and then nobody but the program itself sees to it that every job ends. A worker that
    /// was told to leave and has not heard it yet would pass for one that stays: queued jobs are
    /// not its business any more, and by then nobody looks again.
    Words settle(bool kills) {
        Words wrong = ended_.changes(place_.ledger());
        await_end(struck_, -1);
        struck_.clear();
        Place::finish(place_.start({"gc"}));
        await_ends();
        const StormWords words{journal_.ids(), place_.runs()};
        take(wrong, unended(place_.ledger()));
        take(wrong, broken_promises(place_.ledger(), words));
        if (!kills) take(wrong, repeated_without_reason(place_.ledger(), words));
        take(wrong, contradictions(place_.ledger()));
        take(wrong, ended_.changes(place_.ledger()));
        for (const std::string& process : living_attempts(place_.ledger()))
            wrong.push_back("alive after its job has ended: " + process);
        return wrong;
    }

    void await_ends() const {
        const auto store = open_store(locate_ledger(place_.ledger()), OpenMode::read);
        const auto bell = store->watch_changes();
        const auto deadline = steady_clock::now() + kPatience;
        while (!unended(place_.ledger()).empty() && steady_clock::now() < deadline)
            bell->wait(kLull);
    }

    static void take(Words& all, Words more) { std::ranges::move(more, std::back_inserter(all)); }

    Place place_;
    Journal journal_;
    std::mt19937 random_;
    EndedJobs ended_;
    std::vector<ProcessHandle> workers_;  ///< Of our own making; reaped at the end.
    std::vector<ProcessHandle> struck_;   ///< In this round.
    int kills_ = 0;
};

/// Runs rounds until the time is up, one with kills at least; false at the first one after which
/// something is wrong.
bool run(Storm& storm, steady_clock::time_point end) {
    int rounds = 0;
    do {
        const Words wrong = storm.round(rounds > 0);
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

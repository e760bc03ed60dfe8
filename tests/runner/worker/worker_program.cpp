/// A program that is a worker or a slot and nothing else: what the tests of both run.
///   worker_program worker|slot|ensure --ledger PATH [--slots N] [--queue Q]… [--limit Q=N]…
///   [--on-demand] [--idle-exit MS] [--grace MS] [--tick MS] [--heartbeat MS] [--successor]
///   [--any-account] [--fault NAME (faulty_store.h; of the slots)]
///   worker_program hooks --ledger PATH          start what ended jobs owe
///   worker_program cancel-and-die --ledger PATH JOB_ID "-"
///   worker_program on-end --ledger PATH JOB_ID STATUS
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "runner/faulty_store.h"
#include "runner/worker/slot.h"
#include "runner/worker/worker.h"
#include "store/open.h"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

namespace atlasjob {

namespace {

struct Settings {
    std::vector<std::string> words;  ///< All of them.
    WorkerOptions worker;
    SlotOptions slot;
    std::string fault;
};

milliseconds span(const std::string& text) {
    return milliseconds{parse_integer<int>(text).value()};
}

void read_flag(Settings& settings, const std::string& flag, const std::string& value) {
    if (flag == "--ledger") settings.worker.ledger = value;
    if (flag == "--slots") settings.worker.slots = parse_integer<int>(value).value();
    if (flag == "--queue") settings.worker.queues.push_back(value);
    if (flag == "--idle-exit") settings.worker.idle_exit = span(value);
    if (flag == "--grace") settings.worker.grace = span(value);
    if (flag == "--tick") settings.worker.tick = span(value);
    if (flag == "--heartbeat") settings.slot.timings.heartbeat = span(value);
    if (flag == "--fault") settings.fault = value;
    if (flag == "--limit") {
        const auto parts = split(value, '=');
        settings.slot.queue_slots[std::string{parts.at(0)}] =
            parse_integer<int>(parts.at(1)).value();
    }
}

Settings read_settings(std::vector<std::string> words) {
    Settings settings;
    for (std::size_t at = 2; at < words.size(); ++at) {
        const std::string flag = words[at];
        if (flag == "--on-demand") {
            settings.worker.on_demand = true;
        } else if (flag == "--any-account") {
            settings.worker.any_account = settings.slot.any_account = true;
        } else if (flag == "--successor") {
            settings.slot.successor.command = {
                words[0], "worker", "--on-demand", "--ledger", settings.worker.ledger};
        } else {
            read_flag(settings, flag, words.at(++at));
        }
    }
    settings.worker.slot_command = words;
    settings.worker.slot_command.at(1) = "slot";
    settings.worker.on_end = {{words[0], "on-end", "--ledger", settings.worker.ledger}, "keeper"};
    settings.slot.on_end = settings.worker.on_end;
    settings.words = std::move(words);
    return settings;
}

/// One who has ended a job and is gone before anything could come of it.
[[noreturn]] void cancel_and_die(Store& store, const JobId& id) {
    store.request_cancel(id, {"keeper", {}, {}}, SystemClock{}.now());
    static_cast<void>(raise(SIGKILL));
    std::abort();
}

int run_other(Store& store, const Settings& settings) {
    const SystemClock clock;
    const std::string& role = settings.words.at(1);
    if (role == "hooks") start_owed_hooks(store, clock, settings.worker.on_end);
    if (role == "ensure")
        return ensure_worker(store, clock, settings.worker.successor).served ? 0 : 1;
    if (role == "cancel-and-die") cancel_and_die(store, JobId::parse(settings.words.at(4)).value());
    if (role == "on-end") {
        const EndedJob job{
            JobId::parse(settings.words.at(4)).value(), parse_status(settings.words.at(5)).value(),
            settings.worker.ledger, "keeper"};
        run_on_end(store, clock, job);
    }
    return 0;
}

int run(Settings settings) {
    const LedgerLocation location = locate_ledger(settings.worker.ledger);
    // As in the program itself, none of them makes a ledger.
    auto store = open_store(location, OpenMode::write);
    settings.worker.open_again = [location] { return open_store(location, OpenMode::write); };
    const SystemClock clock;
    settings.slot.ledger = settings.worker.ledger = location.path;
    settings.slot.logs_root = settings.worker.logs_root = location.logs_root;
    settings.slot.successor.ledger = location.path;
    settings.slot.queues = settings.worker.queues;
    settings.worker.successor = settings.slot.successor;
    settings.worker.actor = "keeper";
    if (settings.words.at(1) == "slot") {
        test::FaultyStore faulty{std::move(store), settings.fault};
        return run_slot(faulty, clock, settings.slot);
    }
    if (settings.words.at(1) == "worker") return run_worker(*store, clock, settings.worker);
    return run_other(*store, settings);
}

}  // namespace

}  // namespace atlasjob

int main(int count, char** words) {
    try {
        return atlasjob::run(atlasjob::read_settings({words, words + count}));
    } catch (const atlasjob::Error& error) {
        atlasjob::write_all(STDERR_FILENO, std::string{"worker_program: "} + error.what() + "\n");
        return atlasjob::error_row(error.code()).exit_status;
    }
}

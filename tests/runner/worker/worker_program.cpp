/// A program that only runs a worker, a slot or a hook, for the tests of these.
///   worker_program worker|slot|ensure --ledger PATH [--slots N] [--queue Q]… [--limit Q=N]…
///   [--on-demand] [--idle-exit MS] [--grace MS] [--tick MS] [--heartbeat MS] [--successor]
///   [--any-account] [--fault NAME (in the slots' store, see faulty_store.h)]
///   worker_program hooks --ledger PATH          start owed hooks
///   worker_program cancel-and-die --ledger PATH JOB_ID "-"
///   worker_program on-end --ledger PATH JOB_ID STATUS
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "ledger/address_files.h"
#include "logs/open.h"
#include "runner/attempt/self_exec.h"
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
    std::vector<std::string> argv;
    std::string ledger;
    WorkerOptions worker;
    SlotOptions slot;
    std::string fault;
};

milliseconds parse_milliseconds(const std::string& text) {
    return milliseconds{parse_integer<int>(text).value()};
}

void read_flag(Settings& settings, const std::string& flag, const std::string& value) {
    if (flag == "--ledger") settings.ledger = value;
    if (flag == "--slots") settings.worker.slots = parse_integer<int>(value).value();
    if (flag == "--queue") settings.worker.queues.push_back(value);
    if (flag == "--idle-exit") settings.worker.idle_exit = parse_milliseconds(value);
    if (flag == "--grace") settings.worker.grace = parse_milliseconds(value);
    if (flag == "--tick") settings.worker.tick = parse_milliseconds(value);
    if (flag == "--heartbeat") settings.slot.timings.heartbeat = parse_milliseconds(value);
    if (flag == "--fault") settings.fault = value;
    if (flag == "--limit") {
        const auto parts = split(value, '=');
        settings.slot.queue_slots[std::string{parts.at(0)}] =
            parse_integer<int>(parts.at(1)).value();
    }
}

Settings read_settings(std::vector<std::string> argv) {
    Settings settings;
    for (std::size_t at = 2; at < argv.size(); ++at) {
        const std::string flag = argv[at];
        if (flag == "--on-demand") {
            settings.worker.on_demand = true;
        } else if (flag == "--any-account") {
            settings.worker.any_account = settings.slot.any_account = true;
        } else if (flag == "--successor") {
            settings.slot.successor.command = {
                argv[0], "worker", "--on-demand", "--ledger", settings.ledger};
        } else {
            read_flag(settings, flag, argv.at(++at));
        }
    }
    settings.worker.slot_command = argv;
    settings.worker.slot_command.at(1) = "slot";
    settings.worker.on_end.command = {argv[0], "on-end", "--ledger", settings.ledger};
    settings.worker.on_end.actor = "keeper";
    settings.argv = std::move(argv);
    return settings;
}

/// Ends a job and dies before its hook can start.
[[noreturn]] void cancel_and_die(Store& store, const JobId& id) {
    store.request_cancel(id, {"keeper", {}, {}});
    static_cast<void>(raise(SIGKILL));
    std::abort();
}

int run_other(Store& store, const Settings& settings) {
    const std::string& role = settings.argv.at(1);
    if (role == "hooks") start_owed_hooks(store, settings.worker.on_end);
    if (role == "ensure") return ensure_worker(store, settings.worker.successor).served ? 0 : 1;
    if (role == "cancel-and-die") cancel_and_die(store, JobId::parse(settings.argv.at(4)).value());
    if (role == "on-end") {
        const EndedJob job{
            JobId::parse(settings.argv.at(4)).value(), parse_status(settings.argv.at(5)).value(),
            settings.worker.ledger, "keeper"};
        run_on_end(store, job);
    }
    return 0;
}

int run(Settings settings) {
    if (settings.argv.at(1) == "worker") become_ledger_process();
    const LedgerAddress location = parse_address(settings.ledger);
    // As in atlasjob itself, none of these creates a ledger.
    auto store = open_store(location, OpenMode::write);
    settings.worker.open_again = [location] { return open_store(location, OpenMode::write); };
    const SystemClock clock;
    settings.slot.ledger = settings.worker.ledger = settings.worker.on_end.ledger = location;
    settings.slot.on_end = settings.worker.on_end;
    const auto logs = open_logs(location, clock);
    settings.slot.successor.ledger = location;
    settings.slot.queues = settings.worker.queues;
    settings.worker.successor = settings.slot.successor;
    settings.worker.actor = "keeper";
    if (settings.argv.at(1) == "slot") {
        test::FaultyStore faulty{std::move(store), settings.fault};
        return run_slot(faulty, *logs, clock, settings.slot);
    }
    if (settings.argv.at(1) == "worker") return run_worker(*store, *logs, settings.worker);
    return run_other(*store, settings);
}

}  // namespace

}  // namespace atlasjob

int main(int argc, char** argv) {
    try {
        return atlasjob::run(atlasjob::read_settings({argv, argv + argc}));
    } catch (const atlasjob::Error& error) {
        static_cast<void>(atlasjob::write_all(
            STDERR_FILENO, std::string{"worker_program: "} + error.what() + "\n"));
        return atlasjob::error_row(error.code()).exit_status;
    }
}

#include "runner/worker/worker.h"

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/jobs/job_verbs.h"
#include "cli/options/arguments.h"
#include "cli/options/config_file.h"
#include "cli/options/settings.h"
#include "cli/options/spec_values.h"
#include "cli/terminal/output.h"
#include "ledger/limits.h"
#include "process/service_notifier.h"
#include "runner/attempt/self_exec.h"
#include "runner/worker/slot.h"
#include "runner/worker/worker_log.h"

#include <fmt/format.h>
#include <unistd.h>

namespace atlasjob::cli {

namespace {

/// How long an on-demand worker stays when idle.
constexpr milliseconds kOnDemandIdle{30'000};

constexpr const char* kAnyAccount = "--any-account";
constexpr const char* kBounded = "--bounded";

std::vector<std::string> slot_command(const WorkerOptions& options) {
    // The worker has already determined its principal.
    std::vector<std::string> argv = {"atlasjob", "slot", "--principal", options.actor};
    if (options.any_account) argv.emplace_back(kAnyAccount);
    // A worker started by hand may have been restricted on purpose; an on-demand one was not.
    if (!options.on_demand) argv.emplace_back(kBounded);
    for (const std::string& queue : options.queues) {
        argv.emplace_back("--queue");
        argv.push_back(queue);
    }
    return argv;
}

/// Tells the service manager what the worker does, and its journal if standard error is that.
void announce(const ServiceNotifier& notifier, std::string_view state) {
    constexpr std::string_view kStatus = "STATUS=";
    constexpr const char* kInformation = "<6>";  // sd-daemon(3)
    notifier.send(state);
    if (!is_journal(STDERR_FILENO)) return;
    for (const std::string_view line : split(state, '\n')) {
        if (line.starts_with(kStatus))
            write_note(fmt::format("{}atlasjob: {}\n", kInformation, line.substr(kStatus.size())));
    }
}

/// Runs what nobody watches: an error becomes a line of the workers' log.
template <class Run>
int logged(Run run) {
    try {
        return run();
    } catch (const Error& error) {
        log_worker_error(error);
        return error_row(error.code()).exit_status;
    }
}

class WorkerCommand final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.value(
            "--slots",
            [&](const std::string& text) { slots_ = parse_number("--slots", text, 1, kMaxSlots); },
            "N", "maximum number of running jobs (default: number of CPUs)");
        arguments.texts("--queue", queues_, "QUEUE", "serve only this queue; may be repeated");
        arguments.flag("--drain", drain_, "exit once nothing is due and nothing is running");
        arguments.duration("--idle-exit", idle_exit_, "exit after being idle this long");
        arguments.duration(
            "--grace", grace_, "after TERM, stop running jobs after this time (default: wait)");
        arguments.flag(
            kAnyAccount, any_account_,
            "run the jobs of every account, in any ledger, as this account");
        arguments.group("");  // Not in help.
        arguments.flag("--on-demand", on_demand_, "");
        arguments.group("Options");
    }

    void check() override {
        if (drain_ && idle_exit_) {
            throw Error(
                ErrorCode::invalid_argument, "--drain and --idle-exit are mutually exclusive",
                "give one of them");
        }
        if (any_account_ && on_demand_) {
            throw Error(
                ErrorCode::invalid_argument, "--any-account and --on-demand are mutually exclusive",
                "leave out --on-demand");
        }
        for (const std::string& queue : queues_)
            check_queue(queue);
    }

    int run(Context& context) override {
        become_ledger_process();
        return on_demand_ ? logged([&] { return serve(context); }) : serve(context);
    }

    /// An on-demand worker ignores defaults for its queues and its idle time.
    bool takes_default(std::string_view option) const override {
        if (on_demand_) return option == "slots" || option == "grace";
        return option != "idle-exit" || !drain_;
    }

  private:
    int serve(Context& context) const {
        const LedgerAddress address = context.address();
        WorkerOptions options;
        options.ledger = address;
        options.actor = context.principal().name;
        options.slots = slots_.value_or(default_slots());
        options.queues = queues_;
        options.on_demand = on_demand_;
        options.any_account = any_account_;
        options.slot_command = slot_command(options);
        options.idle_exit = idle_exit();
        options.grace = grace_;
        options.on_end = on_end(context, {any_account_, !on_demand_});
        options.successor = on_demand_worker(context);
        options.on_state = [notifier = ServiceNotifier::from_environment()](auto state) {
            announce(notifier, state);
        };
        options.open_again = [address] { return open_store(address, OpenMode::write); };
        const auto store = context.open_existing();
        return run_worker(*store, *context.open_logs(), options);
    }

    std::optional<milliseconds> idle_exit() const {
        if (drain_) return milliseconds{0};
        if (idle_exit_ || !on_demand_) return idle_exit_;
        return kOnDemandIdle;
    }

    std::optional<int> slots_;
    std::vector<std::string> queues_;
    bool drain_ = false;
    std::optional<milliseconds> idle_exit_;
    std::optional<milliseconds> grace_;
    bool any_account_ = false;
    bool on_demand_ = false;
};

/// The process that a worker starts for each of its slots.
class SlotCommand final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.texts("--queue", queues_, "QUEUE", "serve only this queue; may be repeated");
        arguments.flag(kAnyAccount, any_account_, "of any account, in any ledger");
        arguments.flag(kBounded, bounded_, "within the worker's own nice value, CPUs and limits");
    }

    int run(Context& context) override {
        // A slot that is bounded belongs to a worker that somebody has started.
        return bounded_ ? serve(context) : logged([&] { return serve(context); });
    }

  private:
    int serve(Context& context) const {
        const LedgerAddress address = context.address();
        SlotOptions options;
        options.ledger = address;
        options.queues = queues_;
        options.queue_slots = context.config().queue_slots();
        options.any_account = any_account_;
        options.bounded = bounded_;
        options.on_end = on_end(context, {any_account_, bounded_});
        options.successor = on_demand_worker(context);
        const auto store = context.open_existing();
        return run_slot(*store, *context.open_logs(), context.clock(), options);
    }

    std::vector<std::string> queues_;
    bool any_account_ = false;
    bool bounded_ = false;
};

}  // namespace

std::unique_ptr<Command> make_worker() {
    return std::make_unique<WorkerCommand>();
}

std::unique_ptr<Command> make_slot() {
    return std::make_unique<SlotCommand>();
}

}  // namespace atlasjob::cli

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/jobs/detach.h"
#include "cli/jobs/job_verbs.h"
#include "cli/options/arguments.h"
#include "cli/options/spec.h"
#include "cli/program.h"
#include "cli/terminal/terminal_progress.h"
#include "ledger/limits.h"
#include "process/identity.h"
#include "process/spawn.h"
#include "runner/attempt/command_input.h"
#include "runner/attempt/detached.h"
#include "runner/attempt/supervisor.h"

#include <fmt/format.h>

#include <array>
#include <functional>

namespace atlasjob::cli {

namespace {

constexpr std::array kParts = {SpecPart::job, SpecPart::command, SpecPart::hook, SpecPart::input};

/// Refuses options that only make sense for background jobs. They are declared so that the error
/// gives the reason instead of "unknown option".
[[noreturn]] void refuse_background(const SpecOption& option) {
    throw Error(
        ErrorCode::invalid_argument, fmt::format("--{} does not apply to run", option.name),
        "use atlasjob submit for delays, dependencies and retries");
}

[[noreturn]] void refuse(const char* what, const char* hint) {
    throw Error(ErrorCode::invalid_argument, what, hint);
}

/// `run` in the foreground, and `supervise`, the background process that `run --detach` starts with
/// the same arguments.
class Run final : public Command {
  public:
    explicit Run(bool detached) : detached_(detached) {}

    void declare(Arguments& arguments) override {
        arguments.words(words_, "command after --", 0);
        cli::declare(arguments, spec_, kParts, refuse_background);
        arguments.flag("--tty", tty_, "run it in a pseudo-terminal (colours, prompts)");
        arguments.flag("--detach", detach_, "run it in the background at once; print the job_id");
        arguments.flag(
            "--even-unrecorded", even_unrecorded_,
            "run it even if the ledger cannot be used; nothing is recorded then");
        arguments.flag(
            "--interactive", interactive_, "with --detach: accept input from atlasjob send");
    }

    void check() override {
        if (!words_.empty()) {
            throw Error(
                ErrorCode::invalid_argument,
                fmt::format("unexpected argument \"{}\"", repair_utf8(words_[0])),
                "put -- before the command: atlasjob run -- CMD");
        }
        check_detaching();
        static_cast<void>(new_job(spec_, {"usage", false}, Time{}));
    }

    int run(Context& context) override {
        if (detached_) await_parent();
        const std::vector<std::string> argv = context.tail().value_or(std::vector<std::string>{});
        if (argv.empty() || argv[0].empty()) {
            throw Error(
                ErrorCode::invalid_argument, "no command given",
                "put it after --: atlasjob run -- CMD");
        }
        if (detach_ && !detached_) return detach(context, spec_.input);
        const NewJob job = job_of(context, argv);
        if (!even_unrecorded_) return run_recorded(context, job, {});
        bool recorded = false;
        try {
            return run_recorded(context, job, [&](const Submitted&) { recorded = true; });
        } catch (const Error& error) {
            if (recorded || !is_unusable(error)) throw;
            return run_unrecorded(job, error);
        }
    }

  private:
    int run_recorded(
        Context& context,
        const NewJob& job,
        const std::function<void(const Submitted&)>& committed) const {
        const JobVerbs verbs{context, JobVerbs::Starts::no_worker};
        const LedgerAddress address = context.address();
        const auto store = context.open_or_create();
        SuperviseOptions options = options_for(address, job.owner);
        std::optional<TerminalProgress> progress;
        if (const auto terminal = progress_terminal(context)) {
            progress.emplace(*terminal);
            options.progress_text = [](const std::optional<double>& known) {
                return progress_sequence(known);
            };
        }
        // Called only once `atlasjob send` can write to the job's input.
        if (detached_) options.on_started = [&] { finish_start(context, job.job_id); };
        const jobs::RunResult run = jobs::run(verbs.over(*store), job, options, committed);
        if (!run.submitted.created) refuse_active(job, run.submitted);
        const SuperviseResult& result = run.supervised;
        if (result.outcome.reason == Reason::start_failed) note_start_failure(result.outcome);
        if (run.hook_refused) note_hook_refused(context, *run.hook_refused);
        if (result.output_failure)
            print_output_failure(context, *result.output_failure, run.submitted);
        if (result.log_loss) note_log_loss(run.submitted, *result.log_loss);
        if (!result.finished && result.unrecorded)
            note_unrecorded(run.submitted, *result.unrecorded);
        return result.exit_status;
    }

    /// The output that is a terminal which shows progress. With --tty the command itself may use
    /// it.
    std::optional<int> progress_terminal(const Context& context) const {
        if (detached_ || tty_ || context.options().quiet || context.options().json) return {};
        for (const int fd : {STDERR_FILENO, STDOUT_FILENO})
            if (shows_progress(fd, context.options().color)) return fd;
        return {};
    }

    /// Whether the error means that the ledger cannot be used and that nothing was recorded. If
    /// that is unknown, the command must not be run: its job would be judged by a supervisor that
    /// is not there.
    static bool is_unusable(const Error& error) {
        return error.code() != ErrorCode::outcome_unknown
               && (error_row(error.code()).exit_status == 7
                   || error_row(error.code()).exit_status == 8);
    }

    /// Becomes the command, so that its exit status and signals are those of this process.
    static int run_unrecorded(const NewJob& job, const Error& error) {
        write_note(fmt::format(
            "atlasjob: cannot use the ledger ({}); running the command unrecorded{}\n",
            repair_utf8(error.message()), job.timeout ? ", without its timeout" : ""));
        const CommandSpec& command = *job.command;
        const UniqueFd input = command.input ? make_input(*command.input) : UniqueFd{};
        SpawnRequest request{command.argv, command.environment, command.cwd, command.umask, {}};
        if (input) request.descriptors = {input.get()};
        const SpawnFailure failure = exec_command(request);
        write_note(fmt::format("atlasjob: {}\n", repair_utf8(failure.reason)));
        return failure.shell_status();
    }

    void check_detaching() const {
        if (even_unrecorded_ && detach_)
            refuse("--even-unrecorded and --detach are mutually exclusive", "give one of them");
        if (interactive_ && !detach_)
            refuse(
                "--interactive requires --detach",
                "add --detach; in the foreground the command reads standard input anyway");
        if (interactive_ && spec_.input)
            refuse("--interactive and --stdin are mutually exclusive", "give one of them");
        if (detach_ && tty_)
            refuse("--detach and --tty are mutually exclusive", "give one of them");
    }

    /// The only text of atlasjob on the command's stderr: some of its output was lost.
    static void print_output_failure(
        const Context& context, const OutputFailure& failure, const Submitted& submitted) {
        print_error(
            "atlasjob", context.options().json,
            Error{
                ErrorCode::unavailable,
                fmt::format("the command's output could not be written to {}", to_string(failure)),
                fmt::format(
                    "the command continued and its output is stored; see atlasjob logs {}",
                    submitted.seq)});
    }

    static void finish_start(const Context& context, const JobId& id) {
        context.answer(id.str() + '\n');
        leave_parent();
    }

    static void note_hook_refused(const Context& context, const std::string& reason) {
        if (context.options().quiet) return;
        write_note(fmt::format(
            "atlasjob: this account does not run --on-end hooks: {}\n", repair_utf8(reason)));
    }

    /// As a shell and env(1) do. A detached command's stderr is gone: its job says why.
    void note_start_failure(const Outcome& outcome) const {
        if (!detached_)
            write_note(fmt::format("atlasjob: {}\n", repair_utf8(outcome.error.value_or(""))));
    }

    /// Only a note: the output was shown.
    static void note_log_loss(const Submitted& job, const std::string& loss) {
        write_note(fmt::format("atlasjob: job {}: {}\n", job.seq, repair_utf8(loss)));
    }

    /// Only a note: the command has run, and its exit status is the answer.
    static void note_unrecorded(const Submitted& job, const Error& error) {
        write_note(fmt::format(
            "atlasjob: the end of job {} was not recorded: {}\n", job.seq, error.message()));
    }

    SuperviseOptions options_for(const LedgerAddress& address, const std::string& owner) const {
        SuperviseOptions options;
        options.ledger = address;
        options.actor = owner;
        options.foreground = !detached_;
        options.tty = tty_;
        options.interactive = interactive_;
        options.detached = detached_;
        return options;
    }

    NewJob job_of(const Context& context, const std::vector<std::string>& argv) const {
        NewJob job = new_job(spec_, context.principal(), context.now());
        job.command = new_command(spec_, argv);
        job.start_as = AttemptOwner{current_process(), kLease, detached_};
        atlasjob::check(job);
        return job;
    }

    [[noreturn]] static void refuse_active(const NewJob& job, const Submitted& active) {
        throw Error(
            ErrorCode::refused,
            fmt::format("--key \"{}\": job {} with this key is active", *job.key, active.seq),
            fmt::format("wait for it or cancel it; see atlasjob status {}", active.seq));
    }

    std::vector<std::string> words_;
    Spec spec_;
    bool tty_ = false;
    bool even_unrecorded_ = false;
    bool detach_ = false;
    bool interactive_ = false;
    const bool detached_;
};

}  // namespace

std::unique_ptr<Command> make_run() {
    return std::make_unique<Run>(false);
}

std::unique_ptr<Command> make_supervise() {
    return std::make_unique<Run>(true);
}

}  // namespace atlasjob::cli

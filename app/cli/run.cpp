#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/recording.h"
#include "cli/spec.h"
#include "ledger/limits.h"
#include "process/identity.h"
#include "runner/capture.h"
#include "runner/supervisor.h"

#include <fmt/format.h>

#include <array>

namespace atlasjob::cli {

namespace {

/// What only makes sense for a job that waits in a queue. Known, so that the answer is a reason
/// and not "no such option".
constexpr std::array kBackgroundOptions = {"--at", "--in", "--after", "--retries", "--backoff"};

[[noreturn]] void refuse_background(const std::string& option) {
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("{}: run starts its command here and now, once", option),
        "leave it out: delays, dependencies and retries belong to jobs in the background");
}

ResultFrom parse_result_from(const std::string& word) {
    if (word == "report") return ResultFrom::report;
    if (word == "stdout") return ResultFrom::standard_output;
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("--result \"{}\": no such source", repair_utf8(word)), "give report or stdout");
}

class Run final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.words(words_, "command after --", 0);
        cli::declare(arguments, spec_);
        arguments.duration("--timeout", timeout_, "end it after so long");
        arguments.text("--cwd", capture_.cwd, "DIR", "run it there");
        arguments.texts(
            "--env", capture_.env, "NAME[=VALUE]", "set it, or pass ours on; may be repeated");
        arguments.flag("--clean-env", capture_.clean_env, "pass on PATH, HOME and USER only");
        arguments.value(
            "--result", [&](const std::string& word) { result_from_ = parse_result_from(word); },
            "report|stdout", "where its result comes from (default: report)");
        arguments.value(
            "--log-limit",
            [&](const std::string& text) { log_limit_ = parse_size("--log-limit", text); }, "SIZE",
            "keep so much of its output (default: 64M)");
        arguments.flag("--keep-strays", keep_strays_, "let what it started outlive it");
        arguments.group("");  // Not in help.
        for (const char* const option : kBackgroundOptions) {
            arguments.value(
                option, [option](const std::string&) { refuse_background(option); }, "", "");
        }
        arguments.group("Options");
    }

    void check() override {
        if (!words_.empty()) {
            throw Error(
                ErrorCode::invalid_argument,
                fmt::format("unexpected argument \"{}\": not an option", repair_utf8(words_[0])),
                "put -- before the command: atlasjob run -- CMD");
        }
        static_cast<void>(new_job(spec_, {"usage", false}, Time{}));
        if (timeout_ && timeout_->count() == 0) {
            throw Error(
                ErrorCode::invalid_argument, "--timeout \"0s\": no time at all",
                "give a duration such as 30s");
        }
    }

    int run(Context& context) override {
        const std::vector<std::string> argv = context.tail().value_or(std::vector<std::string>{});
        if (argv.empty() || argv[0].empty()) {
            throw Error(
                ErrorCode::invalid_argument, "no command given to run",
                "write it after --: atlasjob run -- CMD");
        }
        const NewJob job = job_of(context, argv);
        const LedgerLocation location = context.location();
        const auto store = context.open_to_record();
        const Submitted submitted = record(context, *store, job);
        if (!submitted.created) refuse_active(job, submitted);
        Attempt attempt{
            AttemptKey{submitted.job_id, 1, submitted.fence}, job.owner, *job.command, timeout_,
            submitted.seq};
        SuperviseOptions options;
        options.ledger = location.path;
        options.logs_root = location.logs_root;
        options.actor = job.owner;
        options.foreground = true;
        return supervise(*store, context.clock(), attempt, options).exit_status;
    }

  private:
    NewJob job_of(const Context& context, const std::vector<std::string>& argv) const {
        NewJob job = new_job(spec_, context.principal(), context.now());
        job.timeout = timeout_;
        job.command = capture_command(argv, capture_);
        job.command->result_from = result_from_;
        job.command->log_limit_bytes = log_limit_;
        job.command->keep_strays = keep_strays_;
        job.start_as = AttemptOwner{current_process(), kLease};
        atlasjob::check(job);
        return job;
    }

    [[noreturn]] static void refuse_active(const NewJob& job, const Submitted& active) {
        throw Error(
            ErrorCode::refused,
            fmt::format("--key \"{}\": job {} with this key is active", *job.key, active.seq),
            fmt::format("wait for it or cancel it: atlasjob status {}", active.seq));
    }

    std::vector<std::string> words_;
    JobSpec spec_;
    std::optional<milliseconds> timeout_;
    CaptureOptions capture_;
    ResultFrom result_from_ = ResultFrom::report;
    std::optional<std::int64_t> log_limit_;
    bool keep_strays_ = false;
};

}  // namespace

std::unique_ptr<Command> make_run() {
    return std::make_unique<Run>();
}

}  // namespace atlasjob::cli

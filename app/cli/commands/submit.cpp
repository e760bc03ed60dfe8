#include "base/error.h"
#include "base/text.h"
#include "cli/after_commit.h"
#include "cli/command.h"
#include "cli/jobs/clone_job.h"
#include "cli/jobs/job_exit_status.h"
#include "cli/jobs/log_follow.h"
#include "cli/jobs/submit_batch.h"
#include "cli/options/arguments.h"
#include "cli/options/spec.h"
#include "cli/options/spec_values.h"
#include "cli/terminal/progress_bar.h"
#include "ledger/find.h"
#include "ledger/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace atlasjob::cli {

namespace {

constexpr int kStillRunning = 75;
/// As a shell reports a program that SIGPIPE killed: 128 + 13.
constexpr int kReaderLeft = 141;
constexpr std::array kAllParts = {SpecPart::job,     SpecPart::start, SpecPart::backoff,
                                  SpecPart::command, SpecPart::hook,  SpecPart::input};

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
    throw Error(ErrorCode::invalid_argument, what, hint);
}

class Submit final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.words(words_, "command after --", 0);
        cli::declare(arguments, spec_, kAllParts, nullptr);
        arguments.flag("--follow", follow_, "stream the output and exit with the command's status");
        arguments.duration(
            "--detach-after", detach_after_, "with --follow: detach after this time (exit 75)");
        arguments.text(
            "--batch", batch_, "FILE|-", "submit one job per line of NDJSON, all or none");
        arguments.value(
            "--like", [&](const std::string& text) { like_ = parse_job_name("--like", text); },
            "JOB", "copy the spec of JOB; other options override it");
    }

    void check() override {
        if (!words_.empty()) {
            refuse(
                fmt::format("unexpected argument \"{}\"", repair_utf8(words_[0])),
                "put -- before the command: atlasjob submit -- CMD");
        }
        if (detach_after_ && !follow_) {
            refuse("--detach-after requires --follow", "add --follow");
        }
        if (batch_ && (follow_ || like_)) {
            refuse(
                fmt::format(
                    "--batch and {} are mutually exclusive", follow_ ? "--follow" : "--like"),
                "give one of them");
        }
        cli::check(spec_);
        // The SPEC is validated before a ledger is created for it.
        static_cast<void>(new_job(spec_, {"usage", false}, Time{}));
    }

    int run(Context& context) override {
        check_command(context);
        const Principal principal = context.principal();
        const JobVerbs verbs{context};
        if (batch_) return submit_batch(context, verbs, {*batch_, spec_});
        // Anything that can fail without a ledger is done before one is created.
        std::optional<CommandSpec> command;
        if (!like_) command = new_command(spec_, *context.tail());
        const auto store = context.open_or_create();
        const NewJob job = job_of(context, *store, principal, std::move(command));
        AfterCommit after{context};
        const auto show = [&](const Submitted& submitted) {
            after.show(change_of(submitted), [&] { answer(context, *store, submitted); });
        };
        const jobs::SubmitResult result = jobs::submit(verbs.over(*store), job, show);
        note_active_key(context, result.submitted);
        if (result.submitted.created && is_past(spec_, context.now())) note_past(context);
        verbs.report(result.worker);
        return after.conclude(follow_ ? follow_job(context, result.submitted) : 0);
    }

    /// Values of the job named by --like take precedence over defaults of the config file.
    bool takes_default(std::string_view option) const override {
        return option == "detach-after" ? follow_ : !like_;
    }

  private:
    void check_command(const Context& context) const {
        const bool has_command =
            context.tail() && !context.tail()->empty() && !context.tail()->at(0).empty();
        if (batch_ && context.tail()) {
            refuse(
                "--batch takes no command: each line has its own", "leave out --batch or -- CMD");
        }
        if (!batch_ && !like_ && !has_command) {
            refuse("no command given", "put it after --: atlasjob submit -- CMD");
        }
    }

    NewJob job_of(
        const Context& context,
        Store& store,
        const Principal& principal,
        std::optional<CommandSpec> command) const {
        const Time now = context.now();
        NewJob job = like_ ? like(context, store, principal) : new_job(spec_, principal, now);
        if (command) job.command = std::move(command);
        set_dependencies(job, spec_, store, principal);
        atlasjob::check(job);
        return job;
    }

    NewJob like(const Context& context, Store& store, const Principal& principal) const {
        const Time now = context.now();
        const Job template_job = require_job(store, *like_, principal, Detail::full);
        NewJob job = clone_job(store, template_job, principal, now);
        if (context.tail() && !context.tail()->empty()) job.command->argv = *context.tail();
        override_environment(*job.command, spec_.capture);
        apply(spec_, job, now);
        apply(spec_, *job.command);
        return job;
    }

    void answer(const Context& context, Store& store, const Submitted& submitted) const {
        if (follow_)
            return write_answer_to_stderr(fmt::format("job {}\n", submitted.job_id.view()));
        if (context.options().json) return context.answer_submitted(store, submitted);
        context.answer(submitted.job_id.str() + '\n');
    }

    int follow_job(const Context& context, const Submitted& submitted) const {
        const std::string detached_note = fmt::format(
            "job {} continues in the background; see atlasjob wait {} and atlasjob logs -f {}\n",
            submitted.seq, submitted.job_id.view(), submitted.job_id.view());
        const SigintGuard sigint_guard{detached_note};
        // A store opened for reading follows the ledger if its file is replaced.
        const auto store = context.open_to_read();
        // An active job with the same key may be at a later attempt.
        const auto job =
            store->get(JobRef::of(submitted.job_id), context.principal(), Detail::summary);
        const int attempt = submitted.created || !job ? 1 : std::max(job->attempt, 1);
        const auto logs = context.open_logs();
        const auto follower = logs->follow(submitted.job_id, {attempt});
        LogOutput output{LogForm{{}, false, true}};
        const LogFollow log_follow{
            submitted.job_id, *follower, output, jobs::Deadline{detach_after_}};
        if (const auto end = cli::follow(context, *store, log_follow)) {
            note_start_failure(*end);
            return job_exit_status(*end);
        }
        if (output.reader_left()) return kReaderLeft;
        write_note(detached_note);
        return kStillRunning;
    }

    /// As run does: such a job has no output that would say it.
    static void note_start_failure(const jobs::JobEnd& end) {
        if (end.reason == Reason::start_failed && end.job && end.job->error)
            write_note(fmt::format("atlasjob: {}\n", repair_utf8(*end.job->error)));
    }

    std::vector<std::string> words_;
    Spec spec_;
    bool follow_ = false;
    std::optional<milliseconds> detach_after_;
    std::optional<std::string> batch_;
    std::optional<std::string> like_;
};

}  // namespace

std::unique_ptr<Command> make_submit() {
    return std::make_unique<Submit>();
}

}  // namespace atlasjob::cli

#include "follow_gp/command.h"

#include "base/error.h"
#include "base/file.h"
#include "cli/after_commit.h"
#include "cli/context.h"
#include "cli/jobs/job_verbs.h"
#include "cli/options/arguments.h"
#include "cli/options/spec_values.h"
#include "cli/program.h"
#include "follow_gp/follower.h"
#include "jobs/session.h"
#include "ledger/limits.h"
#include "process/identity.h"
#include "view/json_object.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::follow_gp {

namespace {

constexpr const char* kTokenVariable = "ATLASJOB_GP_TOKEN";
constexpr int kLostExitStatus = 5;  ///< The exit code of `atlasjob wait` for a lost worker.

/// Its errors never contain the token.
std::string token_from_environment() {
    std::string token = environment(kTokenVariable).value_or("");
    const bool plain = std::ranges::all_of(token, [](char c) { return c > ' ' && c <= '~'; });
    if (plain) return token;
    throw Error(
        ErrorCode::invalid_argument, fmt::format("{}: invalid characters", kTokenVariable),
        "set it to the token alone, without spaces and line ends");
}

class FollowGp final : public cli::Command {
  public:
    void declare(cli::Arguments& arguments) override {
        arguments.text("--task-url", task_url_, "URL", "the task: .../GPServer/TASK");
        arguments.text("--job-id", gp_job_id_, "ID", "the jobId that submitJob returned");
        arguments.text("--name", name_, "NAME", "a name for the job");
        arguments.value(
            "--label",
            [this](const std::string& text) { labels_.push_back(cli::parse_label(text)); }, "K=V",
            "a label; may be repeated");
        arguments.text(
            "--key", key_, "KEY",
            "refuse while a job with this key is active (default: from URL and ID)");
        arguments.flag(
            "--cancel-on-exit", cancel_on_exit_,
            "on Ctrl-C or TERM, have the server cancel the job and wait for it");
        arguments.group("Server");
        arguments.text("--ca-file", ca_file_, "FILE", "trust these certificates, not the system's");
        arguments.duration(
            "--give-up-after", give_up_after_,
            "how long to retry an unreachable server (default: 10m)");
        arguments.duration(
            "--poll-min", poll_min_, "time between polls while the job changes (default: 1s)");
        arguments.duration(
            "--poll-max", poll_max_, "time between polls while it does not (default: 10s)");
    }

    void check() override {
        require(task_url_, "--task-url", "the address of the task");
        require(gp_job_id_, "--job-id", "the jobId that submitJob returned");
        options_.task = TaskUrl::parse(*task_url_);
        check_gp_job_id(*gp_job_id_);
        options_.gp_job_id = *gp_job_id_;
        options_.cancel_on_exit = cancel_on_exit_;
        options_.http.token = token_from_environment();
        check_ca_file();
        check_poll_options();
        atlasjob::check(job_of("usage", Time{}));
    }

    int run(cli::Context& context) override {
        options_.print_note = [&](const std::string& text) { print_note(context, text); };
        const NewJob job = job_of(context.principal().name, context.now());
        const cli::JobVerbs verbs{context, cli::JobVerbs::Starts::no_worker};
        const auto store = context.open_or_create();
        const Submitted submitted = jobs::submit(verbs.over(*store), job).submitted;
        if (!submitted.created) return refuse_duplicate(context, submitted);
        const cli::Change change = cli::change_of(submitted);
        cli::AfterCommit after{context, kFollowGp.name};
        after.show(change, [&] {
            if (!context.options().json) context.answer(submitted.job_id.str() + '\n');
        });
        print_note(context, fmt::format("job {} follows {}", submitted.seq, options_.gp_job_id));
        if (!options_.http.token.empty() && !options_.task.encrypted)
            print_note(context, "the token is sent unencrypted: use https");
        const FollowResult result = follow(
            *store, *context.open_logs(), context.clock(),
            {AttemptKey{submitted.job_id, 1, submitted.fence}, job.owner}, options_);
        after.show(change, [&] { context.answer_job(*store, submitted.job_id); });
        return after.conclude(report_end(context, submitted, result));
    }

  private:
    static void require(
        const std::optional<std::string>& value, std::string_view option, std::string_view what) {
        if (value && !value->empty()) return;
        throw Error(
            ErrorCode::invalid_argument, fmt::format("{} is missing", option),
            fmt::format("give {}", what));
    }

    void check_ca_file() {
        if (!ca_file_) return;
        if (!read_file(*ca_file_)) {
            const int why = errno;
            throw Error(
                ErrorCode::invalid_argument,
                fmt::format("--ca-file \"{}\": {}", *ca_file_, errno_text(why)),
                "give a file of certificates in PEM form");
        }
        options_.http.ca_file = ca_file_;
    }

    void check_poll_options() {
        options_.poll_min = poll_min_.value_or(options_.poll_min);
        options_.poll_max = std::max(poll_max_.value_or(options_.poll_max), options_.poll_min);
        options_.give_up_after = give_up_after_.value_or(options_.give_up_after);
        if (options_.poll_min > milliseconds{0}) return;
        throw Error(
            ErrorCode::invalid_argument, "--poll-min \"0s\": too short", "give at least 1ms");
    }

    NewJob job_of(const std::string& owner, Time now) const {
        NewJob job{JobId::make(now)};
        job.kind = "gp";
        job.name = name_;
        job.owner = owner;
        job.labels = labels_;
        job.labels.push_back({"gp_job_id", options_.gp_job_id});
        job.key = key_.value_or(fmt::format("gp {} {}", options_.task.normal, options_.gp_job_id));
        job.session = jobs::current_session();
        job.start_as = AttemptOwner{current_process(), kLease};
        std::string target;
        view::JsonObject{target}.text("task_url", options_.task.given);
        job.target = target;
        return job;
    }

    int refuse_duplicate(const cli::Context& context, const Submitted& active) const {
        cli::print_error(
            kFollowGp.name, context.options().json,
            Error{
                ErrorCode::refused,
                fmt::format("{}: already followed by job {}", options_.gp_job_id, active.seq),
                fmt::format("run `atlasjob status {}`", active.seq)});
        return 1;
    }

    static void print_note(const cli::Context& context, const std::string& text) {
        if (!context.options().quiet)
            cli::write_note(fmt::format("{}: {}\n", kFollowGp.name, text));
    }

    static int report_end(
        const cli::Context& context, const Submitted& submitted, const FollowResult& result) {
        if (!result.outcome) {
            print_note(
                context,
                fmt::format("job {} was reaped as lost: no longer following", submitted.seq));
            return kLostExitStatus;
        }
        const Outcome& outcome = *result.outcome;
        if (outcome.status == Status::done) return 0;
        print_note(
            context, fmt::format(
                         "job {}: {}: {}", submitted.seq, to_string(outcome.status),
                         outcome.error.value_or("as requested")));
        return result.signo ? 128 + *result.signo : 1;
    }

    std::optional<std::string> task_url_;
    std::optional<std::string> gp_job_id_;
    std::optional<std::string> name_;
    std::vector<Label> labels_;
    std::optional<std::string> key_;
    bool cancel_on_exit_ = false;
    std::optional<std::string> ca_file_;
    std::optional<milliseconds> give_up_after_;
    std::optional<milliseconds> poll_min_;
    std::optional<milliseconds> poll_max_;
    FollowOptions options_;
};

}  // namespace

const cli::CommandRow kFollowGp{
    "atlasjob-follow-gp",
    "--task-url URL --job-id ID",
    "mirror a job of an ArcGIS geoprocessing service in the ledger",
    "Creates a job, prints its job_id and mirrors the server's job until that ends: its status as\n"
    "phase, its progress, its messages as events and log, its results. Exits 0 if it succeeded,\n"
    "1 if it failed or was cancelled, 128+n after signal n. `atlasjob cancel` cancels the job on\n"
    "the server; ending the follower does not. The token is read from ATLASJOB_GP_TOKEN and\n"
    "never stored.",
    {{{"atlasjob-follow-gp --task-url URL --job-id j4f2a",
       "follow the job that submitJob returned"},
      {"ATLASJOB_GP_TOKEN=\"$(cat token)\" atlasjob-follow-gp ... &",
       "the same with a token, in the background"}}},
    []() -> std::unique_ptr<cli::Command> { return std::make_unique<FollowGp>(); }};

}  // namespace atlasjob::follow_gp

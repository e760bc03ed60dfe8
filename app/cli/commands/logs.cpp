#include "base/error.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/jobs/log_follow.h"
#include "cli/options/arguments.h"
#include "cli/program.h"
#include "cli/terminal/progress_bar.h"
#include "ledger/find.h"
#include "ledger/missing_output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

namespace atlasjob::cli {

namespace {

class Logs final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.jobs(words_, 1);
        arguments.flag(
            "-f,--follow", follow_, "follow the output until the job ends, across attempts");
        arguments.integer("-n,--lines", lines_, "N", "print only the last N lines");
        arguments.flag("--stdout", out_, "print only stdout");
        arguments.flag("--stderr", err_, "print only stderr");
        arguments.flag("--timestamps", form_.timestamps, "prefix each line with its time");
        arguments.integer("--attempt", attempt_, "N", "attempt to show (default: the latest)");
    }

    void check() override {
        if (words_.empty()) {
            throw Error(
                ErrorCode::invalid_argument, "no JOB given",
                "name the job by its number or job_id, or use last");
        }
        check_range("-n", lines_, 0);
        check_range("--attempt", attempt_, 1);
        if (out_ != err_) form_.only = out_ ? Stream::standard_output : Stream::standard_error;
    }

    int run(Context& context) override {
        const SigintGuard sigint_guard;
        const auto store = context.open_to_read();
        const Job job = require_job(*store, words_[0], context.principal(), Detail::summary);
        const int latest = std::max(job.attempt, 1);
        refuse_later_than(latest, job);
        const int first = static_cast<int>(attempt_.value_or(latest));
        const auto logs = context.open_logs();
        const auto follower = logs->follow(
            job.job_id, {first, attempt_ || !follow_ ? std::optional{first} : std::nullopt});
        form_.last_state = isatty(STDOUT_FILENO) == 1;
        LogOutput output{form_};
        if (lines_) {
            const TailRequest tail{static_cast<std::size_t>(*lines_), form_.only};
            for (const LogLine& line : follower->skip_to_tail(tail))
                output.add(line);
        }
        write_present(context, *follower, output);
        const bool is_complete = attempt_ && first < latest;  // An earlier attempt has ended.
        if (follow_ && !is_complete) {
            static_cast<void>(cli::follow(context, *store, {job.job_id, *follower, output}));
        }
        output.finish();
        if (first == latest && !output.reader_left())
            report_missing(context, *store, *logs, job.job_id);
        return 0;
    }

  private:
    /// Throws unavailable if nothing of the output is left, so that it is not mistaken for none.
    static void report_missing(
        const Context& context, Store& store, LogStore& logs, const JobId& id) {
        const auto job = store.get(JobRef::of(id), context.principal(), Detail::summary);
        const auto missing = job ? missing_output(logs, *job) : std::nullopt;
        if (!missing) return;
        const Error error{
            ErrorCode::unavailable, fmt::format("job {}: {}", job->seq, missing->text),
            "restore the files, or mount the disk they are on"};
        if (missing->all) throw Error{error};
        print_error("atlasjob", context.options().json, error);
    }

    static void check_range(
        std::string_view option, const std::optional<std::int64_t>& value, std::int64_t min) {
        if (!value || (*value >= min && *value <= std::numeric_limits<int>::max())) return;
        throw Error(
            ErrorCode::invalid_argument, fmt::format("{} \"{}\": out of range", option, *value),
            fmt::format("use a number of at least {}", min));
    }

    void refuse_later_than(int latest, const Job& job) const {
        if (!attempt_ || *attempt_ <= latest) return;
        throw Error(
            ErrorCode::invalid_argument,
            fmt::format("--attempt \"{}\": job {} is at attempt {}", *attempt_, job.seq, latest),
            fmt::format("use a number from 1 to {}", latest));
    }

    std::vector<std::string> words_;
    bool follow_ = false;
    bool out_ = false;
    bool err_ = false;
    LogForm form_;
    std::optional<std::int64_t> lines_;
    std::optional<std::int64_t> attempt_;
};

}  // namespace

std::unique_ptr<Command> make_logs() {
    return std::make_unique<Logs>();
}

}  // namespace atlasjob::cli

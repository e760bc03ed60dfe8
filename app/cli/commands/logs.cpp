#include "base/error.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/jobs/log_follow.h"
#include "cli/options/arguments.h"
#include "cli/terminal/progress_bar.h"
#include "ledger/find.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace atlasjob::cli {

namespace {

class Logs final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.jobs(words_, 1);
        arguments.flag("-f,--follow", follow_, "go on while it runs, also into further attempts");
        arguments.integer("-n,--lines", lines_, "N", "only the last N lines");
        arguments.flag("--stdout", out_, "only its standard output");
        arguments.flag("--stderr", err_, "only its standard error");
        arguments.flag("--timestamps", form_.timestamps, "with the time of each line");
        arguments.integer("--attempt", attempt_, "N", "of this attempt (default: the latest)");
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
        const SigintGuard interruption;
        const auto store = context.open_to_read();
        const Job job = require_job(*store, words_[0], context.principal(), Detail::summary);
        const int latest = std::max(job.attempt, 1);
        refuse_later_than(latest, job);
        const int first = static_cast<int>(attempt_.value_or(latest));
        LogFollower follower{
            context.location().logs_root,
            job.job_id,
            {first, attempt_ || !follow_ ? std::optional{first} : std::nullopt}};
        LogOutput output{form_};
        if (lines_) {
            const TailRequest tail{static_cast<std::size_t>(*lines_), form_.only};
            for (const LogLine& line : follower.skip_to_tail(tail))
                output.add(line);
        }
        write_present(context, follower, output);
        const bool over = attempt_ && first < latest;  // Nothing more can come of it.
        if (follow_ && !over) {
            static_cast<void>(cli::follow(context, *store, {job.job_id, follower, output}));
        }
        output.finish();
        return 0;
    }

  private:
    static void check_range(
        std::string_view option, const std::optional<std::int64_t>& value, std::int64_t least) {
        if (!value || (*value >= least && *value <= std::numeric_limits<int>::max())) return;
        throw Error(
            ErrorCode::invalid_argument, fmt::format("{} \"{}\": out of range", option, *value),
            fmt::format("give a number from {}", least));
    }

    void refuse_later_than(int latest, const Job& job) const {
        if (!attempt_ || *attempt_ <= latest) return;
        throw Error(
            ErrorCode::invalid_argument,
            fmt::format("--attempt \"{}\": job {} is at attempt {}", *attempt_, job.seq, latest),
            fmt::format("give a number from 1 to {}", latest));
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

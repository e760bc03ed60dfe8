#include "base/error.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/recording.h"
#include "cli/spec.h"
#include "ledger/limits.h"

namespace atlasjob::cli {

namespace {

class Create final : public Command {
  public:
    void declare(Arguments& arguments) override {
        cli::declare(arguments, spec_);
        arguments.integer(
            "--retries", retries_, "N", "how often it may be started again after an error");
        arguments.flag("--start", start_, "its work begins at once");
        arguments.duration(
            "--ttl", ttl_, "how long its silence is believed, renewed by every report");
    }

    void check() override {
        if (retries_ && (*retries_ < 0 || *retries_ >= kMostAttempts)) {
            throw Error(
                ErrorCode::invalid_argument,
                "--retries \"" + std::to_string(*retries_) + "\": out of range",
                "give a number from 0 to " + std::to_string(kMostAttempts - 1));
        }
        // Everything else about the job is checked here too, before the ledger is created for it.
        static_cast<void>(job_of({"usage", false}, Time{}));
    }

    int run(Context& context) override {
        const NewJob job = job_of(context.principal(), context.now());
        const auto store = context.open_to_record();
        const Submitted submitted = record(context, *store, job);
        if (context.options().json) {
            context.answer_job(*store, submitted.job_id);
        } else {
            context.answer(submitted.job_id.str() + '\n');
        }
        return 0;
    }

  private:
    NewJob job_of(const Principal& owner, Time now) const {
        NewJob job = new_job(spec_, owner, now);
        job.max_attempts = static_cast<int>(retries_.value_or(0)) + 1;
        job.lease = ttl_;
        if (start_) job.start_as = AttemptOwner{{}, ttl_};
        atlasjob::check(job);
        return job;
    }

    JobSpec spec_;
    std::optional<std::int64_t> retries_;
    bool start_ = false;
    std::optional<milliseconds> ttl_;
};

}  // namespace

std::unique_ptr<Command> make_create() {
    return std::make_unique<Create>();
}

}  // namespace atlasjob::cli

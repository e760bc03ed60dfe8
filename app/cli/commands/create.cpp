#include "base/error.h"
#include "cli/after_commit.h"
#include "cli/command.h"
#include "cli/jobs/job_verbs.h"
#include "cli/options/arguments.h"
#include "cli/options/spec.h"
#include "ledger/limits.h"

#include <fmt/format.h>

#include <array>

namespace atlasjob::cli {

namespace {

constexpr std::array kParts = {SpecPart::job, SpecPart::start, SpecPart::hook};

[[noreturn]] void refuse_command_option(const SpecOption& option) {
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("--{} does not apply to a created job", option.name),
        "leave it out: it is for commands that atlasjob runs; see atlasjob submit");
}

class Create final : public Command {
  public:
    void declare(Arguments& arguments) override {
        cli::declare(arguments, spec_, kParts, refuse_command_option);
        arguments.flag("--start", start_, "start it immediately");
        arguments.duration("--ttl", ttl_, "consider it lost after this long without a report");
    }

    void check() override {
        const bool waits = !spec_.after.empty() || !spec_.after_ended.empty();
        if (start_ && (spec_.at || spec_.in || waits)) {
            throw Error(
                ErrorCode::invalid_argument,
                "--start cannot be combined with --at, --in, --after or --after-ended",
                "leave it out and call atlasjob start when the work begins");
        }
        // The rest of the job is validated here too, before a ledger is created for it.
        static_cast<void>(job_of({"usage", false}, Time{}));
    }

    int run(Context& context) override {
        const Principal principal = context.principal();
        NewJob job = job_of(principal, context.now());
        job.hook = new_hook(spec_);
        atlasjob::check(job);
        const JobVerbs verbs{context, JobVerbs::Starts::no_worker};
        const auto store = context.open_or_create();
        set_dependencies(job, spec_, *store, principal);
        const Submitted submitted = jobs::submit(verbs.over(*store), job).submitted;
        note_active_key(context, submitted);
        if (submitted.created && is_past(spec_, context.now())) note_past(context);
        AfterCommit after{context};
        after.show(change_of(submitted), [&] {
            if (context.options().json) return context.answer_submitted(*store, submitted);
            context.answer(submitted.job_id.str() + '\n');
        });
        return after.conclude();
    }

  private:
    NewJob job_of(const Principal& owner, Time now) const {
        NewJob job = new_job(spec_, owner, now);
        job.lease = ttl_;
        if (start_) job.start_as = AttemptOwner{{}, ttl_};
        atlasjob::check(job);
        return job;
    }

    Spec spec_;
    bool start_ = false;
    std::optional<milliseconds> ttl_;
};

}  // namespace

std::unique_ptr<Command> make_create() {
    return std::make_unique<Create>();
}

}  // namespace atlasjob::cli

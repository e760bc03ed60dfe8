#include "runner/attempt/on_end.h"

#include "base/error.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options/arguments.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

constexpr const char* kAnyAccount = "--any-account";
constexpr const char* kBounded = "--bounded";

/// Runs the --on-end hook of one ended job and waits for it. Started by the process that ended
/// the job.
class OnEndCommand final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.words(words_, "JOB_ID STATUS", 2);
        arguments.flag(kAnyAccount, any_account_, "of any account, in any ledger");
        arguments.flag(kBounded, bounded_, "within this process's nice value, CPUs and limits");
    }

    void check() override {
        id_ = words_.size() == 2 ? JobId::parse(words_[0]) : std::nullopt;
        const auto status = words_.size() == 2 ? parse_status(words_[1]) : std::nullopt;
        if (!id_ || !status || !is_terminal(*status)) {
            throw Error(
                ErrorCode::invalid_argument,
                "on-end needs the job_id of an ended job and its status",
                "use on-end JOB_ID STATUS");
        }
        status_ = *status;
    }

    int run(Context& context) override {
        EndedJob job{*id_, status_, context.address(), context.principal().name};
        job.any_account = any_account_;
        job.bounded = bounded_;
        run_on_end(*context.open_existing(), job);
        return 0;
    }

  private:
    std::vector<std::string> words_;
    std::optional<JobId> id_;
    Status status_ = Status::done;
    bool any_account_ = false;
    bool bounded_ = false;
};

}  // namespace

std::unique_ptr<Command> make_on_end() {
    return std::make_unique<OnEndCommand>();
}

}  // namespace atlasjob::cli

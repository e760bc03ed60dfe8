#include "cli/after_commit.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/jobs/job_verbs.h"
#include "cli/options/arguments.h"
#include "ledger/limits.h"
#include "view/json_object.h"
#include "view/style.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::cli {

namespace {

constexpr const char* kStatusHint = "see atlasjob status";

/// Base of pause and resume: one queue, or all of them.
class QueueCommand : public Command {
  public:
    void declare(Arguments& arguments) override { arguments.words(words_, "QUEUE", 1); }
    void check() override {
        if (!words_.empty()) check_queue(words_[0]);
    }

  protected:
    std::optional<std::string> queue() const {
        return words_.empty() ? std::nullopt : std::optional{words_[0]};
    }
    std::string subject() const {
        return words_.empty() ? std::string{"every queue"} : fmt::format("queue {}", words_[0]);
    }
    void answer(const Context& context, bool changed, const std::string& text) const {
        if (!context.options().json) return context.confirm(view::printable(text) + '\n');
        std::string json;
        {
            view::JsonObject object{json};
            object.text("queue", queue());
            object.flag("changed", changed);
        }
        context.answer(json + '\n');
    }

  private:
    std::vector<std::string> words_;
};

class Pause final : public QueueCommand {
  public:
    int run(Context& context) override {
        const JobVerbs verbs{context, JobVerbs::Starts::no_worker};
        const auto store = context.open_existing();
        const bool changed = jobs::pause(verbs.over(*store), queue());
        const std::string state =
            fmt::format("{} {} paused", subject(), changed ? "is" : "was already");
        AfterCommit after{context};
        after.show({state, kStatusHint}, [&] {
            answer(context, changed, state + ": queued jobs do not start, running jobs continue");
        });
        return after.conclude();
    }
};

class Resume final : public QueueCommand {
  public:
    int run(Context& context) override {
        const JobVerbs verbs{context};
        const auto store = context.open_existing();
        AfterCommit after{context};
        const auto show = [&](bool changed) {
            const std::string state =
                fmt::format("{} {}", subject(), changed ? "was resumed" : "was not paused");
            after.show({state, kStatusHint}, [&] {
                answer(context, changed, state);
                if (!context.options().quiet && queue() && all_paused(*store)) note_all_paused();
            });
        };
        verbs.report(jobs::resume(verbs.over(*store), queue(), show).worker);
        return after.conclude();
    }

  private:
    static void note_all_paused() {
        write_note("atlasjob: all queues are still paused; run atlasjob resume to resume them\n");
    }

    static bool all_paused(Store& store) {
        const auto paused = store.paused_queues();
        return std::ranges::any_of(paused, [](const PausedQueue& p) { return !p.queue; });
    }
};

}  // namespace

std::unique_ptr<Command> make_pause() {
    return std::make_unique<Pause>();
}

std::unique_ptr<Command> make_resume() {
    return std::make_unique<Resume>();
}

}  // namespace atlasjob::cli

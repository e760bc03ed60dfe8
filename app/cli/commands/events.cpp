#include "base/error.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/jobs/job_watch.h"
#include "cli/jobs/watched_ledger.h"
#include "cli/options/arguments.h"
#include "cli/terminal/progress_bar.h"
#include "ledger/find.h"
#include "view/job_json.h"
#include "view/reports.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

class Events final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.jobs(words_, 1);
        arguments.flag("-f,--follow", follow_, "go on; of a JOB, until it has ended");
        arguments.integer(
            "--since", since_, "SEQ", "only what came after the event of this number");
    }

    void check() override {
        if (!since_ || *since_ >= 0) return;
        throw Error(
            ErrorCode::invalid_argument, fmt::format("--since \"{}\": out of range", *since_),
            "give the number of an event, or 0 for all");
    }

    int run(Context& context) override {
        const SigintGuard interruption;
        const auto store = context.open_to_read();
        const auto bell = store->watch_changes();
        EventQuery query;
        query.after_seq = since_.value_or(0);
        std::optional<JobWatch> job;
        if (!words_.empty()) {
            query.job_id =
                require_job(*store, words_[0], context.principal(), Detail::summary).job_id;
            job.emplace(context, *store, *query.job_id);
        }
        WatchedLedger ledger{context};
        for (;;) {
            // Looked at first: what is written after its end is not missed then.
            const bool ended =
                follow_ && job && ledger.read([&] { return job->look().has_value(); });
            if (ledger.is_replaced()) begin_anew(query);
            const bool is_read = ledger.read([&] { return show(context, *store, query); });
            if (!is_read || !follow_ || ended) return 0;
            sleep_on(*bell, {});
        }
    }

  private:
    /// Another file has numbers of its own: what it tells of a later time is new.
    void begin_anew(EventQuery& query) {
        query.after_seq = 0;
        known_until_ = shown_until_;
    }

    /// Prints what is new and moves the query on. False: nobody reads it any more.
    bool show(const Context& context, Store& store, EventQuery& query) {
        const Principal principal = context.principal();
        for (;;) {
            const std::vector<Event> events = store.events_since(query, principal);
            if (events.empty()) return true;
            std::string text;
            for (const Event& event : events) {
                if (known_until_ && event.at <= *known_until_) continue;
                shown_until_ = event.at;
                text += context.options().json
                            ? view::event_json(event) + '\n'
                            : view::event_text(event, context.now(), context.style());
            }
            query.after_seq = events.back().seq;
            if (!write_stream(text)) return false;
        }
    }

    std::vector<std::string> words_;
    bool follow_ = false;
    std::optional<std::int64_t> since_;
    std::optional<Time> shown_until_;  ///< When the last one happened that was shown.
    std::optional<Time> known_until_;  ///< What a ledger's earlier file told of already.
};

}  // namespace

std::unique_ptr<Command> make_events() {
    return std::make_unique<Events>();
}

}  // namespace atlasjob::cli

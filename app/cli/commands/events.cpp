#include "base/error.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/jobs/job_watch.h"
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
        arguments.flag(
            "-f,--follow", follow_, "keep printing new events; with JOB, until it has ended");
        arguments.integer("--since", since_, "SEQ", "only events after this event number");
    }

    void check() override {
        if (!since_ || *since_ >= 0) return;
        throw Error(
            ErrorCode::invalid_argument, fmt::format("--since \"{}\": out of range", *since_),
            "use an event number, or 0 for all events");
    }

    int run(Context& context) override {
        const SigintGuard sigint_guard;
        const auto store = context.open_to_read();
        const auto change_watch = store->watch_changes();
        EventQuery query;
        query.after_seq = since_.value_or(0);
        std::optional<jobs::JobWatch> job;
        if (!words_.empty()) {
            query.job_id =
                require_job(*store, words_[0], context.principal(), Detail::summary).job_id;
            job.emplace(watching(context, *store), *query.job_id);
        }
        jobs::WatchedLedger ledger = watched_ledger(context);
        for (;;) {
            // Checked before the events are read, so that events written up to its end are not
            // missed.
            const bool ended =
                follow_ && job && ledger.read([&] { return job->poll().has_value(); });
            if (ledger.is_replaced()) restart(query);
            const bool is_read = ledger.read([&] { return show(context, *store, query); });
            if (!is_read || !follow_ || ended) return 0;
            jobs::sleep_on(*change_watch);
        }
    }

  private:
    /// The event numbers of another file are unrelated, so events later than those already shown
    /// count as new.
    void restart(EventQuery& query) {
        query.after_seq = 0;
        known_until_ = shown_until_;
    }

    /// Prints new events and advances the query. Returns false if the reader of the output has
    /// gone.
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
    std::optional<Time> shown_until_;  ///< Time of the last event shown.
    std::optional<Time>
        known_until_;  ///< Events up to here were shown from an earlier file of the ledger.
};

}  // namespace

std::unique_ptr<Command> make_events() {
    return std::make_unique<Events>();
}

}  // namespace atlasjob::cli

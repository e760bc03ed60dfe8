#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/jobs/active_jobs.h"
#include "cli/jobs/event_cursor.h"
#include "cli/jobs/job_watch.h"
#include "cli/options/arguments.h"
#include "cli/terminal/output.h"
#include "cli/terminal/progress_bar.h"
#include "ledger/find.h"
#include "ledger/transition.h"
#include "view/job_json.h"
#include "view/reports.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>

namespace atlasjob::cli {

namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
    throw Error(ErrorCode::invalid_argument, what, hint);
}

/// Whether a job ended with it. A note on an ended job is not a transition.
bool is_end(const Event& event) {
    const bool is_transition =
        std::ranges::any_of(kVerbs, [&](Verb verb) { return to_string(verb) == event.type; });
    return is_transition && is_terminal(event.to) && !(event.from && is_terminal(*event.from));
}

class Events final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.jobs(words_, 1);
        arguments.flag(
            "-f,--follow", follow_, "keep printing new events; with JOB, until it has ended");
        arguments.flag(
            "--until-idle", until_idle_,
            "with --follow: until no job is queued or running; with --session, none of it");
        arguments.text("--session", session_, "SESSION", "only of jobs of this conversation");
        arguments.flag("--ended", ended_only_, "only the ends of jobs");
        arguments.integer("--since", since_, "SEQ", "only events after this event number");
        arguments.text(
            "--cursor-file", cursor_file_, "FILE",
            "continue after the event number in this file, and keep it up to date");
    }

    void check() override {
        if (since_ && *since_ < 0) {
            refuse(
                fmt::format("--since \"{}\": out of range", *since_),
                "use an event number, or 0 for all events");
        }
        if (session_ && session_->empty())
            refuse("--session must not be empty", "name the session, or leave the option out");
        if (session_ && !words_.empty())
            refuse("JOB and --session are mutually exclusive", "give one of them");
        if (since_ && cursor_file_)
            refuse("--since and --cursor-file are mutually exclusive", "give one of them");
        if (until_idle_ && !follow_) refuse("--until-idle requires --follow", "add --follow");
    }

    int run(Context& context) override {
        const SigintGuard sigint_guard;
        if (cursor_file_) cursor_.emplace(*cursor_file_);
        const EventMark start = cursor_ ? cursor_->load() : EventMark{since_.value_or(0)};
        EventQuery query;
        query.after_seq = start.seq;
        query.session = session_;
        const auto store = context.open_to_read();
        // Before the first read, so that a replacement from then on is noticed.
        jobs::WatchedLedger ledger = watched_ledger(context);
        check_start(context, *store, start, query);
        const auto change_watch = store->watch_changes();
        if (!words_.empty()) {
            query.job_id =
                require_job(*store, words_[0], context.principal(), Detail::summary).job_id;
        }
        const std::function<bool()> is_over = end_check(context, *store, query);
        for (;;) {
            // Checked before the events are read, so that events written up to its end are not
            // missed.
            const bool ended = follow_ && ledger.read(is_over);
            if (ledger.is_replaced()) restart(query);
            const bool is_read = ledger.read([&] { return show(context, *store, query); });
            if (!is_read || !follow_ || ended || reader_has_left()) return 0;
            jobs::sleep_on(*change_watch);
        }
    }

  private:
    /// A cursor of a ledger that has been replaced since starts again with what is new. Event
    /// numbers that were typed count as they are.
    void check_start(
        const Context& context, Store& store, const EventMark& start, EventQuery& query) {
        shown_until_ = start.at;
        if (may_be_of(store, start)) return;
        if (!cursor_) {
            return write_note(fmt::format(
                "atlasjob: --since {0}: the ledger's last event is {1}\n", start.seq,
                store.event_position(0, context.principal()).last_seq));
        }
        write_note(fmt::format(
            "atlasjob: --cursor-file {}: the ledger was replaced or restored; showing {}\n",
            repair_utf8(*cursor_file_), start.at ? "the events since then" : "all its events"));
        restart(query);
    }

    /// Returns whether following ends. Jobs that are followed are seen to, as by `wait`.
    std::function<bool()> end_check(
        const Context& context, Store& store, const EventQuery& query) const {
        if (query.job_id) {
            return [watch = jobs::JobWatch{watching(context, store), *query.job_id}]() mutable {
                return watch.poll().has_value();
            };
        }
        if (!session_ && !until_idle_) return [] { return false; };
        JobFilter filter;
        if (session_) filter.sessions = {*session_};
        return [active = std::make_shared<ActiveJobs>(context, store, filter), this] {
            return !active->poll() && until_idle_;
        };
    }

    /// The event numbers of another file are unrelated, so events later than those already shown
    /// count as new.
    void restart(EventQuery& query) {
        query.after_seq = 0;
        if (shown_until_) known_until_ = shown_until_;
    }

    /// Prints new events and advances the query. Returns false if the reader of the output has
    /// gone.
    bool show(const Context& context, Store& store, EventQuery& query) {
        const Principal principal = context.principal();
        for (;;) {
            const std::vector<Event> events = store.events_since(query, principal);
            if (events.empty()) return true;
            query.after_seq = events.back().seq;
            if (!write_stream(text_of(context, events))) return false;
            // Saved after the write, so that events that were not printed are printed next time.
            if (cursor_) cursor_->save({query.after_seq, events.back().at});
        }
    }

    std::string text_of(const Context& context, const std::vector<Event>& events) {
        std::string text;
        for (const Event& event : events) {
            if (known_until_ && event.at <= *known_until_) continue;
            shown_until_ = event.at;
            if (ended_only_ && !is_end(event)) continue;
            text += context.options().json
                        ? view::event_json(event) + '\n'
                        : view::event_text(event, context.now(), context.style());
        }
        return text;
    }

    std::vector<std::string> words_;
    bool follow_ = false;
    bool until_idle_ = false;
    bool ended_only_ = false;
    std::optional<std::string> session_;
    std::optional<std::int64_t> since_;
    std::optional<std::string> cursor_file_;
    std::optional<EventCursor> cursor_;
    std::optional<Time> shown_until_;  ///< Time of the last event shown.
    std::optional<Time>
        known_until_;  ///< Events up to here were shown from an earlier file of the ledger.
};

}  // namespace

std::unique_ptr<Command> make_events() {
    return std::make_unique<Events>();
}

}  // namespace atlasjob::cli

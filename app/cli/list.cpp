#include "base/error.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/filters.h"
#include "view/cursor.h"
#include "view/job_json.h"
#include "view/overview.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

constexpr std::int64_t kLargestPage = 10'000;

class List final : public Command {
  public:
    void declare(Arguments& arguments) override {
        declare_filters(arguments, filters_);
        declare_list_filters(arguments, filters_);
        arguments.group("Options");
        arguments.integer("--limit", limit_, "N", "at most so many (default: 50)");
        arguments.text("--cursor", cursor_, "CURSOR", "go on where the page before ended");
        arguments.flag("--ids", ids_, "print job_ids only, one a line");
    }

    void check() override {
        if (limit_ && (*limit_ < 1 || *limit_ > kLargestPage)) {
            throw Error(
                ErrorCode::invalid_argument, fmt::format("--limit \"{}\": out of range", *limit_),
                fmt::format("give a number from 1 to {}", kLargestPage));
        }
        if (!cursor_) return;
        filters_.query.before_seq = view::parse_cursor(*cursor_);
        if (!filters_.query.before_seq) {
            throw Error(
                ErrorCode::invalid_argument, "--cursor: this is not the cursor of a page before",
                "give next_cursor as it was printed, or none for the first page");
        }
    }

    int run(Context& context) override {
        const Principal principal = context.principal();
        const auto store = context.open_to_read();
        const Time now = context.now();
        ListQuery query = filters_.at(now);
        query.limit = static_cast<int>(limit_.value_or(query.limit));
        show(context, store->list(query, principal), now);
        return 0;
    }

  private:
    void show(const Context& context, const JobPage& page, Time now) const {
        if (ids_) return show_ids(context, page);
        if (context.options().json) return context.answer(view::page_json(page, now) + '\n');
        context.answer(view::jobs_text(page.jobs, now, context.style()));
        if (!page.next_seq || context.options().quiet) return;
        write_note(fmt::format(
            "{} of {} jobs; more with --cursor {}\n", page.jobs.size(), page.total,
            view::format_cursor(*page.next_seq)));
    }

    static void show_ids(const Context& context, const JobPage& page) {
        std::string ids;
        for (const Job& job : page.jobs)
            ids += job.job_id.str() + '\n';
        context.answer(ids);
    }

    Filters filters_;
    std::optional<std::int64_t> limit_;
    std::optional<std::string> cursor_;
    bool ids_ = false;
};

}  // namespace

std::unique_ptr<Command> make_list() {
    return std::make_unique<List>();
}

}  // namespace atlasjob::cli

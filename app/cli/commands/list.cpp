#include "base/error.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options/arguments.h"
#include "cli/options/filters.h"
#include "view/cursor.h"
#include "view/job_format.h"
#include "view/job_json.h"
#include "view/overview.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

constexpr std::int64_t kMaxLimit = 10'000;

class List final : public Command {
  public:
    void declare(Arguments& arguments) override {
        declare_filters(arguments, filters_);
        arguments.group("Options");
        arguments.integer("--limit", limit_, "N", "maximum number of jobs (default: 50)");
        arguments.text(
            "--cursor", cursor_, "CURSOR", "continue after the page that printed this cursor");
        declare_order(arguments, query_.order);
        arguments.flag("--ids", ids_, "print only job_ids, one per line");
        arguments.value(
            "--format", [&](const std::string& text) { format_.emplace(text); }, "TEXT",
            "print one line per job with these fields: '{seq} {status} {result.files}'");
    }

    void check() override {
        if (limit_ && (*limit_ < 1 || *limit_ > kMaxLimit)) {
            throw Error(
                ErrorCode::invalid_argument, fmt::format("--limit \"{}\": out of range", *limit_),
                fmt::format("give a number from 1 to {}", kMaxLimit));
        }
        if (ids_ && format_) {
            throw Error(
                ErrorCode::invalid_argument, "--ids and --format are mutually exclusive",
                "use --format '{job_id}' with the other fields");
        }
        if (cursor_ && !view::apply_cursor(*cursor_, query_)) {
            throw Error(
                ErrorCode::invalid_argument, "--cursor does not belong to this --sort order",
                "use next_cursor and --sort of the previous page, or no --cursor for the first "
                "page");
        }
    }

    int run(Context& context) override {
        if (context.options().json && (ids_ || format_)) {
            throw Error(
                ErrorCode::invalid_argument,
                fmt::format("--json and {} are mutually exclusive", ids_ ? "--ids" : "--format"),
                "give one of them");
        }
        const Principal principal = context.principal();
        const auto store = context.open_to_read();
        const Time now = context.now();
        query_.filter = filters_.at(now);
        query_.limit = static_cast<int>(limit_.value_or(query_.limit));
        show(context, store->list(query_, principal), now);
        return 0;
    }

  private:
    void show(const Context& context, const JobPage& page, Time now) const {
        const ListOrder& order = query_.order;
        if (ids_ || format_) {
            context.answer(lines(page, now));
        } else if (context.options().json) {
            return context.answer(view::page_json(page, now, order) + '\n');
        } else {
            context.answer(view::jobs_text(page.jobs, now, context.style()));
        }
        const auto cursor = view::format_cursor(page, order);
        if (!cursor || context.options().quiet) return;
        write_note(fmt::format(
            "{} of {} jobs; more with --cursor {}\n", page.jobs.size(), page.total, *cursor));
    }

    std::string lines(const JobPage& page, Time now) const {
        std::string text;
        for (const Job& job : page.jobs)
            text += format_ ? format_->line(job, now) : job.job_id.str() + '\n';
        return text;
    }

    Filters filters_;
    ListQuery query_;
    std::optional<std::int64_t> limit_;
    std::optional<std::string> cursor_;
    std::optional<view::JobFormat> format_;
    bool ids_ = false;
};

}  // namespace

std::unique_ptr<Command> make_list() {
    return std::make_unique<List>();
}

}  // namespace atlasjob::cli

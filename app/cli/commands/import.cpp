#include "base/error.h"
#include "base/text.h"
#include "cli/after_commit.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options/arguments.h"
#include "cli/options/line_reader.h"
#include "cli/options/record_line.h"
#include "cli/terminal/progress_bar.h"
#include "view/reports.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

/// Rethrows an error with the number of the current line.
[[noreturn]] void refuse_line(const LineReader& lines, const Error& error) {
    throw Error(
        error.code(),
        fmt::format("line {} of {}: {}", lines.number(), lines.name(), error.message()),
        fmt::format("{}; nothing was imported", error.hint().empty() ? "fix it" : error.hint()));
}

/// The record of the next line that is not empty.
std::optional<JobRecord> next_record(LineReader& lines) {
    while (const auto line = lines.next()) {
        if (trim(*line).empty()) continue;
        try {
            return read_record_line(*line);
        } catch (const Error& error) {
            refuse_line(lines, error);
        }
    }
    return {};
}

[[noreturn]] void refuse_owner(const LineReader& lines, const std::string& owner) {
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format(
            "line {} of {}: the job belongs to \"{}\", another owner", lines.number(), lines.name(),
            owner),
        "add --admin to import the jobs of every owner; nothing was imported");
}

class Import final : public Command {
  public:
    void declare(Arguments& arguments) override { arguments.words(words_, "FILE|-", 1); }

    void check() override {
        if (!words_.empty()) return;
        throw Error(
            ErrorCode::invalid_argument, "no FILE given",
            "give an export file, or - for standard input");
    }

    int run(Context& context) override {
        LineReader lines{words_[0]};
        // Invalid lines are found before the write lock is taken.
        const std::int64_t highest_seq = check_lines(context, lines);
        const auto store = context.open_or_create();
        const Imported imported = import_lines(context, lines, *store, highest_seq);
        AfterCommit after{context};
        after.show({"the jobs are imported", "see atlasjob list"}, [&] {
            if (context.options().json) return context.answer(view::import_json(imported) + '\n');
            context.confirm(view::import_text(imported));
        });
        return after.conclude();
    }

  private:
    static std::int64_t check_lines(const Context& context, LineReader& lines) {
        ProgressBar progress_bar{context, "checking", ProgressBar::Stop::at_once};
        std::int64_t highest = 0;
        const Principal principal = context.principal();
        while (const auto record = next_record(lines)) {
            if (!principal.may_see(record->job.owner)) refuse_owner(lines, record->job.owner);
            highest = std::max(highest, record->job.seq);
            progress_bar.at(lines.position(), lines.size());
        }
        return highest;
    }

    static Imported import_lines(
        const Context& context, LineReader& lines, Store& store, std::int64_t highest_seq) {
        ProgressBar progress_bar{context, "importing", ProgressBar::Stop::undoing};
        lines.rewind();
        const auto next = [&] {
            progress_bar.at(lines.position(), lines.size());
            return next_record(lines);
        };
        try {
            return store.import_jobs({next, highest_seq});
        } catch (const Error& error) {
            // Errors of next_record already name the line; it throws if the file has changed
            // meanwhile.
            if (error.code() != ErrorCode::refused) throw;
            refuse_line(lines, error);
        }
    }

    std::vector<std::string> words_;
};

}  // namespace

std::unique_ptr<Command> make_import() {
    return std::make_unique<Import>();
}

}  // namespace atlasjob::cli

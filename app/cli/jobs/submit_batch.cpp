#include "cli/jobs/submit_batch.h"

#include "base/error.h"
#include "base/text.h"
#include "cli/after_commit.h"
#include "cli/options/batch.h"
#include "cli/options/spec_values.h"
#include "ledger/limits.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::cli {

namespace {

constexpr std::size_t kMaxBatch = 1UL << 30U;

/// Makes the job of each line, without dependencies.
class JobMaker {
  public:
    JobMaker(const Principal& owner, Time now) : owner_(owner), now_(now) {}

    NewJob make(const BatchLine& line) {
        NewJob job = new_job(line.spec, owner_, now_);
        job.command = capture(line);
        apply(line.spec, *job.command);
        atlasjob::check(job);
        return job;
    }

  private:
    /// Most lines use the environment of this process unchanged, so it is captured only once.
    CommandSpec capture(const BatchLine& line) {
        const CaptureOptions& options = line.spec.capture;
        if (options.cwd || options.clean_env || !options.env.empty())
            return capture_command(line.command, options);
        if (!captured_) captured_ = capture_command(line.command, {});
        CommandSpec command = *captured_;
        command.argv = line.command;
        return command;
    }

    Principal owner_;
    Time now_;
    std::optional<CommandSpec> captured_;
};

/// Runs `step` for a line; errors about the line are rethrown with its number.
template <class Step>
void for_line(const BatchLine& line, const std::string& source, Step step) {
    try {
        step();
    } catch (const Error& error) {
        const bool about_line = error.code() == ErrorCode::invalid_argument
                                || error.code() == ErrorCode::not_found
                                || error.code() == ErrorCode::expired;
        if (!about_line) throw;
        refuse_line(line.number, source, error.message());
    }
}

std::string ids_of(std::span<const Submitted> submitted, char separator) {
    std::string ids;
    for (const Submitted& one : submitted) {
        ids += one.job_id.view();
        ids += separator;
    }
    return ids;
}

void answer(
    const Context& context,
    Store& store,
    std::span<const Submitted> submitted,
    AfterCommit& after) {
    if (context.options().json) {
        for (const Submitted& one : submitted)
            after.show(change_of(one), [&] { context.answer_submitted(store, one); });
        return;
    }
    const std::string ids = ids_of(submitted, ' ');
    after.show({"recorded as " + std::string{trim(ids)}, "see atlasjob list"}, [&] {
        context.answer(ids_of(submitted, '\n'));
    });
}

/// "line 3 of FILE", "lines 3, 5, 8 of FILE", or "lines 1, 2, …, 10 and 7 more of FILE"
std::string name_lines(const std::vector<std::size_t>& numbers, const std::string& source) {
    constexpr std::size_t kShown = 10;
    const std::size_t shown = std::min(numbers.size(), kShown);
    std::string text = fmt::format("{}", fmt::join(std::span{numbers}.first(shown), ", "));
    if (numbers.size() > kShown) text += fmt::format(" and {} more", numbers.size() - kShown);
    return fmt::format("line{} {} of {}", numbers.size() == 1 ? "" : "s", text, source);
}

void note_lines(
    const Context& context, const std::string& where, std::size_t count, std::string_view what) {
    if (count > 0) note_unless_quiet(context, fmt::format("{}: {}", where, what));
}

/// Notes the lines that submitted nothing, and those whose time has passed.
void note_unexpected(
    const Context& context,
    const std::string& source,
    const std::vector<BatchLine>& lines,
    std::span<const Submitted> submitted) {
    std::vector<std::size_t> active;
    std::vector<std::size_t> past;
    std::string active_seq;
    for (std::size_t at = 0; at < lines.size(); ++at) {
        if (!submitted[at].created) {
            active.push_back(lines[at].number);
            active_seq = std::to_string(submitted[at].seq);
        } else if (is_past(lines[at].spec, context.now())) {
            past.push_back(lines[at].number);
        }
    }
    note_lines(
        context, name_lines(active, source), active.size(),
        active.size() == 1
            ? fmt::format("job {} with this key is active: nothing was submitted", active_seq)
            : "jobs with these keys are active: nothing was submitted");
    note_lines(
        context, name_lines(past, source), past.size(),
        past.size() == 1 ? "that time has passed: the job does not wait for it"
                         : "these times have passed: the jobs do not wait for them");
}

}  // namespace

int submit_batch(const Context& context, const JobVerbs& verbs, const BatchRequest& request) {
    const std::string source = request.file == "-" ? "standard input" : request.file;
    const Principal principal = context.principal();
    const auto lines =
        read_batch(read_text("--batch", request.file, kMaxBatch), source, request.defaults);
    JobMaker maker{principal, context.now()};
    std::vector<NewJob> new_jobs;
    new_jobs.reserve(lines.size());
    for (const BatchLine& line : lines)
        for_line(line, source, [&] { new_jobs.push_back(maker.make(line)); });
    if (new_jobs.empty()) return 0;
    const auto store = context.open_or_create();
    for (std::size_t at = 0; at < lines.size(); ++at) {
        for_line(lines[at], source, [&] {
            set_dependencies(new_jobs[at], lines[at].spec, *store, principal);
        });
    }
    AfterCommit after{context};
    const auto show = [&](std::span<const Submitted> submitted) {
        answer(context, *store, submitted, after);
    };
    const jobs::SubmitAllResult result = jobs::submit_all(verbs.over(*store), new_jobs, show);
    note_unexpected(context, source, lines, result.submitted);
    verbs.report(result.worker);
    return after.conclude();
}

}  // namespace atlasjob::cli

#include "base/environment_path.h"
#include "base/error.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options/arguments.h"
#include "cli/options/config_file.h"
#include "cli/options/selection.h"
#include "cli/options/spec_values.h"
#include "view/style.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>

namespace atlasjob::cli {

namespace {

constexpr int kMaxJobs = 100;
constexpr std::size_t kNoteColumns = 60;

constexpr std::array kQueued = {Status::queued};
constexpr std::array kRunning = {Status::running};

/// The statuses of jobs that a command accepts; commands not listed accept any job.
struct AcceptedStatuses {
    std::string_view command;
    std::span<const Status> statuses;
};

// clang-format off
constexpr std::array kAccepted = {
    AcceptedStatuses{"cancel", kActiveStatuses},
    AcceptedStatuses{"wait",   kActiveStatuses},
    AcceptedStatuses{"retry",  kEndedStatuses},
    AcceptedStatuses{"rm",     kEndedStatuses},
    AcceptedStatuses{"edit",   kQueued},
    AcceptedStatuses{"start",  kQueued},
    AcceptedStatuses{"report", kRunning},
    AcceptedStatuses{"finish", kRunning},
    AcceptedStatuses{"send",   kRunning},
};
// clang-format on

/// The options on the line being completed that select the ledger and the owner. The words are as
/// typed; unknown ones are ignored.
GlobalOptions options_on(const std::vector<std::string>& words, GlobalOptions options) {
    const auto take = [&](std::string_view name, const std::string& value) {
        const auto home = environment_path("HOME");
        if (name == "--ledger")
            options.ledger = value.starts_with("~/") && home ? *home + value.substr(1) : value;
        if (name == "--principal") options.principal = value;
    };
    for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
        const std::string& word = words[i];
        if (word == "--admin") options.admin = true;
        const std::size_t sign = word.find('=');
        if (sign != std::string::npos) {
            take(word.substr(0, sign), word.substr(sign + 1));
        } else if (i + 1 < words.size() && words[i + 1] != "=") {
            take(word, words[i + 1]);
        } else if (i + 2 < words.size()) {
            take(word, words[i + 2]);  // bash splits --ledger=PATH into words.
        }
    }
    return options;
}

std::string note_of(const Job& job) {
    const std::string what = job.name               ? view::printable(*job.name)
                             : !job.command.empty() ? view::command_text(job.command)
                                                    : view::printable(job.kind);
    return view::fitted(fmt::format("{}: {}", to_string(job.status), what), kNoteColumns);
}

std::string lines_of(const std::set<std::string>& names) {
    std::string lines;
    for (const std::string& name : names)
        lines += view::printable(name) + '\n';
    return lines;
}

/// Called by the completion scripts: prints candidates, one per line, each with a description after
/// a tab. It runs while the user types, so it never prints errors and never creates a ledger.
class Complete final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.words(words_, "jobs|queues|kinds COMMAND", 0);
        arguments.text("--prefix", prefix_, "TEXT", "the part typed so far");
    }
    bool tolerates_bad_config() const override { return true; }

    int run(Context& context) override {
        const std::size_t count = context.tail() ? words_.size() - context.tail()->size() : 0;
        if (count == 0) return 0;
        std::string lines;
        try {
            const GlobalOptions options = options_on(*context.tail(), context.options());
            const CommandLine line;
            const Context ledger_context{options, line, context.config(), context.clock()};
            const auto store = ledger_context.open_to_read();
            lines = candidates(words_[0], count > 1 ? words_[1] : "", ledger_context, *store);
        } catch (const Error&) {
            return 0;
        }
        context.answer(lines);
        return 0;
    }

  private:
    std::string candidates(
        std::string_view what,
        std::string_view command,
        const Context& context,
        Store& store) const {
        if (what == "jobs") return jobs(command, context, store);
        std::set<std::string> names;
        for (const Count& count : store.count(context.principal()))
            names.insert(what == "queues" ? count.queue : count.kind);
        return lines_of(names);
    }

    /// Lists jobs by number, newest first, or by job_id if the prefix starts with 0: numbers never
    /// do, and job_ids will for centuries.
    std::string jobs(std::string_view command, const Context& context, Store& store) const {
        ListQuery query;
        const auto accepted = std::ranges::find(kAccepted, command, &AcceptedStatuses::command);
        if (accepted != kAccepted.end())
            query.filter.statuses.assign(accepted->statuses.begin(), accepted->statuses.end());
        query.limit = kMaxJobs;
        const bool by_id = prefix_ && prefix_->starts_with('0');
        std::string lines;
        for (const Job& job : store.list(query, context.principal()).jobs) {
            lines += fmt::format(
                "{}\t{}\n", by_id ? job.job_id.str() : std::to_string(job.seq), note_of(job));
        }
        if (!lines.empty() && !by_id) lines += "last\tyour newest job\n";
        return lines;
    }

    std::vector<std::string> words_;
    std::optional<std::string> prefix_;
};

}  // namespace

std::unique_ptr<Command> make_complete() {
    return std::make_unique<Complete>();
}

}  // namespace atlasjob::cli

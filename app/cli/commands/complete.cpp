#include "base/error.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options/arguments.h"
#include "cli/options/config_file.h"
#include "cli/options/spec_values.h"
#include "view/style.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace atlasjob::cli {

namespace {

constexpr int kMaxJobs = 100;
constexpr std::size_t kNoteColumns = 60;

/// Which jobs a command can be about; those that are not listed take any.
struct Fitting {
    std::string_view command;
    std::vector<Status> (*statuses)();
};

std::vector<Status> active() {
    return {Status::queued, Status::running};
}
std::vector<Status> ended() {
    return {Status::done, Status::error, Status::cancelled};
}
std::vector<Status> queued() {
    return {Status::queued};
}
std::vector<Status> running() {
    return {Status::running};
}

// clang-format off
constexpr std::array kFitting = {
    Fitting{"cancel", active},
    Fitting{"wait",   active},
    Fitting{"retry",  ended},
    Fitting{"rm",     ended},
    Fitting{"edit",   queued},
    Fitting{"start",  queued},
    Fitting{"report", running},
    Fitting{"finish", running},
    Fitting{"send",   running},
};
// clang-format on

/// The options on the line that is being completed that say which jobs there are. Its words are as
/// they were typed: what is not understood is passed over.
GlobalOptions options_on(const std::vector<std::string>& words, GlobalOptions options) {
    const auto take = [&](std::string_view name, const std::string& value) {
        const auto home = environment("HOME");
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
            take(word, words[i + 2]);  // bash takes --ledger=PATH apart.
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

/// What the completion scripts ask for: candidates, one a line, with what they stand for after a
/// tab. Never says what went wrong, never makes a ledger: somebody is typing.
class Complete final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.words(words_, "jobs|queues|kinds COMMAND", 0);
        arguments.text("--prefix", prefix_, "TEXT", "what has been typed of it");
    }
    bool tolerates_bad_config() const override { return true; }

    int run(Context& context) override {
        const std::size_t given = context.tail() ? words_.size() - context.tail()->size() : 0;
        if (given == 0) return 0;
        std::string lines;
        try {
            const GlobalOptions options = options_on(*context.tail(), context.options());
            const CommandLine line;
            const Context asked{options, line, context.config(), context.clock()};
            const auto store = asked.open_to_read();
            lines = candidates(words_[0], given > 1 ? words_[1] : "", asked, *store);
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

    /// By number, newest first; by job_id once something has been typed that begins none: numbers
    /// begin with no 0, and job_ids with no other digit for centuries.
    std::string jobs(std::string_view command, const Context& context, Store& store) const {
        ListQuery query;
        const auto fitting = std::ranges::find(kFitting, command, &Fitting::command);
        if (fitting != kFitting.end()) query.statuses = fitting->statuses();
        query.limit = kMaxJobs;
        const bool by_id = prefix_ && prefix_->starts_with('0');
        std::string lines;
        for (const Job& job : store.list(query, context.principal()).jobs) {
            lines += fmt::format(
                "{}\t{}\n", by_id ? job.job_id.str() : std::to_string(job.seq), note_of(job));
        }
        if (!lines.empty() && !by_id) lines += "last\tmy newest job\n";
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

#include "cli/after_commit.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options/arguments.h"
#include "view/json_object.h"

#include <fmt/format.h>

#include <span>

namespace atlasjob::cli {

namespace {

std::string steps_json(const SchemaSteps& steps, bool dry_run) {
    std::string out;
    {
        view::JsonObject object{out};
        object.integer("from", std::int64_t{steps.version});
        object.integer("to", std::int64_t{steps.known});
        object.texts("steps", steps.missing);
        object.flag("dry_run", dry_run);
    }
    return out;
}

std::string steps_text(const SchemaSteps& steps, bool dry_run) {
    if (steps.missing.empty())
        return fmt::format("schema version {}: nothing to do\n", steps.version);
    std::string text = fmt::format(
        "schema version {}, {} to {}:\n", steps.version, dry_run ? "would migrate" : "migrated",
        steps.known);
    for (const std::string& step : steps.missing)
        text += fmt::format("  {}\n", step);
    return text;
}

std::string waiting_text(std::span<const OlderAttempt> older) {
    std::string text = "atlasjob: waiting for jobs that older programs run:\n";
    for (const OlderAttempt& attempt : older)
        text += fmt::format("  job {} (pid {} on {})\n", attempt.seq, attempt.pid, attempt.host);
    return text;
}

class Migrate final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.flag("--dry-run", dry_run_, "show what would be done without doing it");
    }

    int run(Context& context) override {
        const LedgerAddress address = context.address();
        const SchemaSteps steps = inspect_schema(address);
        if (!dry_run_ && !steps.missing.empty()) migrate(context, address);
        const bool changed = !dry_run_ && !steps.missing.empty();
        AfterCommit after{context};
        after.show(
            {changed ? "the ledger was migrated" : "nothing was changed",
             "see atlasjob migrate --dry-run"},
            [&] {
                if (context.options().json)
                    return context.answer(steps_json(steps, dry_run_) + '\n');
                context.confirm(steps_text(steps, dry_run_));
            });
        return after.conclude();
    }

  private:
    /// Waits for attempts whose supervisors could not write the migrated ledger.
    static void migrate(const Context& context, const LedgerAddress& address) {
        std::string shown;
        migrate_ledger(
            address,
            [&](std::span<const OlderAttempt> older) {
                const std::string text = waiting_text(older);
                if (text != shown && !context.options().quiet) write_note(text);
                shown = text;
            },
            context.clock());
    }

    bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> make_migrate() {
    return std::make_unique<Migrate>();
}

}  // namespace atlasjob::cli

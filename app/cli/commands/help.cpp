#include "cli/help/help.h"

#include "base/error.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/help/manual.h"
#include "cli/options/arguments.h"
#include "cli/options/spec_values.h"

#include <array>

namespace atlasjob::cli {

namespace {

/// `help CMD` is the same as `CMD --help`.
class HelpCommand final : public Command {
  public:
    void declare(Arguments& arguments) override { arguments.words(words_, "COMMAND", 1); }

    void check() override {
        if (!words_.empty()) row_ = &find_command(words_[0]);
    }

    bool tolerates_bad_config() const override { return true; }

    int run(Context& context) override {
        context.answer(row_ == nullptr ? program_help() : command_help(*row_));
        return 0;
    }

  private:
    std::vector<std::string> words_;
    const CommandRow* row_ = nullptr;
};

}  // namespace

std::unique_ptr<Command> make_help() {
    return std::make_unique<HelpCommand>();
}

namespace {

constexpr std::array<std::string_view, 3> kPages = {
    "atlasjob.1", "atlasjob-config.5", "settings.md"};

/// Prints a manual page; the build generates the installed files with it.
class ManualCommand final : public Command {
  public:
    void declare(Arguments& arguments) override { arguments.words(words_, "PAGE", 1); }
    bool tolerates_bad_config() const override { return true; }

    void check() override {
        page_ = require_choice("page", words_.empty() ? std::string{} : words_[0], kPages);
    }

    int run(Context& context) override {
        static constexpr std::array kMakers = {program_manual, config_manual, settings_markdown};
        context.answer(kMakers[page_]());
        return 0;
    }

  private:
    std::vector<std::string> words_;
    std::size_t page_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_manual() {
    return std::make_unique<ManualCommand>();
}

}  // namespace atlasjob::cli

#include "base/error.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/help.h"

namespace atlasjob::cli {

namespace {

/// help CMD is CMD --help.
class HelpCommand final : public Command {
  public:
    void declare(Arguments& arguments) override { arguments.words(words_, "COMMAND", 1); }

    void check() override {
        if (!words_.empty()) row_ = &find_command(words_[0]);
    }

    bool bears_bad_config() const override { return true; }

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

}  // namespace atlasjob::cli

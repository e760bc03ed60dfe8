#include "base/error.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/help/command_docs.h"
#include "cli/options/arguments.h"
#include "cli/options/spec_values.h"

#include <array>

namespace atlasjob::cli {

namespace {

struct Shell {
    std::string_view name;
    std::string (*script)();
};

constexpr std::array kShells = {
    Shell{"bash", bash_completion}, Shell{"zsh", zsh_completion}, Shell{"fish", fish_completion}};

/// Prints a shell completion script, generated from the same declarations as help.
class Completion final : public Command {
  public:
    void declare(Arguments& arguments) override { arguments.words(words_, "bash|zsh|fish", 1); }
    bool tolerates_bad_config() const override { return true; }

    void check() override {
        if (words_.empty()) {
            throw Error(ErrorCode::invalid_argument, "no shell given", "use bash, zsh or fish");
        }
        static constexpr std::array<std::string_view, 3> kNames = {"bash", "zsh", "fish"};
        shell_ = &kShells[require_choice("SHELL", words_[0], kNames)];
    }

    int run(Context& context) override {
        context.answer(shell_->script());
        return 0;
    }

  private:
    std::vector<std::string> words_;
    const Shell* shell_ = nullptr;
};

}  // namespace

std::unique_ptr<Command> make_completion() {
    return std::make_unique<Completion>();
}

}  // namespace atlasjob::cli

#include "base/error.h"
#include "cli/after_commit.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options/arguments.h"
#include "cli/terminal/progress_bar.h"
#include "view/json_object.h"
#include "view/style.h"

#include <fmt/format.h>

#include <filesystem>

namespace atlasjob::cli {

namespace {

class Backup final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.words(words_, "FILE", 1);
        arguments.flag("--force", request_.replace, "replace an existing file");
    }

    void check() override {
        if (words_.empty() || words_[0].empty() || words_[0] == "-") {
            throw Error(ErrorCode::invalid_argument, "no FILE given", "give a path for the backup");
        }
        request_.file = std::filesystem::absolute(words_[0]);
    }

    int run(Context& context) override {
        const auto store = context.open_to_read();
        {
            ProgressBar progress_bar{context, "copying", ProgressBar::Stop::undoing};
            store->back_up(request_, [&](auto done, auto total) { progress_bar.at(done, total); });
        }
        AfterCommit after{context};
        const std::string summary = fmt::format("copied to {}", request_.file);
        after.show({summary, "see atlasjob list --ledger FILE"}, [&] {
            const auto bytes = static_cast<std::int64_t>(std::filesystem::file_size(request_.file));
            if (context.options().json)
                return context.answer(json(context.address().display(), bytes) + '\n');
            context.confirm(fmt::format("{} ({} KiB)\n", view::printable(summary), bytes / 1024));
        });
        return after.conclude();
    }

  private:
    std::string json(const std::string& ledger, std::int64_t bytes) const {
        std::string out;
        {
            view::JsonObject object{out};
            object.text("ledger", ledger);
            object.text("file", request_.file);
            object.integer("bytes", bytes);
        }
        return out;
    }

    std::vector<std::string> words_;
    BackupRequest request_;
};

}  // namespace

std::unique_ptr<Command> make_backup() {
    return std::make_unique<Backup>();
}

}  // namespace atlasjob::cli

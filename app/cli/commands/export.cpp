#include "base/error.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options/arguments.h"
#include "cli/options/filters.h"
#include "cli/terminal/progress_bar.h"
#include "view/record_json.h"

#include <unistd.h>

namespace atlasjob::cli {

namespace {

constexpr std::size_t kBlock = 64UL * 1024;

class Export final : public Command {
  public:
    void declare(Arguments& arguments) override {
        declare_filters(arguments, filters_);
        arguments.group("Options");
        arguments.flag(
            "--with-env", with_environment_, "include command environments (may contain secrets)");
    }

    int run(Context& context) override {
        const Principal principal = context.principal();
        const auto store = context.open_to_read();
        const JobFilter filter = filters_.at(context.now());
        // No progress bar if the lines themselves go to a terminal.
        if (isatty(STDOUT_FILENO) == 1) {
            write_lines(context, *store, filter, [](std::int64_t /*done*/) {});
            return 0;
        }
        ListQuery first;
        first.filter = filter;
        first.limit = 1;
        const std::int64_t total = store->list(first, principal).total;
        ProgressBar progress_bar{context, "exporting", ProgressBar::Stop::at_once};
        write_lines(
            context, *store, filter, [&](std::int64_t done) { progress_bar.at(done, total); });
        return 0;
    }

  private:
    void write_lines(
        const Context& context,
        Store& store,
        const JobFilter& filter,
        const std::function<void(std::int64_t)>& on_progress) const {
        const Time now = context.now();
        std::string lines;
        std::int64_t done = 0;
        store.export_jobs(filter, context.principal(), [&](const JobRecord& record) {
            view::append_record_json(lines, record, with_environment_, now);
            lines += '\n';
            on_progress(++done);
            if (lines.size() < kBlock) return true;
            const bool has_reader = write_stream(lines);
            lines.clear();
            return has_reader;
        });
        static_cast<void>(write_stream(lines));
    }

    Filters filters_;
    bool with_environment_ = false;
};

}  // namespace

std::unique_ptr<Command> make_export() {
    return std::make_unique<Export>();
}

}  // namespace atlasjob::cli

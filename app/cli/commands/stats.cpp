#include "cli/command.h"
#include "cli/context.h"
#include "cli/options/arguments.h"
#include "view/statistics.h"

namespace atlasjob::cli {

namespace {

class Stats final : public Command {
  public:
    void declare(Arguments& /*arguments*/) override {}

    int run(Context& context) override {
        const Principal principal = context.principal();
        const auto store = context.open_to_read();
        const view::StatisticsPage page{
            store->count(principal), store->statistics(principal), store->read_clock().time};
        context.answer(
            context.options().json ? view::statistics_json(page) + '\n'
                                   : view::statistics_text(page, context.style()));
        return 0;
    }
};

}  // namespace

std::unique_ptr<Command> make_stats() {
    return std::make_unique<Stats>();
}

}  // namespace atlasjob::cli

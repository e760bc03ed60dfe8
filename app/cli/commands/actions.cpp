#include "mcp/actions/actions.h"

#include "cli/command.h"
#include "cli/context.h"
#include "cli/options/arguments.h"
#include "view/json_object.h"
#include "view/table.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

using view::JsonObject;

void append_tool(std::string& out, const mcp::Tool& tool) {
    JsonObject object{out};
    object.text("name", tool.name);
    object.text("title", tool.title);
    object.text("description", tool.description);
    object.member("input_schema") += tool.input_schema;
    object.flag("read_only", tool.hints.read_only);
    object.flag("destructive", tool.hints.destructive);
}

std::string tools_json(const mcp::Actions& actions) {
    std::string out;
    {
        JsonObject object{out};
        view::append_json_array(object.member("actions"), actions.tools(), append_tool);
    }
    return out + '\n';
}

std::string tools_text(const mcp::Actions& actions, const view::Style& style) {
    if (actions.tools().empty()) return "no actions\n";
    view::Table table{{{"TOOL"}, {"TITLE"}, {"EFFECT"}}};
    for (const mcp::Tool& tool : actions.tools()) {
        const std::string_view effect = tool.hints.read_only     ? "read-only"
                                        : tool.hints.destructive ? "destructive"
                                                                 : "makes changes";
        table.add(
            {{std::string{tool.name}, view::Color::strong},
             {std::string{tool.title}},
             {std::string{effect}}});
    }
    return table.text(style);
}

class ActionsCommand final : public Command {
  public:
    void declare(Arguments& arguments) override { arguments.words(words_, "check FILE", 2); }

    void check() override {
        if (words_.size() == 2 && words_[0] == "check") return;
        throw Error(
            ErrorCode::invalid_argument,
            words_.empty() || words_[0] == "check" ? "no FILE given"
                                                   : "actions has only the subcommand check",
            "use atlasjob actions check FILE");
    }

    int run(Context& context) override {
        const mcp::Actions actions{words_[1], mcp::require_contract("atlas")};
        context.answer(
            context.options().json ? tools_json(actions) : tools_text(actions, context.style()));
        return 0;
    }

  private:
    std::vector<std::string> words_;
};

}  // namespace

std::unique_ptr<Command> make_actions() {
    return std::make_unique<ActionsCommand>();
}

}  // namespace atlasjob::cli

#include "base/error.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "mcp/server.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

class McpCommand final : public Command {
  public:
    void declare(Arguments& arguments) override {
        arguments.text("--contract", contract_, "NAME", "whose tools to serve (default: atlas)");
        arguments.flag(
            "--require-principal", require_principal_,
            "do not fall back on the OS account: answer authentication_missing");
        arguments.texts("--allow", allowed_, "VERB,...", "tools that change something");
    }

    void check() override {
        if (allowed_.empty()) return;
        // Read-only is the promise: a verb that opens nothing must not look as if it did.
        throw Error(
            ErrorCode::invalid_argument,
            fmt::format(
                "--allow \"{}\": no tool of this contract changes anything",
                repair_utf8(allowed_[0])),
            "leave it out: the server is read-only");
    }

    int run(Context& context) override {
        mcp::ServerOptions options;
        options.ledger = context.ledger();
        options.principal =
            require_principal_ ? context.named_principal() : std::optional{context.principal()};
        if (contract_) options.contract = *contract_;
        options.version = ATLASJOB_VERSION;
        return mcp::serve(options);
    }

  private:
    std::optional<std::string> contract_;
    std::vector<std::string> allowed_;
    bool require_principal_ = false;
};

}  // namespace

std::unique_ptr<Command> make_mcp() {
    return std::make_unique<McpCommand>();
}

}  // namespace atlasjob::cli

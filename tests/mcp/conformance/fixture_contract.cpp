#include "conformance/fixtures.h"
#include "mcp/contracts/atlas.h"

namespace atlasjob::mcp {

/// In the place of the product's (contract.cpp, which the linker then leaves out): a contract is a
/// row, and this program has another one.
const Contract& require_contract(std::string_view /*name*/) {
    static const Contract fixtures = [] {
        Contract contract = kAtlas;
        contract.tools = test::kFixtureTools;
        contract.resources = test::kFixtureResources;
        contract.prompts = test::kFixturePrompts;
        contract.show_ended = test::show_ended;
        return contract;
    }();
    return fixtures;
}

}  // namespace atlasjob::mcp

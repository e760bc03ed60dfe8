#include "conformance/fixtures.h"
#include "mcp/contracts/atlas.h"

namespace atlasjob::mcp {

/// Replaces the product's function: the linker then leaves out contract.cpp. Returns the contract
/// of the fixtures.
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

#include "mcp/contracts/contract.h"

#include "base/text.h"
#include "mcp/contracts/arcgis.h"
#include "mcp/contracts/atlas.h"
#include "mcp/contracts/bgjob.h"
#include "mcp/contracts/cidx.h"
#include "mcp/contracts/reftrix.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::mcp {

namespace {

constexpr std::array kContracts = {&kAtlas, &kCidx, &kBgjob, &kArcgis, &kReftrix};

}  // namespace

std::span<const Contract* const> contracts() {
    return kContracts;
}

const Contract& require_contract(std::string_view name) {
    const auto* const found = std::ranges::find(
        kContracts, name, [](const Contract* contract) { return contract->name; });
    if (found != kContracts.end()) return **found;
    std::string known;
    for (const Contract* contract : kContracts) {
        known += known.empty() ? "" : ", ";
        known += contract->name;
    }
    throw Error(
        ErrorCode::invalid_argument, fmt::format("unknown contract \"{}\"", repair_utf8(name)),
        "known contracts: " + known);
}

}  // namespace atlasjob::mcp

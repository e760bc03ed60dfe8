#include "contract/contract_case.h"

namespace atlasjob::test {

namespace {

std::unique_ptr<Ledger> next_ledger() {
    const std::size_t index = GENERATE(range(std::size_t{0}, kStoreFactories.size()));
    const StoreFactory& factory = kStoreFactories.at(index);
    UNSCOPED_INFO("store: " << factory.name);
    return factory.make_ledger();
}

}  // namespace

ContractCase::ContractCase()
    : ledger(next_ledger()), store(ledger->open(clock)), jobs(*store, clock) {}

}  // namespace atlasjob::test

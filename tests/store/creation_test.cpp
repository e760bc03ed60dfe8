#include "store/ledger_case.h"
#include "support/child.h"

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

constexpr int kRounds = 25;
constexpr int kWriters = 4;

/// Retries to open the ledger for reading until it exists. Until then only `unavailable` may occur.
int read_until_created(const LedgerCase& ledger) {
    for (;;) {
        const auto code =
            error_of([&] { static_cast<void>(ledger.open(OpenMode::read)->list({}, kAdmin)); });
        if (!code) return 0;
        if (code != ErrorCode::unavailable) return 1;
    }
}

int create_and_submit(const LedgerCase& ledger) {
    FakeClock clock;
    const auto store = ledger.open();
    JobFactory{*store, clock}.queued();
    return 0;
}

}  // namespace

TEST_CASE("concurrent creation of one ledger succeeds in every process") {
    for (int round = 0; round < kRounds; ++round) {
        INFO("round " << round);
        const LedgerCase ledger;
        Wire start;
        std::vector<Child> children;
        for (int i = 0; i < kWriters; ++i) {
            children.emplace_back([&] {
                start.receive();
                return create_and_submit(ledger);
            });
        }
        children.emplace_back([&] {
            start.receive();
            return read_until_created(ledger);
        });
        for (std::size_t i = 0; i < children.size(); ++i)
            start.send();
        for (Child& child : children)
            CHECK(child.wait().code == 0);
        CHECK(ledger.open(OpenMode::read)->list({}, kAdmin).total == kWriters);
    }
}

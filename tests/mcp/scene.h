#pragma once

#include "client.h"
#include "ledger_fixture.h"
#include "support/job_factory.h"

namespace atlasjob::test {

/// A client session over a ledger. The fixture's own store plays another process that writes to it.
struct SharedScene {
    explicit SharedScene(mcp::ServerOptions (*options)(const std::string& ledger) = options_for)
        : client(options(ledger.path())) {}

    LedgerFixture ledger;
    FakeClock& clock = ledger.clock();
    JobFactory jobs{ledger.store(), clock};
    Client client;
};

}  // namespace atlasjob::test

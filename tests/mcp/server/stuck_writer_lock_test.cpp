#include "base/file.h"
#include "mcp/client.h"
#include "mcp/ledger_fixture.h"
#include "support/job_factory.h"

#include <fcntl.h>
#include <sys/file.h>

using namespace atlasjob;
using nlohmann::json;
using test::Client;

namespace {

mcp::ServerOptions open_options(const std::string& ledger) {
    auto options = test::options_for(ledger);
    options.allowed = {.submit = true, .cancel = true, .retry = true};
    return options;
}

const json kSubmit = {{"name", "submit_job"}, {"arguments", {{"command", {"true"}}}}};

}  // namespace

TEST_CASE("a held write lock blocks writes of clients, not reads") {
    test::LedgerFixture ledger;
    const JobId id = ledger.add_queued("alice");
    UniqueFd lock = open_file(ledger.path() + ".gate", O_RDWR | O_CREAT, 0600);
    REQUIRE(::flock(lock.get(), LOCK_EX) == 0);
    Client client{open_options(ledger.path())};
    client.post(R"("submit")", "tools/call", kSubmit);
    client.post(R"("cancel")", "tasks/cancel", Client::with_meta({{"taskId", id.str()}}, true));
    CHECK(client.result("ping") == json::object());
    CHECK_FALSE(client.status_text(id.str()).empty());
    CHECK(client.is_quiet());
    lock.reset();
    // Writes are done in the order of the requests.
    const json submitted = client.take();
    CHECK(submitted.at("id") == "submit");
    CHECK(submitted.at("result").at("structuredContent").at("status") == "queued");
    CHECK(client.take().at("id") == "cancel");
    CHECK_FALSE(client.is_busy());
    const auto job = ledger.store().get(JobRef::of(id), test::kAlice, Detail::summary);
    CHECK(job.value().status == Status::cancelled);
}

TEST_CASE("pending writes are done and answered when the input ends") {
    test::LedgerFixture ledger;
    Client client{open_options(ledger.path())};
    client.post("1", "tools/call", kSubmit);
    client.post("2", "tools/call", kSubmit);
    client.finish();
    CHECK(client.take().at("id") == 1);
    CHECK(client.take().at("id") == 2);
    CHECK(ledger.store().list({}, test::kAlice).total == 2);
}

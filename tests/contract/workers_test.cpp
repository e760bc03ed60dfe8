#include "contract/contract_case.h"

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

NewWorker some_worker(std::int64_t pid = 4711) {
    return {some_process(pid), {}, 4};
}

}  // namespace

TEST_CASE_METHOD(ContractCase, "a registered worker is listed with all its fields") {
    NewWorker entered = some_worker();
    entered.queues = {"gpu", "default", "a._/:-9"};
    entered.unit = "atlasjob-1.scope of the user manager";
    const std::int64_t id = store->register_worker(entered);
    const auto workers = store->workers();
    REQUIRE(workers.size() == 1);
    CHECK(workers[0].id == id);
    CHECK(workers[0].is.process == entered.process);
    CHECK(workers[0].is.queues == entered.queues);
    CHECK(workers[0].is.slots == 4);
    CHECK(workers[0].is.unit == entered.unit);
    CHECK_FALSE(workers[0].draining);
    CHECK(workers[0].started_at == now());
    CHECK(workers[0].heartbeat_at == now());
    CHECK(workers[0].serves("gpu"));
    CHECK_FALSE(workers[0].serves("gp"));
}

TEST_CASE_METHOD(ContractCase, "a worker without queues serves all of them") {
    static_cast<void>(store->register_worker(some_worker()));
    CHECK(store->workers().at(0).is.queues.empty());
    CHECK(store->workers().at(0).is.unit.empty());
    CHECK(store->workers().at(0).serves("whatever"));
}

TEST_CASE_METHOD(ContractCase, "a worker of one account serves the jobs of that account only") {
    static_cast<void>(store->register_worker(some_worker(1)));
    NewWorker of_seven = some_worker(2);
    of_seven.account = 7;
    static_cast<void>(store->register_worker(of_seven));
    const auto workers = store->workers();
    REQUIRE(workers.size() == 2);
    CHECK_FALSE(workers[0].is.account);
    CHECK(workers[0].runs_for(7));
    CHECK(workers[0].runs_for(0));
    CHECK(workers[1].is.account == 7);
    CHECK(workers[1].runs_for(7));
    CHECK(workers[1].runs_for({}));
    CHECK_FALSE(workers[1].runs_for(0));
}

TEST_CASE_METHOD(ContractCase, "workers are listed in order of registration including dead ones") {
    const std::int64_t first = store->register_worker(some_worker(1));
    const std::int64_t second = store->register_worker(some_worker(2));
    clock.advance(24h * 365);
    const std::int64_t third = store->register_worker(some_worker(1));
    const auto workers = store->workers();
    REQUIRE(workers.size() == 3);
    CHECK(workers[0].id == first);
    CHECK(workers[1].id == second);
    CHECK(workers[2].id == third);
    CHECK(workers[2].is.process.pid == 1);
}

TEST_CASE_METHOD(ContractCase, "a worker heartbeat records its time and the draining flag") {
    const std::int64_t id = store->register_worker(some_worker(1));
    static_cast<void>(store->register_worker(some_worker(2)));
    const Time began = now();
    clock.advance(10s);
    CHECK(store->worker_heartbeat(id, true));
    const auto workers = store->workers();
    CHECK(workers[0].heartbeat_at == now());
    CHECK(workers[0].started_at == began);
    CHECK(workers[0].draining);
    CHECK(workers[1].heartbeat_at == began);
    CHECK_FALSE(workers[1].draining);
    CHECK(store->worker_heartbeat(id, false));
    CHECK_FALSE(store->workers()[0].draining);
}

TEST_CASE_METHOD(ContractCase, "a clock that steps back does not make a worker look silent") {
    const std::int64_t id = store->register_worker(some_worker());
    const Time began = now();
    clock.advance(-1h);
    CHECK(store->worker_heartbeat(id, false));
    CHECK(store->workers()[0].heartbeat_at == began);
}

TEST_CASE_METHOD(ContractCase, "the heartbeat of a deregistered worker returns false") {
    const std::int64_t id = store->register_worker(some_worker());
    store->unregister_worker(id);
    CHECK(store->workers().empty());
    CHECK_FALSE(store->worker_heartbeat(id, false));
    CHECK(store->workers().empty());
    CHECK(store->register_worker(some_worker()) > id);
}

TEST_CASE_METHOD(ContractCase, "deregistering an unknown worker does nothing") {
    const std::int64_t id = store->register_worker(some_worker());
    store->unregister_worker(id + 1);
    CHECK(store->workers().size() == 1);
}

TEST_CASE_METHOD(ContractCase, "a worker outside the limits is not registered") {
    const auto refused = [&](const NewWorker& wrong) {
        return error_of([&] { static_cast<void>(store->register_worker(wrong)); })
               == ErrorCode::invalid_argument;
    };
    CHECK(refused({some_process(), {"a,b"}, 1}));
    CHECK(refused({some_process(), {""}, 1}));
    CHECK(refused({some_process(), {}, 0}));
    CHECK(store->workers().empty());
}

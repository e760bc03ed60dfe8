#include "mcp/jobs/display_status.h"

#include "mcp/contracts/contract.h"
#include "mcp/tool_bench.h"
#include "process/identity.h"

#include <catch2/catch.hpp>

using namespace atlasjob;
using namespace std::chrono_literals;
using mcp::DisplayStatus;
using test::ToolBench;

namespace {

DisplayStatus status_of(ToolBench& bench, const JobId& id) {
    return mcp::pending_status(bench.core().context(), bench.store(), bench.jobs().get(id));
}

}  // namespace

TEST_CASE("a job that is ready to run is queued, even without a worker") {
    ToolBench bench;
    CHECK(status_of(bench, bench.jobs().queued()) == DisplayStatus::queued);
}

TEST_CASE("a job is held up by a full queue, a pause or busy workers") {
    auto options = test::open_options();
    options.launching.queue_slots = {{"gpu", 1}};
    ToolBench bench{options};
    NewJob spec = bench.jobs().command_spec();
    spec.queue = "gpu";
    const JobId waiting = bench.jobs().queued(spec);

    SECTION("a full queue, until its running job ends") {
        NewJob first = bench.jobs().command_spec();
        first.queue = "gpu";
        first.priority = 1;
        const AttemptKey running = bench.jobs().running(first);
        CHECK(status_of(bench, waiting) == DisplayStatus::held_up);
        bench.store().finish(running, test::ended_done(), "alice");
        CHECK(status_of(bench, waiting) == DisplayStatus::queued);
    }
    SECTION("a pause of its queue or of all queues") {
        const std::optional<std::string> queue =
            GENERATE(as<std::optional<std::string>>{}, std::string{"gpu"}, std::nullopt);
        bench.store().pause(queue, "alice");
        CHECK(status_of(bench, waiting) == DisplayStatus::held_up);
        bench.store().resume(queue);
        CHECK(status_of(bench, waiting) == DisplayStatus::queued);
    }
    SECTION("a worker busy with a job of another queue") {
        static_cast<void>(bench.store().register_worker({current_process(), {}, 1}));
        CHECK(status_of(bench, waiting) == DisplayStatus::queued);
        NewJob other = bench.jobs().command_spec();
        other.priority = 1;
        bench.jobs().running(other);
        CHECK(status_of(bench, waiting) == DisplayStatus::held_up);
    }
}

TEST_CASE("a job of an external executor is never held up") {
    ToolBench bench;
    const JobId id = bench.jobs().queued(bench.jobs().created_spec());
    bench.store().pause({}, "alice");
    CHECK(status_of(bench, id) == DisplayStatus::queued);
}

TEST_CASE("a job that is not due or has an open dependency is scheduled") {
    ToolBench bench;
    NewJob spec = bench.jobs().command_spec();
    spec.run_after = bench.clock().now() + 1h;
    const JobId later = bench.jobs().queued(spec);
    CHECK(status_of(bench, later) == DisplayStatus::scheduled);
    bench.clock().advance(1h);
    CHECK(status_of(bench, later) == DisplayStatus::queued);

    const AttemptKey first = bench.jobs().running(bench.jobs().created_spec());
    NewJob next = bench.jobs().created_spec();
    next.after = {first.job_id};
    const JobId second = bench.jobs().queued(next);
    CHECK(status_of(bench, second) == DisplayStatus::scheduled);
    bench.store().finish(first, test::ended_done(), "alice");
    CHECK(status_of(bench, second) == DisplayStatus::queued);
}

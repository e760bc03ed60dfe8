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

DisplayStatus why(ToolBench& bench, const JobId& id) {
    return mcp::pending_status(bench.core().context(), bench.store(), bench.jobs().get(id));
}

}  // namespace

TEST_CASE("A job that could start is queued, also while nobody is there to run it") {
    ToolBench bench;
    CHECK(why(bench, bench.jobs().queued()) == DisplayStatus::queued);
}

TEST_CASE("A job is held up by a full queue, a pause, and workers that are all busy") {
    auto options = test::open_options();
    options.launching.queue_slots = {{"gpu", 1}};
    ToolBench bench{options};
    NewJob spec = bench.jobs().command_spec();
    spec.queue = "gpu";
    const JobId waiting = bench.jobs().queued(spec);

    SECTION("full, until what runs there has ended") {
        NewJob first = bench.jobs().command_spec();
        first.queue = "gpu";
        first.priority = 1;
        const AttemptKey running = bench.jobs().running(first);
        CHECK(why(bench, waiting) == DisplayStatus::held_up);
        bench.store().finish(running, test::ended_done(), "alice", bench.clock().now());
        CHECK(why(bench, waiting) == DisplayStatus::queued);
    }
    SECTION("paused, itself or with all others") {
        const std::optional<std::string> queue =
            GENERATE(as<std::optional<std::string>>{}, std::string{"gpu"}, std::nullopt);
        bench.store().pause(queue, "alice", bench.clock().now());
        CHECK(why(bench, waiting) == DisplayStatus::held_up);
        bench.store().resume(queue);
        CHECK(why(bench, waiting) == DisplayStatus::queued);
    }
    SECTION("busy, and another queue's job as well") {
        bench.store().register_worker({current_process(), {}, 1}, bench.clock().now());
        CHECK(why(bench, waiting) == DisplayStatus::queued);
        NewJob other = bench.jobs().command_spec();
        other.priority = 1;
        bench.jobs().running(other);
        CHECK(why(bench, waiting) == DisplayStatus::held_up);
    }
}

TEST_CASE("What somebody else executes is held up by nothing here") {
    ToolBench bench;
    const JobId id = bench.jobs().queued(bench.jobs().created_spec());
    bench.store().pause({}, "alice", bench.clock().now());
    CHECK(why(bench, id) == DisplayStatus::queued);
}

TEST_CASE("A job whose time has not come, or that comes after another, is scheduled") {
    ToolBench bench;
    NewJob spec = bench.jobs().command_spec();
    spec.run_after = bench.clock().now() + 1h;
    const JobId later = bench.jobs().queued(spec);
    CHECK(why(bench, later) == DisplayStatus::scheduled);
    bench.clock().advance(1h);
    CHECK(why(bench, later) == DisplayStatus::queued);

    const AttemptKey first = bench.jobs().running(bench.jobs().created_spec());
    NewJob next = bench.jobs().created_spec();
    next.after = {first.job_id};
    const JobId second = bench.jobs().queued(next);
    CHECK(why(bench, second) == DisplayStatus::scheduled);
    bench.store().finish(first, test::ended_done(), "alice", bench.clock().now());
    CHECK(why(bench, second) == DisplayStatus::queued);
}

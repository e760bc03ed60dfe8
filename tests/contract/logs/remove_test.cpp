#include "contract/logs/log_case.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

namespace atlasjob::test {

TEST_CASE_METHOD(LogCase, "removing a job's output removes all of its attempts and no others'") {
    const JobId other = JobId::make(clock.now());
    put(*logs->open_writer({other, 1, 1 << 20}), kOut, "other\n");
    put(*writer(1), kOut, "x\n");
    put(*writer(2, kSmallLimit), kOut, numbered(0, 400));
    put(*writer(3), kOut, "y\n");
    CHECK(remove_output(3) >= 3);
    CHECK(logs->extent(id) == LogExtent{});
    CHECK(text().empty());
    CHECK(text({}, 2).empty());
    CHECK(text({}, 3).empty());
    CHECK(remove_output(3) == 0);
    CHECK(logs->page({other}, 0, 100).text == "other\n");
}

TEST_CASE_METHOD(LogCase, "the output of many jobs is removed at once, and no other's") {
    std::vector<PrunedJob> jobs;
    for (int n = 0; n < 600; ++n) {
        jobs.push_back({JobId::make(clock.now()), n, 2});
        if (n % 2 == 0) put(*logs->open_writer({jobs.back().job_id, 2, 1 << 20}), kOut, "x\n");
    }
    put(*writer(1), kOut, "kept\n");
    CHECK(logs->remove(jobs) == 300);
    CHECK(logs->remove(jobs) == 0);
    CHECK(text() == "kept\n");
}

TEST_CASE_METHOD(
    LogCase, "what is kept of an attempt is as much as its writer says, until it is removed") {
    CHECK(logs->kept_bytes(id, 1) == 0);
    const auto small = writer(2, kSmallLimit);
    put(*writer(1), kOut, "x\n");
    put(*small, kOut, numbered(0, 400));
    CHECK(logs->kept_bytes(id, 1) > 0);
    CHECK(logs->kept_bytes(id, 2) == small->bytes());
    CHECK(logs->kept_bytes(id, 1) + logs->kept_bytes(id, 2) == logs->extent(id).bytes);
    CHECK(logs->kept_bytes(id, 3) == 0);
    remove_output(2);
    CHECK(logs->kept_bytes(id, 2) == 0);
}

TEST_CASE_METHOD(LogCase, "a sweep sees each job once and removes only the output chosen") {
    const JobId doomed = JobId::make(clock.now());
    put(*writer(1), kOut, "x\n");
    put(*writer(2, kSmallLimit), kOut, numbered(0, 400));
    put(*logs->open_writer({doomed, 1, kSmallLimit}), kOut, numbered(0, 400));
    put(*logs->open_writer({doomed, 2, 1 << 20}), kErr, "x\n");
    std::map<JobId, LogEntry> seen;
    const int removed = logs->sweep([&](const LogEntry& entry) {
        CHECK(seen.emplace(entry.job_id, entry).second);
        return entry.job_id == doomed ? SweepVerdict::remove : SweepVerdict::keep;
    });
    REQUIRE(seen.size() == 2);
    for (const auto& [job, entry] : seen) {
        CHECK(entry.bytes > 0);
        CHECK(entry.parts >= 2);
        CHECK(entry.written_at > Time{});
    }
    CHECK(seen.at(id).bytes == logs->extent(id).bytes);
    CHECK(removed == seen.at(doomed).parts);
    CHECK(logs->extent(doomed) == LogExtent{});
    CHECK(text() == "x\n");
    CHECK(remove_output(2) == seen.at(id).parts);
}

TEST_CASE_METHOD(LogCase, "a sweep can be stopped, and finds nothing in an empty place") {
    int calls = 0;
    const auto stop = [&](const LogEntry&) {
        ++calls;
        return SweepVerdict::stop;
    };
    CHECK(logs->sweep(stop) == 0);
    CHECK(calls == 0);
    for (int n = 0; n < 3; ++n)
        put(*logs->open_writer({JobId::make(clock.now()), 1, 1 << 20}), kOut, "x\n");
    CHECK(logs->sweep(stop) == 0);
    CHECK(calls == 1);
}

TEST_CASE_METHOD(LogCase, "a follower reads what it has begun to read after its removal") {
    const auto log = writer();
    put(*log, kOut, "first\n");
    const auto follower = logs->follow(id, {});
    CHECK(read(*follower) == "first\n");
    put(*log, kOut, "the last\n");
    remove_output(1);
    CHECK(read(*follower) == "the last\n");
}

}  // namespace atlasjob::test

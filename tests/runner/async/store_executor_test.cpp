#include "runner/async/store_executor.h"

#include "base/file.h"
#include "store/open.h"
#include "support/catch_string_makers.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <csignal>

namespace atlasjob {

namespace {

struct Fixture {
    test::TempDir dir;
    std::unique_ptr<Store> store = open_store(parse_address(dir / "ledger.db"), OpenMode::create);
    Loop loop;
};

}  // namespace

TEST_CASE("verbs run in order on another thread and their results arrive in order in the loop") {
    Fixture f;
    StoreExecutor executor{*f.store, f.loop};
    const auto here = std::this_thread::get_id();
    std::vector<int> results;
    for (int i = 0; i < 100; ++i) {
        executor.post(
            [i, here](Store&) {
                if (std::this_thread::get_id() == here) throw Error(ErrorCode::internal, "here");
                return i;
            },
            [&](const Result<int>& result) {
                CHECK(std::this_thread::get_id() == here);
                REQUIRE(result.value.has_value());
                results.push_back(*result.value);
                if (results.size() == 100) f.loop.stop();
            });
    }
    CHECK_FALSE(executor.idle());
    f.loop.run();
    CHECK(executor.idle());
    REQUIRE(results.size() == 100);
    CHECK(std::is_sorted(results.begin(), results.end()));
}

TEST_CASE("run_inline runs a verb on the calling thread and delivers the result in the loop") {
    Fixture f;
    StoreExecutor executor{*f.store, f.loop};
    const auto here = std::this_thread::get_id();
    std::optional<bool> was_here;
    executor.run_inline(
        [here](Store&) { return std::this_thread::get_id() == here; },
        [&](const Result<bool>& result) {
            was_here = result.value;
            f.loop.stop();
        });
    CHECK_FALSE(was_here.has_value());
    CHECK_FALSE(executor.idle());
    f.loop.run();
    CHECK(was_here == true);
    CHECK(executor.idle());
}

TEST_CASE("run_inline does not overtake verbs posted before") {
    Fixture f;
    StoreExecutor executor{*f.store, f.loop};
    const auto here = std::this_thread::get_id();
    Pipe proceed = make_pipe();
    std::string order;
    executor.post(
        [&](Store&) {
            char byte = 0;
            return read(proceed.read_end.get(), &byte, 1) == 1;
        },
        [&](const Result<bool>&) { order += "first "; });
    executor.run_inline(
        [here](Store&) { return std::this_thread::get_id() == here; },
        [&](const Result<bool>& result) {
            order += *result.value ? "here" : "there";
            f.loop.stop();
        });
    REQUIRE(write(proceed.write_end.get(), "x", 1) == 1);
    f.loop.run();
    CHECK(order == "first there");
}

TEST_CASE("an exception of a verb is delivered as its result") {
    Fixture f;
    StoreExecutor executor{*f.store, f.loop};
    std::vector<ErrorCode> codes;
    const auto note = [&](const Result<int>& result) {
        REQUIRE(result.error.has_value());
        CHECK_FALSE(result.value.has_value());
        codes.push_back(result.error->code());
        if (codes.size() == 2) f.loop.stop();
    };
    executor.post([](Store&) -> int { throw Error(ErrorCode::unavailable, "x"); }, note);
    executor.post([](Store&) -> int { throw std::runtime_error("odd"); }, note);
    f.loop.run();
    CHECK(codes == std::vector<ErrorCode>{ErrorCode::unavailable, ErrorCode::internal});
}

TEST_CASE("no signal is delivered to the executor's thread") {
    Fixture f;
    StoreExecutor executor{*f.store, f.loop};
    std::optional<bool> blocked;
    executor.post(
        [](Store&) {
            sigset_t mask;
            pthread_sigmask(SIG_SETMASK, nullptr, &mask);
            return sigismember(&mask, SIGINT) == 1 && sigismember(&mask, SIGTSTP) == 1;
        },
        [&](const Result<bool>& result) {
            blocked = result.value;
            f.loop.stop();
        });
    f.loop.run();
    CHECK(blocked == true);
    sigset_t own_mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &own_mask);
    CHECK(sigismember(&own_mask, SIGINT) == 0);
}

TEST_CASE("the destructor waits for the current verb and delivers no result") {
    Fixture f;
    const Pipe begun = make_pipe();
    const Pipe proceed = make_pipe();
    bool ended = false;
    bool delivered = false;
    {
        StoreExecutor executor{*f.store, f.loop};
        executor.post(
            [&](Store&) {
                char byte = 'x';
                ended = write(begun.write_end.get(), &byte, 1) == 1
                        && read(proceed.read_end.get(), &byte, 1) == 1;
                return 0;
            },
            [&](const Result<int>&) { delivered = true; });
        char byte = 0;
        REQUIRE(read(begun.read_end.get(), &byte, 1) == 1);
        REQUIRE(write(proceed.write_end.get(), &byte, 1) == 1);
    }
    CHECK(ended);
    CHECK_FALSE(delivered);
}

TEST_CASE("an executor without pending work lets the loop end") {
    Fixture f;
    StoreExecutor executor{*f.store, f.loop};
    CHECK_FALSE(f.loop.alive());
    int delivered = 0;
    const auto post = [&] {
        executor.post([](Store&) { return 0; }, [&](const Result<int>&) { ++delivered; });
    };
    for (int i = 1; i <= 2; ++i) {
        post();
        CHECK(f.loop.alive());
        f.loop.run();
        CHECK(delivered == i);
        CHECK_FALSE(f.loop.alive());
    }
    post();
    executor.abandon();
    CHECK_FALSE(f.loop.alive());
    CHECK(delivered == 2);
}

TEST_CASE("finish waits for all work, including work that a result posts, without the loop") {
    Fixture f;
    StoreExecutor executor{*f.store, f.loop};
    std::string order;
    const auto nothing = [](Store&) { return 0; };
    executor.post(nothing, [&](const Result<int>&) {
        order += "first ";
        executor.post(nothing, [&](const Result<int>&) { order += "third"; });
    });
    executor.post(nothing, [&](const Result<int>&) { order += "second "; });
    executor.finish();
    CHECK(order == "first second third");
    CHECK(executor.idle());
    CHECK_FALSE(f.loop.alive());
}

TEST_CASE("an executor can run work on something that opens the store itself") {
    struct Target {
        int opened = 0;
    };
    Loop loop;
    Target target;
    Executor<Target> executor{target, loop};
    for (int i = 0; i < 2; ++i)
        executor.post([](Target& used) { return ++used.opened; }, [](const Result<int>&) {});
    executor.finish();
    CHECK(target.opened == 2);
}

}  // namespace atlasjob

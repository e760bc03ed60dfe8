#include "view/progress.h"

#include "base/text.h"
#include "view/sample.h"

#include <catch2/catch.hpp>

#include <array>

using namespace atlasjob;
using namespace atlasjob::test;
using namespace std::chrono_literals;

namespace {

const Time kNow = at("2026-11-22T12:01:13Z");

}  // namespace

TEST_CASE("a percentage is rounded down") {
    Job job = running_job();
    job.progress = 0.9999;
    CHECK(view::percent_text(job) == "99%");
    job.progress = 0.29;
    CHECK(view::percent_text(job) == "29%");
    job.progress = 1.0;
    CHECK(view::percent_text(job) == "100%");
    job.progress.reset();
    CHECK(view::percent_text(job) == "42%");  // 300 of 711
    job.total.reset();
    CHECK(view::percent_text(job).empty());
    job.total = 0;
    CHECK(view::percent_text(job).empty());
}

TEST_CASE("a bar is filled in proportion and clamped to its width") {
    CHECK(view::bar_text(0.0, 12) == "[----------]");
    CHECK(view::bar_text(0.99, 12) == "[#########-]");
    CHECK(view::bar_text(1.0, 12) == "[##########]");
    CHECK(view::bar_text(7.0, 12) == "[##########]");
    CHECK(view::bar_text(-1.0, 4) == "[--]");
}

TEST_CASE(
    "the rate is the average up to the last report, and the time left counts down from there") {
    Job job = running_job();  // Reported 41.5 s after its start: 300, 42 %.
    view::Timings timings = view::timings_of(job, job.updated_at);
    CHECK(timings.per_second.value() == Approx(300 / 41.5));
    CHECK(timings.left.value() == 57'309ms);
    timings = view::timings_of(job, job.updated_at + 10s);
    CHECK(timings.left.value() == 47'309ms);
    CHECK(view::timings_of(job, job.updated_at + 10min).left.value() == 0ms);
}

TEST_CASE("rate and time left are nullopt when they cannot be known") {
    Job job = running_job();
    job.current.reset();
    CHECK_FALSE(view::timings_of(job, kNow).per_second);
    CHECK(view::timings_of(job, kNow).left);
    job.progress.reset();
    CHECK_FALSE(view::timings_of(job, kNow).left);
    job = running_job();
    job.progress = 0.001;
    CHECK_FALSE(view::timings_of(job, kNow).left);
    job.updated_at = *job.started_at + 900ms;
    CHECK_FALSE(view::timings_of(job, kNow).per_second);
    for (const Job& other : {failed_job(), [] {
                                 Job queued = running_job();
                                 queued.status = Status::queued;
                                 return queued;
                             }()}) {
        CHECK_FALSE(view::timings_of(other, kNow).per_second);
        CHECK_FALSE(view::timings_of(other, kNow).left);
    }
}

TEST_CASE("a rate is shown per second, minute or hour, whichever gives at least one") {
    CHECK(view::rate_text(7.23) == "7.2/s");
    CHECK(view::rate_text(1234.5) == "1234/s");
    CHECK(view::rate_text(0.5) == "30.0 a minute");
    CHECK(view::rate_text(0.005) == "18.0 an hour");
    CHECK(view::rate_text(0.0001) == "0.4 an hour");
}

TEST_CASE("live lines show title, bar and progress in columns within any width") {
    const std::array jobs = {running_job(), failed_job()};
    CHECK(
        view::live_text(jobs, kNow, {})
        == "42  ./sync.sh C0ENG  running 1m 12s   [########------------]  42%  embedding  300/711  "
           "7.2/s, about 26s left\n"
           "42  ./sync.sh C0ENG  error after 49s  command exited with 3\n");
    CHECK(
        view::live_text(jobs, kNow, {false, 80})
        == "42  ./sync.sh C0ENG  running 1m 12s   [########------------]  42%  embedding  3…\n"
           "42  ./sync.sh C0ENG  error after 49s  command exited with 3\n");
    for (std::size_t width = 10; width < 140; ++width) {
        const std::string text = view::live_text(jobs, kNow, {false, width});
        for (const std::string_view line : split(text, '\n'))
            CHECK(view::display_width(line) <= width);
    }
}

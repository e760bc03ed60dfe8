#include "view/job_text.h"

#include "view/sample.h"

#include <catch2/catch.hpp>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

const Time kNow = at("2026-11-22T12:01:13Z");

std::string page_of(const Job& job) {
    return view::job_text(job, {kNow, {}});
}

}  // namespace

TEST_CASE("the status page of a running job shows progress, rate and next steps") {
    const ZoneGuard zone{"UTC"};
    CHECK(
        page_of(running_job())
        == "42  ./sync.sh C0ENG  running for 1m 12s\n"
           "  [############------------------] 42%  embedding  300/711  7.2/s, about 26s left\n"
           "\n"
           "  job_id     01a20320-a2fb-7a02-b2c2-1d3e4f506071\n"
           "  kind       sync\n"
           "  command    ./sync.sh C0ENG\n"
           "  directory  /srv/app\n"
           "  target     {\"channel_id\":\"C0ENG\"}\n"
           "  owner      alice\n"
           "  created    1m 12s ago (12:00:00)\n"
           "  started    1m 12s ago (12:00:01)\n"
           "  worker     h1, pid 4711\n"
           "\n"
           "Next:\n"
           "  atlasjob cancel 42   cancels it\n"
           "  atlasjob logs -f 42  follows its output\n");
}

TEST_CASE("the status page of a failed job shows the reason, the last output and the log path") {
    const ZoneGuard zone{"UTC"};
    const std::string page = view::job_text(
        failed_job(), {kNow, {}, {"cannot open x", "\x1b[2Jbye"}, "/l/ledger.db.logs/a.log"});
    CHECK(
        page
        == "42  ./sync.sh C0ENG  error 23s ago, after 49s\n"
           "  [############------------------] 42%  embedding  300/711\n"
           "\n"
           "  job_id      01a20320-a2fb-7a02-b2c2-1d3e4f506071\n"
           "  kind        sync\n"
           "  command     ./sync.sh C0ENG\n"
           "  directory   /srv/app\n"
           "  target      {\"channel_id\":\"C0ENG\"}\n"
           "  owner       alice\n"
           "  created     1m 12s ago (12:00:00)\n"
           "  started     1m 12s ago (12:00:01)\n"
           "  ended       23s ago (12:00:50)\n"
           "  kept until  in 29d 23h (2026-12-22 12:00:50)\n"
           "  exit code   3\n"
           "  output      10.0 KiB  /l/ledger.db.logs/a.log\n"
           "\n"
           "Why: command exited with 3 (exit_code)\n"
           "Last lines of output:\n"
           "  | cannot open x\n"
           "  | bye\n"
           "\n"
           "Next:\n"
           "  atlasjob logs 42   shows its output\n"
           "  atlasjob retry 42  runs it again\n");
}

TEST_CASE("the last output on a status page is the last state of each line, with its end") {
    const auto last_line = [](const std::string& line, std::size_t width) {
        const std::string page = view::job_text(failed_job(), {kNow, {false, width}, {line}, "/l"});
        const std::size_t begin = page.find("  | ");
        REQUIRE(begin != std::string::npos);
        return page.substr(begin, page.find('\n', begin) - begin);
    };
    CHECK(last_line("\x1b[32m 10 %\r 99 %\rfailed\x1b[0m", 0) == "  | failed");
    const std::string longer = "the beginning " + std::string(500, '.') + " the end";
    CHECK(last_line(longer, 0) == "  | " + longer);
    const std::string cut = last_line(longer, 60);
    CHECK(view::display_width(cut) < 60);
    CHECK(cut.starts_with("  | the beginning"));
    CHECK(cut.ends_with(". the end"));
}

TEST_CASE("the status page reports a lease that ran out and suggests gc") {
    const ZoneGuard zone{"UTC"};
    const Job job = running_job();
    const std::string page = view::job_text(job, {*job.lease_until + milliseconds{30'000}, {}});
    CHECK_THAT(page, Contains("No heartbeat: the lease expired 30s ago (12:01:27)\n"));
    CHECK_THAT(page, Contains("  atlasjob gc          reaps lost jobs\n"));
    CHECK_THAT(page_of(running_job()), !Contains("No heartbeat"));
}

TEST_CASE("the status page of a queued job lists what it waits for and the next steps") {
    Job job = running_job();
    job.status = Status::queued;
    job.progress.reset();
    view::JobPageContext context{kNow, {}};
    context.pending_reasons = {
        {"it waits for job #41, which is running"},
        {"queue gpu was paused by bob", "atlasjob resume gpu", "resumes it"}};
    CHECK_THAT(
        view::job_text(job, context), Contains("\nPending because:\n"
                                               "  it waits for job #41, which is running\n"
                                               "  queue gpu was paused by bob\n"
                                               "\n"
                                               "Next:\n"
                                               "  atlasjob resume gpu  resumes it\n"
                                               "  atlasjob cancel 42   cancels it\n"));
    CHECK_THAT(page_of(job), !Contains("Pending because:"));
}

TEST_CASE("the status page of a queued job without a command suggests start") {
    Job job = running_job();
    job.status = Status::queued;
    job.command.clear();
    job.worker.reset();
    job.progress.reset();
    CHECK_THAT(page_of(job), Contains("42  sync  queued for 1m 12s\n"));
    CHECK_THAT(page_of(job), Contains("  atlasjob start 42   marks it as started\n"));
}

TEST_CASE("the status page shows a whole result unless the width is limited") {
    Job job = failed_job();
    job.status = Status::done;
    job.progress = 1.0;
    job.error.reset();
    job.error_code.reset();
    job.exit_code = 0;
    job.result = '"' + std::string(500, 'x') + '"';
    CHECK_THAT(page_of(job), Contains("result      " + *job.result + "\n"));
    CHECK_THAT(page_of(job), !Contains("Why:"));
    const std::string narrow = view::job_text(job, {kNow, {false, 60}});
    CHECK_THAT(narrow, Contains("xxx…\n"));
    CHECK_THAT(narrow, !Contains(std::string(60, 'x')));
}

TEST_CASE("a job's title is its name, else its command, else its kind") {
    Job job = running_job();
    CHECK(view::title_of(job) == "./sync.sh C0ENG");
    job.name = "night\x1bly";
    CHECK(view::title_of(job) == "night\\u{1b}ly");
    job.name.reset();
    job.command.clear();
    CHECK(view::title_of(job) == "sync");
}

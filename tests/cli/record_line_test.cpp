#include "cli/options/record_line.h"

#include "base/error.h"
#include "base/text.h"
#include "store/open.h"
#include "support/full_records.h"
#include "support/ledger_audit.h"
#include "support/random_ledger.h"
#include "support/temp_dir.h"
#include "view/record_json.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <regex>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

using Lines = std::vector<std::string>;

Lines exported(Store& store, Time now, bool with_environment = true) {
    Lines lines;
    store.export_jobs({}, kAdmin, [&](const JobRecord& record) {
        view::append_record_json(lines.emplace_back(), record, with_environment, now);
        return true;
    });
    return lines;
}

Imported import_lines(Store& store, const Lines& lines) {
    std::size_t next = 0;
    std::int64_t highest = 0;
    for (const std::string& line : lines)
        highest = std::max(highest, cli::read_record_line(line).job.seq);
    return store.import_jobs(
        {[&]() -> std::optional<JobRecord> {
             if (next == lines.size()) return {};
             return cli::read_record_line(lines[next++]);
         },
         highest});
}

/// The lines without `rev`, which each ledger counts itself, sorted; with `numbers` also without
/// the `seq` of jobs and events.
Lines stripped(const Lines& lines, bool numbers) {
    static const std::regex rev{R"("rev":\d+,)"};
    static const std::regex seq{R"("seq":\d+,)"};
    Lines plain;
    for (const std::string& line : lines) {
        const std::string without = std::regex_replace(line, rev, "");
        plain.push_back(numbers ? std::regex_replace(without, seq, "") : without);
    }
    std::ranges::sort(plain);
    return plain;
}

/// A temporary directory that holds ledgers.
struct Ledgers {
    std::unique_ptr<Store> open(const std::string& name) const {
        return open_store(parse_address(dir / name), OpenMode::create, clock);
    }

    TempDir dir;
    FakeClock clock;
};

/// The error for a line; empty if it is accepted.
std::string refusal(const std::string& line) {
    try {
        static_cast<void>(cli::read_record_line(line));
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::invalid_argument);
        return error.message();
    }
    return {};
}

const std::string kMinimal =
    R"("job_id":"01a2031f-fc00-7000-8000-000000000001","kind":"sync","owner":"alice",)"
    R"("created_at":"2026-11-22T12:00:00Z")";

}  // namespace

TEST_CASE("an export imported into an empty ledger exports the same bytes") {
    const auto seed = GENERATE(1U, 2U);
    INFO("seed " << seed);
    Ledgers ledgers;
    const auto first = ledgers.open("first.db");
    RandomLedger{*first, ledgers.clock, seed}.add(40);
    const Time now = ledgers.clock.now();
    const Lines lines = exported(*first, now);
    {
        const auto second = ledgers.open("second.db");
        CHECK(import_lines(*second, lines).recorded == std::ssize(lines));
        // At time zero no lease has run out: `stale` depends on a lease, which import drops.
        CHECK(
            stripped(exported(*second, Time{}), false)
            == stripped(exported(*first, Time{}), false));
        // Importing again changes nothing, also from the copy into the original.
        CHECK(import_lines(*second, lines).skipped == std::ssize(lines));
        CHECK(import_lines(*first, exported(*second, now)).skipped == std::ssize(lines));
        CHECK(import_lines(*first, exported(*first, now, false)).skipped == std::ssize(lines));
    }
    CHECK_THAT(contradictions(ledgers.dir / "second.db"), Catch::Equals(Lines{}));
}

TEST_CASE("jobs of two ledgers merge into one without loss") {
    const auto seed = GENERATE(20U, 21U);
    Ledgers ledgers;
    const auto first = ledgers.open("first.db");
    const auto second = ledgers.open("second.db");
    RandomLedger{*first, ledgers.clock, seed}.add(25);
    RandomLedger{*second, ledgers.clock, seed + 100}.add(25);
    Lines lines = exported(*first, Time{});
    Lines others = exported(*second, Time{});
    // An idempotency key that is active in both ledgers would be refused.
    std::erase_if(others, [](const std::string& line) {
        return line.find("\"key\":null") == std::string::npos;
    });
    const Imported imported = import_lines(*first, others);
    CHECK(imported.recorded == std::ssize(others));
    CHECK_FALSE(imported.renumbered.empty());
    lines.insert(lines.end(), others.begin(), others.end());
    CHECK(stripped(exported(*first, Time{}), true) == stripped(lines, true));
    CHECK(import_lines(*first, others).skipped == std::ssize(others));
}

TEST_CASE("every field that is imported survives a record line, the others are ignored") {
    for (const JobRecord& record : full_records()) {
        std::string line;
        view::append_record_json(line, record, true, Time{});
        const JobRecord read = cli::read_record_line(line);
        CHECK(fields_given(read) == fields_given(record));
        CHECK(is_same_content(record, read));
        std::string again;
        view::append_record_json(again, read, true, Time{});
        CHECK(again == line);
        for (const char* ledger_only : {R"("rev":9)", R"("stale":true)"}) {
            const std::string key = std::string{ledger_only}.substr(0, 6);
            std::string changed = line;
            const std::size_t at = changed.find(key);
            changed.replace(at, changed.find(',', at) - at, ledger_only);
            CHECK(is_same_content(record, cli::read_record_line(changed)));
        }
    }
}

TEST_CASE("a line of an older program, without the newest fields, is imported") {
    std::string line;
    view::append_record_json(line, full_records()[0], true, Time{});
    const std::size_t begin = line.find(R"(,"usage":{)");
    line.erase(begin, line.find(R"(,"attempts":)") - begin);
    const Job job = cli::read_record_line(line).job;
    CHECK_FALSE(job.group.has_value());
    CHECK(job.usage == full_records()[0].job.usage);  // Of the attempts.
    CHECK(job.error == full_records()[0].job.error);
}

TEST_CASE("an export without environments contains no variable of any command") {
    Ledgers ledgers;
    const auto store = ledgers.open("l.db");
    JobFactory jobs{*store, ledgers.clock};
    NewJob spec = jobs.command_spec();
    spec.command->environment = {"TOKEN=hunter2"};
    jobs.queued(spec);
    CHECK_THAT(exported(*store, ledgers.clock.now())[0], Contains("hunter2"));
    const std::string line = exported(*store, ledgers.clock.now(), false)[0];
    CHECK_THAT(line, !Contains("hunter2") && !Contains("TOKEN"));
    const auto copy = ledgers.open("copy.db");
    import_lines(*copy, {line});
    CHECK(copy->command_of(spec.job_id)->environment.empty());
}

TEST_CASE("a record line needs only job_id, kind, owner, created_at and status") {
    for (const Status status : kStatuses) {
        const std::string line =
            "{" + kMinimal + R"(,"status":")" + std::string{to_string(status)} + "\"}";
        INFO(line);
        CHECK(cli::read_record_line(line).job.status == status);
    }
    CHECK(refusal("  {" + kMinimal + R"( , "status" : "done" }  )").empty());
}

TEST_CASE("an invalid record line is refused with the reason") {
    const std::string good = kMinimal + R"(,"status":"done")";
    const std::vector<std::pair<std::string, std::string>> invalid_lines = {
        {"", "not JSON"},
        {"{", "not JSON"},
        {"[]", "not a JSON object"},
        {"{}", "no \"job_id\""},
        {std::string{"{}\0", 3}, "not JSON"},
        {R"({"job_id":"x"})", "is not a job_id"},
        {"{" + kMinimal + "}", "no \"status\""},
        {"{" + kMinimal + R"(,"status":"dead"})", "\"dead\" is not a status"},
        {"{" + good + R"(,"labls":{}})", "did you mean \"labels\""},
        {"{" + good + R"(,"status":"done"})", "duplicate key"},
        {"{" + good + R"(,"labels":{"a":1}})", "not a string"},
        {"{" + good + R"(,"labels":{"a":"1","a":"2"}})", "label"},
        {"{" + good + R"(,"seq":"one"})", "not a whole number"},
        {"{" + good + R"(,"seq":1.5})", "not a whole number"},
        {"{" + good + R"(,"exit_code":99999999999})", "\"exit_code\""},
        {"{" + good + R"(,"ended_at":"yesterday"})", "not a time"},
        {"{" + good + R"(,"attempt":-1})", "\"attempt\": -1 is not from 0"},
        {"{" + good + R"(,"max_attempts":0})", "\"max_attempts\": 0 is not from 1"},
        {"{" + good + R"(,"usage":[]})", "not an object"},
        {"{" + good + R"(,"usage":{"cpu_m":1}})", "did you mean \"cpu_ms\""},
        {"{" + good + R"(,"frozen":0})", "not true or false"},
        {"{" + good + R"(,"scheduled_for":1})", "not a string"},
        {"{" + good + R"(,"retain_ms":1})", "unknown key"},
        {"{" + good + R"(,"held":true})", "unknown key"},
        {"{" + good + R"(,"after":["x"]})", "not a job_id"},
        {"{" + good + R"(,"command":["a",1]})", "not a string"},
        {"{" + good + R"(,"spec":[]})", "not an object"},
        {"{" + good + R"(,"spec":{"umsk":1}})", "did you mean \"umask\""},
        {"{" + good + R"(,"command":["a"],"spec":{"stdin_base64":"?"}})", "not base64"},
        {"{" + good + R"(,"attempts":[{"n":0}]})", "\"n\""},
        {"{" + good + R"(,"events":[{"to":"gone"}]})", "not a status"},
        {"{" + good + R"(,"result":)" + std::string(250, '[') + std::string(250, ']') + "}",
         "deep"},
        {"{" + good + ",\"name\":\"\xFF\"}", "not JSON"},
    };
    for (const auto& [line, why] : invalid_lines) {
        INFO(line);
        CHECK_THAT(refusal(line), Contains(why));
    }
}

#include "ledger/record.h"

#include "base/error.h"
#include "ledger/policy.h"

#include <catch2/catch.hpp>

#include <functional>

using namespace atlasjob;

namespace {

const JobId kId = JobId::parse("01a2031f-fc00-7000-8000-000000000001").value();
const Time kCreatedAt = from_ms(1'000'000);

/// A record with only the required fields.
JobRecord minimal(Status status) {
    JobRecord record{kId};
    record.job.kind = "sync";
    record.job.owner = "alice";
    record.job.status = status;
    record.job.created_at = kCreatedAt;
    return record;
}

CommandSpec command(const std::string& cwd) {
    CommandSpec spec;
    spec.argv = {"make"};
    spec.cwd = cwd;
    spec.environment = {"A=1"};
    return spec;
}

Event event(std::optional<Status> from, Status to) {
    Event event;
    event.job_id = kId.str();
    event.type = "claim";
    event.from = from;
    event.to = to;
    event.actor = "alice";
    return event;
}

AttemptRecord attempt(int n, bool ended) {
    AttemptRecord record;
    record.n = n;
    record.fence = n;
    record.started_at = kCreatedAt;
    if (!ended) return record;
    record.ended_at = kCreatedAt;
    record.outcome = "error";
    return record;
}

/// The error message for a record changed by `spoil`; empty if it is accepted.
std::string refusal(Status status, const std::function<void(JobRecord&)>& spoil) {
    JobRecord record = minimal(status);
    spoil(record);
    try {
        check(completed(record));
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::invalid_argument);
        return error.message();
    }
    return {};
}

}  // namespace

TEST_CASE("a minimal record of any status is completed with defaults") {
    const Status status = GENERATE(from_range(kStatuses));
    const JobRecord record = completed(minimal(status));
    CHECK_NOTHROW(check(record));
    CHECK(record.job.queue == "default");
    CHECK(record.job.ended_at.has_value() == is_terminal(status));
    CHECK(events_of(record).size() == 1);
    CHECK(events_of(record)[0].to == status);
    if (status == Status::running) {
        CHECK(record.job.started_at == kCreatedAt);
        CHECK(attempts_of(record).size() == 1);
        CHECK_FALSE(attempts_of(record)[0].ended_at.has_value());
    }
    if (status == Status::done) {
        CHECK(record.job.progress == 1.0);
        CHECK(record.job.expires_at == kCreatedAt + default_retention(Status::done));
        CHECK(attempts_of(record)[0].outcome == "done");
    }
    CHECK(is_same_content(record, completed(minimal(status))));
}

TEST_CASE("an inconsistent record is rejected with the reason") {
    using Contains = Catch::Matchers::StdString::ContainsMatcher;
    struct Wrong {
        Status status;
        const char* why;
        std::function<void(JobRecord&)> spoil;
    };
    const std::vector<Wrong> wrongs = {
        {Status::queued, "kind", [](auto& r) { r.job.kind = "a b"; }},
        {Status::queued, "owner", [](auto& r) { r.job.owner = ""; }},
        {Status::queued, "queue", [](auto& r) { r.job.queue = "*"; }},
        {Status::queued, "label",
         [](auto& r) {
             r.job.labels = {{"", "x"}};
         }},
        {Status::queued, "priority", [](auto& r) { r.job.priority = 2'000'000; }},
        {Status::queued, "attempts", [](auto& r) { r.job.max_attempts = 0; }},
        {Status::queued, "seq is out of range", [](auto& r) { r.job.seq = 1LL << 60U; }},
        {Status::queued, "seq is out of range", [](auto& r) { r.job.seq = -1; }},
        {Status::queued, "cancel_requested_at",
         [](auto& r) { r.job.cancel_requested_at = kCreatedAt; }},
        {Status::queued, "ended_at", [](auto& r) { r.job.ended_at = kCreatedAt; }},
        {Status::queued, "result", [](auto& r) { r.job.result = "1"; }},
        {Status::running, "error", [](auto& r) { r.job.error = "no"; }},
        {Status::queued, "depends on itself", [](auto& r) { r.job.after = {kId}; }},
        {Status::queued, "command", [](auto& r) { r.command.emplace(); }},
        {Status::queued, "cwd", [](auto& r) { r.command = command("here"); }},
        {Status::done, "progress 1.0", [](auto& r) { r.job.progress = 0.5; }},
        {Status::running, "progress", [](auto& r) { r.job.progress = 1.5; }},
        {Status::running, "current", [](auto& r) { r.job.current = -1; }},
        {Status::running, "started_at is before",
         [](auto& r) { r.job.started_at = kCreatedAt - 1ms; }},
        {Status::error, "ended_at is before", [](auto& r) { r.job.ended_at = kCreatedAt - 1ms; }},
        {Status::error, "ended_at is before started_at",
         [](auto& r) {
             r.job.started_at = kCreatedAt + 2ms;
             r.job.ended_at = kCreatedAt + 1ms;
         }},
        {Status::running, "ascending order",
         [](auto& r) {
             r.attempts = {attempt(2, true), attempt(1, false)};
         }},
        {Status::running, "must be open if", [](auto& r) { r.attempts = {attempt(1, true)}; }},
        {Status::error, "must be open if", [](auto& r) { r.attempts = {attempt(1, false)}; }},
        {Status::running, "the last of the attempts is 0",
         [](auto& r) {
             r.job.attempt = 1;
             r.attempts.emplace();
         }},
        {Status::error, "outcome",
         [](auto& r) {
             r.attempts = {attempt(1, true)};
             r.attempts->back().outcome = "good";
         }},
        {Status::error, "both an outcome and ended_at",
         [](auto& r) {
             r.attempts = {attempt(1, true)};
             r.attempts->back().outcome.reset();
         }},
        {Status::error, "ends before it starts",
         [](auto& r) {
             r.attempts = {attempt(1, true)};
             r.attempts->back().ended_at = kCreatedAt - 1ms;
         }},
        {Status::error, "process but no supervisor",
         [](auto& r) {
             r.attempts = {attempt(1, true)};
             r.attempts->back().process = AttemptProcess{1, 1};
         }},
        {Status::queued, "group", [](auto& r) { r.job.group = "two\nlines"; }},
        {Status::queued, "schedule", [](auto& r) { r.job.schedule = ""; }},
        {Status::queued, "account", [](auto& r) { r.job.account_name = "\xff"; }},
        {Status::queued, "host", [](auto& r) { r.job.host = std::string(2000, 'h'); }},
        {Status::done, "frozen", [](auto& r) { r.job.frozen = true; }},
        {Status::error, "max_rss_bytes is below 0",
         [](auto& r) {
             r.job.usage = Usage{{}, -1, {}, {}, {}};
         }},
        {Status::queued, "latest attempt that has ended",
         [](auto& r) {
             r.job.usage = Usage{1ms, {}, {}, {}, {}};
         }},
        {Status::error, "latest attempt that has ended",
         [](auto& r) {
             r.attempts = {attempt(1, true)};
             r.job.usage = Usage{1ms, {}, {}, {}, {}};
         }},
        {Status::running, "has not ended cannot have usage",
         [](auto& r) {
             r.attempts = {attempt(1, false)};
             r.attempts->back().usage = Usage{1ms, {}, {}, {}, {}};
         }},
        {Status::running, "start from the status before it",
         [](auto& r) { r.events = {event(Status::queued, Status::running)}; }},
        {Status::running, "a status that is not the job's",
         [](auto& r) { r.events = {event({}, Status::queued)}; }},
        {Status::queued, "another job",
         [](auto& r) {
             r.events = {event({}, Status::queued)};
             r.events->back().job_id = "x";
         }},
        {Status::queued, "type of an event",
         [](auto& r) {
             r.events = {event({}, Status::queued)};
             r.events->back().type = "Two words";
         }},
    };
    for (const Wrong& wrong : wrongs) {
        INFO(wrong.why);
        CHECK_THAT(
            refusal(wrong.status, wrong.spoil), Contains({wrong.why, Catch::CaseSensitive::Yes}));
    }
}

TEST_CASE("a job has the usage of the latest of its attempts that has ended") {
    JobRecord record = minimal(Status::running);
    record.attempts = {attempt(1, true), attempt(2, true), attempt(3, false)};
    record.attempts->at(0).usage = Usage{1ms, {}, {}, {}, {}};
    record.attempts->at(1).usage = Usage{2ms, {}, {}, {}, {}};
    CHECK(completed(record).job.usage == record.attempts->at(1).usage);
    record.attempts->at(1).usage = Usage{};
    CHECK_FALSE(completed(record).job.usage.has_value());
    CHECK_NOTHROW(check(completed(record)));
}

TEST_CASE("without attempts the usage of an ended job is that of its last attempt") {
    JobRecord record = minimal(Status::done);
    record.job.usage = Usage{7ms, {}, {}, {}, {}};
    record = completed(record);
    CHECK_NOTHROW(check(record));
    CHECK(attempts_of(record).back().usage == record.job.usage);
}

TEST_CASE("record comparison ignores only ledger-specific fields") {
    JobRecord record = minimal(Status::running);
    record.command = command("/srv");
    record.knows_environment = true;
    record.events = {event({}, Status::running)};
    record.attempts = {attempt(1, false)};
    record = completed(record);

    JobRecord other = record;
    other.job.seq = 7;
    other.job.rev = 8;
    other.job.lease_until = kCreatedAt;
    other.job.suspect_at = kCreatedAt;
    other.job.held = true;
    other.job.account = 7;
    other.job.worker = ProcessIdentity{"h", "m", "b", 1, 2, 3, 4};
    other.events->back().seq = 9;
    CHECK(is_same_content(record, other));

    const std::vector<std::function<void(JobRecord&)>> changes = {
        [](auto& r) { r.job.kind = "other"; },
        [](auto& r) {
            r.job.labels = {{"a", "b"}};
        },
        [](auto& r) { r.job.updated_at += 1ms; },
        [](auto& r) { r.job.retention = 1ms; },
        [](auto& r) { r.job.group = "g"; },
        [](auto& r) { r.job.frozen = true; },
        [](auto& r) { r.job.result = "1"; },
        [](auto& r) { r.lease = 1ms; },
        [](auto& r) { r.cancel_text = "x"; },
        [](auto& r) { r.command->argv.emplace_back("all"); },
        [](auto& r) { r.command->environment = {"A=2"}; },
        [](auto& r) { r.command.reset(); },
        [](auto& r) { r.events->back().actor = "bob"; },
        [](auto& r) { r.attempts->back().fence = 5; },
    };
    for (const auto& change : changes) {
        JobRecord changed = record;
        change(changed);
        CHECK_FALSE(is_same_content(changed, record));
    }
}

TEST_CASE("parts missing from a record are not compared") {
    JobRecord whole = minimal(Status::queued);
    whole.command = command("/srv");
    whole.knows_environment = true;
    whole.events = {event({}, Status::queued)};
    whole = completed(whole);
    JobRecord without_environment = whole;
    without_environment.command->environment.clear();
    without_environment.knows_environment = false;
    CHECK(is_same_content(without_environment, whole));
    JobRecord without_history = whole;
    without_history.events.reset();
    CHECK(is_same_content(without_history, whole));
}

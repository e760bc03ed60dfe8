#include "contract/contract_case.h"
#include "support/full_records.h"

#include <atomic>
#include <set>
#include <thread>

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

std::vector<JobRecord> exported(
    Store& store, const JobFilter& filter = {}, const Principal& who = kAdmin) {
    std::vector<JobRecord> records;
    store.export_jobs(filter, who, [&](const JobRecord& record) {
        records.push_back(record);
        return true;
    });
    return records;
}

Imported import_all(Store& store, const std::vector<JobRecord>& records, std::int64_t highest = 0) {
    std::size_t next = 0;
    return store.import_jobs(
        {[&]() -> std::optional<JobRecord> {
             if (next == records.size()) return {};
             return records[next++];
         },
         highest});
}

/// A record with only the required fields.
JobRecord minimal(Status status, Time now) {
    JobRecord record{JobId::make(now)};
    record.job.kind = "sync";
    record.job.owner = kAlice.name;
    record.job.status = status;
    record.job.created_at = now;
    return record;
}

JobRecord queued_command(Time now) {
    JobRecord record = minimal(Status::queued, now);
    record.command.emplace();
    record.command->argv = {"make"};
    record.command->cwd = "/srv";
    return record;
}

std::int64_t jobs_in(Store& store) {
    return store.list({}, kAdmin).total;
}

/// Two ledgers of the same kind, to export from one and import into the other.
struct TransferCase : ContractCase {
    TransferCase()
        : other_ledger(kStoreFactories.front().make_ledger()), other(other_ledger->open(clock)) {}

    std::unique_ptr<Ledger> other_ledger;
    std::unique_ptr<Store> other;
};

}  // namespace

TEST_CASE_METHOD(TransferCase, "a job of any status is imported unchanged with its history") {
    const Status status = GENERATE(from_range(kStatuses));
    const bool has_command = GENERATE(true, false);
    NewJob spec = has_command ? jobs.command_spec() : jobs.created_spec();
    spec.labels = {{"team", "core"}};
    spec.name = "n\xC3\xA4me";
    spec.max_attempts = 2;
    const JobId id = jobs.in(status, spec).job_id;
    const auto records = exported(*store);
    REQUIRE(records.size() == 1);
    CHECK(import_all(*other, records).recorded == 1);
    const auto arrived = exported(*other);
    REQUIRE(arrived.size() == 1);
    CHECK(is_same_content(records[0], arrived[0]));
    CHECK(arrived[0].job.seq == records[0].job.seq);
    CHECK(arrived[0].events->size() == records[0].events->size());
    const Job job = other->get(JobRef::of(id), kAlice, Detail::full).value();
    CHECK(job.status == status);
    CHECK_FALSE(job.lease_until.has_value());
    CHECK(job.held == (status == Status::queued && has_command));
    CHECK(other->command_of(id) == store->command_of(id));
}

TEST_CASE_METHOD(TransferCase, "a value in any field of a job survives import and export") {
    const std::vector<JobRecord> records = full_records();
    CHECK(import_all(*store, records).recorded == std::ssize(records));
    const auto arrived = exported(*store);
    REQUIRE(arrived.size() == records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
        CHECK(fields_given(arrived[i]) == fields_given(records[i]));
        CHECK(is_same_content(records[i], arrived[i]));
        Job expected = records[i].job;
        expected.rev = arrived[i].job.rev;
        CHECK(job_text(arrived[i].job) == job_text(expected));
        CHECK(text(expected.job_id) == job_text(expected));
    }
    CHECK(import_all(*store, records).skipped == std::ssize(records));
}

TEST_CASE_METHOD(
    TransferCase, "a minimal record of any status can be imported and a repeat is skipped") {
    const Status status = GENERATE(from_range(kStatuses));
    const JobRecord record = minimal(status, now());
    CHECK(import_all(*store, {record}).recorded == 1);
    const Imported again = import_all(*store, {record});
    CHECK(again.recorded == 0);
    CHECK(again.skipped == 1);
    CHECK(get(record.job.job_id).status == status);
    CHECK(jobs.events(record.job.job_id).size() == 1);
    CHECK(store->count(kAlice).size() == 1);
}

TEST_CASE_METHOD(TransferCase, "an imported job with a command runs only after retry") {
    const JobRecord record = queued_command(now());
    CHECK(import_all(*store, {record}).held == 1);
    CHECK(store->count_runnable({}) == 0);
    CHECK_FALSE(store->next_due({}).has_value());
    CHECK_FALSE(store->claim(worker()).has_value());
    store->retry(record.job.job_id, "alice");
    CHECK(store->count_runnable({}) == 1);
    CHECK_FALSE(get(record.job.job_id).held);
    CHECK(error_of([&] { store->retry(record.job.job_id, "alice"); }) == ErrorCode::refused);
    const auto claim = store->claim(worker());
    REQUIRE(claim.has_value());
    CHECK(claim->job.job_id == record.job.job_id);
    CHECK(
        jobs.history(record.job.job_id)
        == "submit -> queued, unhold queued -> queued, claim queued -> running");
}

TEST_CASE_METHOD(TransferCase, "a held job stays held when it becomes due or is edited") {
    JobRecord record = queued_command(now());
    record.job.run_after = now() + 1s;
    import_all(*store, {record});
    clock.advance(1h);
    CHECK_FALSE(store->claim(worker()).has_value());
    JobEdit edit;
    edit.priority = 5;
    edit.run_after = now();
    store->edit(record.job.job_id, edit, "alice");
    CHECK_FALSE(store->claim(worker()).has_value());
    CHECK(get(record.job.job_id).held);
    store->retry(record.job.job_id, "alice");
    CHECK(store->claim(worker()).has_value());
}

TEST_CASE_METHOD(TransferCase, "a held job can be cancelled and then retried") {
    const JobRecord record = queued_command(now());
    import_all(*store, {record});
    CHECK(store->request_cancel(record.job.job_id, {"alice", {}, {}}) == CancelResult::cancelled);
    store->retry(record.job.job_id, "alice");
    CHECK(store->claim(worker()).has_value());
}

TEST_CASE_METHOD(TransferCase, "a job released from hold still waits for its dependencies") {
    JobRecord first = queued_command(now());
    JobRecord second = queued_command(now());
    second.job.after = {first.job.job_id};
    import_all(*store, {first, second});
    store->retry(second.job.job_id, "alice");
    CHECK_FALSE(store->claim(worker()).has_value());
    store->retry(first.job.job_id, "alice");
    const auto claim = store->claim(worker());
    REQUIRE(claim.has_value());
    CHECK(claim->job.job_id == first.job.job_id);
    finish(claim->attempt, ended_done());
    CHECK(store->claim(worker()).has_value());
}

TEST_CASE_METHOD(TransferCase, "a held job stays held when its dependency is done") {
    JobRecord first = queued_command(now());
    JobRecord second = queued_command(now());
    second.job.after = {first.job.job_id};
    // In either order: a record may precede its dependency.
    const bool swapped = GENERATE(true, false);
    import_all(*store, swapped ? std::vector{second, first} : std::vector{first, second});
    store->retry(first.job.job_id, "alice");
    const auto claim = store->claim(worker());
    REQUIRE(claim.has_value());
    finish(claim->attempt, ended_done());
    CHECK_FALSE(store->claim(worker()).has_value());
    store->retry(second.job.job_id, "alice");
    CHECK(store->claim(worker()).has_value());
}

TEST_CASE_METHOD(
    TransferCase, "an imported job without a command can start once its dependency is done") {
    JobRecord first = minimal(Status::done, now());
    JobRecord second = minimal(Status::queued, now());
    second.job.after = {first.job.job_id};
    const bool swapped = GENERATE(true, false);
    import_all(*store, swapped ? std::vector{second, first} : std::vector{first, second});
    CHECK_NOTHROW(store->start(second.job.job_id, "executor"));
}

TEST_CASE_METHOD(TransferCase, "an imported job waits for the end that it waited for") {
    const Status end = GENERATE(Status::done, Status::error, Status::queued);
    JobRecord first = minimal(end, now());
    JobRecord second = minimal(Status::queued, now());
    second.job.after_ended = {first.job.job_id};
    const bool swapped = GENERATE(true, false);
    import_all(*store, swapped ? std::vector{second, first} : std::vector{first, second});
    CHECK(get(second.job.job_id).after_ended == std::vector{first.job.job_id});
    if (is_terminal(end)) {
        CHECK_NOTHROW(store->start(second.job.job_id, "executor"));
    } else {
        CHECK(error_of([&] { store->start(second.job.job_id, "executor"); }) == ErrorCode::refused);
    }
}

TEST_CASE_METHOD(TransferCase, "an imported job finds its dependency by the tombstone") {
    const JobId first = jobs.in(Status::done).job_id;
    store->remove(first);
    JobRecord second = minimal(Status::queued, now());
    second.job.after = {first};
    import_all(*store, {second});
    CHECK_NOTHROW(store->start(second.job.job_id, "executor"));
}

TEST_CASE_METHOD(TransferCase, "the hook of a job without a command is exported and imported") {
    NewJob spec = jobs.created_spec();
    spec.hook.emplace();
    spec.hook->cwd = "/srv";
    spec.hook->on_end = "true";
    jobs.queued(spec);
    import_all(*other, exported(*store));
    CHECK(other->hook_of(spec.job_id) == spec.hook);
    CHECK_FALSE(other->command_of(spec.job_id));
}

TEST_CASE_METHOD(TransferCase, "an imported running job takes no slot of its queue") {
    const auto of_gpu = [&] {
        NewJob spec = jobs.command_spec();
        spec.queue = "gpu";
        return spec;
    };
    const AttemptKey there = jobs.running(of_gpu());
    jobs.queued(of_gpu());
    import_all(*other, exported(*store));
    JobFactory here{*other, clock};
    here.queued(of_gpu());
    here.queued(of_gpu());
    ClaimRequest request = worker();
    request.queue_slots = {{"gpu", 1}};
    CHECK_FALSE(store->claim(request));
    const auto claimed = other->claim(request);
    REQUIRE(claimed);
    CHECK(claimed->job.job_id != there.job_id);
    CHECK_FALSE(other->claim(request));
}

TEST_CASE_METHOD(
    TransferCase, "an imported running job has no supervisor here and is never reaped") {
    jobs.running();
    import_all(*other, exported(*store));
    const auto running = other->running_attempts();
    REQUIRE(running.size() == 1);
    CHECK_FALSE(running[0].supervisor.has_value());
    CHECK_FALSE(running[0].lease_until.has_value());
    clock.advance(24h);
    CHECK_FALSE(other->mark_suspect(running[0].key));
    CHECK_FALSE(other->reap(running[0].key, ReapGround::silent, "gc").has_value());
    CHECK(other->claim(worker()) == std::nullopt);
    // The outcome can be recorded without the fence, which only the original supervisor had.
    const AttemptKey by_hand{running[0].key.job_id};
    CHECK(other->finish(by_hand, ended_done(), "alice")->status == Status::done);
}

TEST_CASE_METHOD(
    TransferCase, "a known job with other content is refused by id and nothing is imported") {
    const JobRecord known = minimal(Status::done, now());
    import_all(*store, {known});
    JobRecord changed = known;
    changed.job.result = "42";
    const JobRecord fresh = minimal(Status::done, now());
    try {
        import_all(*store, {fresh, changed});
        FAIL("the import succeeded");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::refused);
        CHECK_THAT(error.message(), Catch::Contains(known.job.job_id.str()));
    }
    CHECK(jobs_in(*store) == 1);
    CHECK_FALSE(get(known.job.job_id).result.has_value());
}

TEST_CASE_METHOD(TransferCase, "an import is atomic") {
    const std::vector<JobRecord> records = {
        minimal(Status::done, now()), minimal(Status::running, now())};
    std::size_t next = 0;
    const auto failing_source = [&]() -> std::optional<JobRecord> {
        if (next == records.size()) throw Error(ErrorCode::invalid_argument, "line 3 is wrong");
        return records[next++];
    };
    CHECK(
        error_of([&] {
            static_cast<void>(store->import_jobs({failing_source, 0}));
        })
        == ErrorCode::invalid_argument);
    CHECK(jobs_in(*store) == 0);
    CHECK(store->events_since({}, kAdmin).empty());
    JobRecord wrong = minimal(Status::done, now());
    wrong.job.progress = 0.5;
    CHECK(
        error_of([&] {
            import_all(*store, {records[0], wrong});
        })
        == ErrorCode::invalid_argument);
    CHECK(jobs_in(*store) == 0);
    CHECK(import_all(*store, records).recorded == 2);
}

TEST_CASE_METHOD(TransferCase, "importing a job whose key is active is refused") {
    NewJob spec = jobs.command_spec();
    spec.key = "nightly";
    jobs.queued(spec);
    JobRecord record = queued_command(now());
    record.job.key = "nightly";
    CHECK(error_of([&] { import_all(*store, {record}); }) == ErrorCode::refused);
    record.job.status = Status::done;
    CHECK(import_all(*store, {record}).recorded == 1);
}

TEST_CASE_METHOD(TransferCase, "job numbers are kept if free and never taken from another record") {
    jobs.queued();  // takes number 1
    std::vector<JobRecord> records;
    for (const std::int64_t seq : {1, 2, 3}) {
        records.push_back(minimal(Status::done, now()));
        records.back().job.seq = seq;
    }
    const Imported imported = import_all(*store, records, 3);
    REQUIRE(imported.renumbered.size() == 1);
    CHECK(imported.renumbered[0].from == 1);
    CHECK(imported.renumbered[0].to == 4);
    CHECK(get(records[1].job.job_id).seq == 2);
    CHECK(get(records[2].job.job_id).seq == 3);
    CHECK(get(jobs.queued()).seq == 5);
}

TEST_CASE_METHOD(TransferCase, "the number of a deleted job stays reserved for its own import") {
    const JobId deleted = jobs.in(Status::done).job_id;
    const auto before = exported(*store);
    store->remove(deleted);
    JobRecord other_job = minimal(Status::done, now());
    other_job.job.seq = 1;
    CHECK(import_all(*store, {other_job}).renumbered.size() == 1);
    CHECK(import_all(*store, before).renumbered.empty());
    CHECK(get(deleted).seq == 1);
    CHECK_FALSE(store->tombstone(JobRef::of(deleted), kAdmin).has_value());
}

TEST_CASE_METHOD(TransferCase, "events keep their numbers or at least their order") {
    jobs.in(Status::done);
    jobs.in(Status::error);
    const auto records = exported(*store);
    import_all(*other, {records[1]});
    CHECK(exported(*other)[0].events == records[1].events);
    // The first events of this ledger now have the numbers of the other job's events.
    JobFactory elsewhere{*other, clock};
    elsewhere.queued();
    CHECK(import_all(*other, {records[0]}).recorded == 1);
    EventQuery all;
    std::set<std::int64_t> numbers;
    for (const Event& event : other->events_since(all, kAdmin))
        CHECK(numbers.insert(event.seq).second);
    CHECK(is_same_content(records[0], exported(*other)[0]));
}

TEST_CASE_METHOD(TransferCase, "an export contains what a list contains but oldest first") {
    const JobId done = jobs.in(Status::done).job_id;
    const JobId queued = jobs.queued();
    NewJob foreign = jobs.created_spec();
    foreign.owner = kBob.name;
    jobs.queued(foreign);
    const auto ids_of = [](const std::vector<JobRecord>& records) {
        std::vector<JobId> ids;
        for (const JobRecord& record : records)
            ids.push_back(record.job.job_id);
        return ids;
    };
    CHECK(ids_of(exported(*store, {}, kAlice)) == std::vector{done, queued});
    CHECK(exported(*store).size() == 3);
    JobFilter filtered;
    filtered.statuses = {Status::done};
    CHECK(ids_of(exported(*store, filtered)) == std::vector{done});
    std::size_t exported_jobs = 0;
    store->export_jobs({}, kAdmin, [&](const JobRecord&) { return ++exported_jobs < 2; });
    CHECK(exported_jobs == 2);
}

TEST_CASE_METHOD(TransferCase, "an export is one snapshot and does not block writers") {
    for (int i = 0; i < 5; ++i)
        jobs.queued();
    const auto second = ledger->open(clock);
    JobFactory elsewhere{*second, clock};
    std::size_t exported_jobs = 0;
    store->export_jobs({}, kAdmin, [&](const JobRecord& record) {
        elsewhere.queued();
        if (exported_jobs++ == 0)
            second->request_cancel(exported(*second).back().job.job_id, {"alice", {}, {}});
        CHECK(record.job.status == Status::queued);
        return true;
    });
    CHECK(exported_jobs == 5);
    CHECK(jobs_in(*store) == 10);
}

TEST_CASE_METHOD(TransferCase, "two concurrent imports record each job once") {
    std::vector<JobRecord> records;
    for (int i = 0; i < 40; ++i)
        records.push_back(minimal(Status::done, now()));
    std::atomic<std::int64_t> recorded = 0;
    std::atomic<std::int64_t> skipped = 0;
    const auto import_here = [&] {
        const auto own_store = ledger->open(clock);
        const Imported imported = import_all(*own_store, records);
        recorded += imported.recorded;
        skipped += imported.skipped;
    };
    std::thread first{import_here};
    std::thread second{import_here};
    first.join();
    second.join();
    CHECK(recorded == 40);
    CHECK(skipped == 40);
    CHECK(jobs_in(*store) == 40);
}

TEST_CASE_METHOD(TransferCase, "a read-only store can export but not import") {
    jobs.queued();
    const auto reader = ledger->open_to_read(clock);
    CHECK(exported(*reader).size() == 1);
    CHECK(error_of([&] { import_all(*reader, {}); }) == ErrorCode::refused);
}

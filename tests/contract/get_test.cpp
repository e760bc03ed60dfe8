#include "contract/get_case.h"

#include <algorithm>
#include <map>
#include <tuple>

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

JobRef by_seq(std::int64_t seq) {
    return {JobRef::Kind::seq, seq, {}};
}

}  // namespace

TEST_CASE_METHOD(ReadingCase, "a job is found by number and by id") {
    add();
    const JobId id = add();
    const Job by_id = get(id);
    const auto found = store->get(by_seq(by_id.seq), kAlice, Detail::full);
    REQUIRE(found);
    CHECK(job_text(*found) == job_text(by_id));
}

TEST_CASE_METHOD(ReadingCase, "last refers to the principal's own newest job") {
    CHECK_FALSE(store->get(JobRef{}, kAlice, Detail::full));
    add();
    const JobId alices = add();
    const JobId bobs = add([](NewJob& spec) { spec.owner = "bob"; });
    CHECK(store->get(JobRef{}, kAlice, Detail::full)->job_id == alices);
    CHECK(store->get(JobRef{}, kBob, Detail::full)->job_id == bobs);
    CHECK_FALSE(store->get(JobRef{}, kAdmin, Detail::full));
    const JobId roots = add([](NewJob& spec) { spec.owner = kAdmin.name; });
    add();
    CHECK(store->get(JobRef{}, kAdmin, Detail::full)->job_id == roots);
}

TEST_CASE_METHOD(ReadingCase, "other owners' jobs are invisible except to an admin") {
    const JobId id = add();
    const std::int64_t seq = get(id).seq;
    for (const JobRef& ref : {JobRef::of(id), by_seq(seq)}) {
        CHECK(store->get(ref, kAlice, Detail::full));
        CHECK(store->get(ref, kAdmin, Detail::full));
        CHECK_FALSE(store->get(ref, kBob, Detail::full));
        CHECK_FALSE(store->get(ref, Principal{"ALICE"}, Detail::full));
    }
}

TEST_CASE_METHOD(ReadingCase, "getting an unknown job returns nullopt") {
    add();
    CHECK_FALSE(store->get(by_seq(4242), kAdmin, Detail::full));
    CHECK_FALSE(store->get(JobRef::of(JobId::make(now())), kAdmin, Detail::full));
}

TEST_CASE_METHOD(ReadingCase, "a summary omits labels and attempts and other details") {
    NewJob spec = jobs.command_spec();
    spec.labels = {{"team", "core"}};
    spec.after = {jobs.in(Status::done).job_id};
    const AttemptKey attempt = jobs.running(spec);
    auto summary = store->get(JobRef::of(attempt.job_id), kAlice, Detail::summary);
    REQUIRE(summary);
    CHECK(summary->labels.empty());
    CHECK(summary->after.empty());
    CHECK(summary->command.empty());
    CHECK_FALSE(summary->cwd);
    CHECK_FALSE(summary->worker);

    Job whole = get(attempt.job_id);
    whole.labels.clear();
    whole.after.clear();
    whole.command.clear();
    whole.cwd.reset();
    whole.worker.reset();
    CHECK(job_text(*summary) == job_text(whole));
}

TEST_CASE_METHOD(ReadingCase, "command_of returns the whole command byte for byte") {
    std::string bytes;
    for (int c = 1; c < 256; ++c)
        bytes += static_cast<char>(c);
    NewJob spec = jobs.command_spec();
    spec.command->argv = {"printf", bytes, ""};
    spec.command->cwd = "/srv/\xFF";
    spec.command->environment = {"B=" + bytes, "A="};
    spec.command->umask = 027;
    spec.command->attributes = "nice=15 nofile=64:4096";
    spec.command->result_from = ResultFrom::standard_output;
    spec.command->log_limit_bytes = 8192;
    spec.command->keep_strays = true;
    spec.command->backoff = 7s;
    spec.command->backoff_factor = 1.5;
    spec.command->grace = 90s;
    spec.command->kill_signal = "SIGINT";
    spec.command->input = std::string(1, '\0') + bytes + std::string(1, '\0');
    spec.command->on_end = "printf '\xFF'; " + bytes;
    spec.command->progress_from = "([0-9]+)/([0-9]+)";
    jobs.queued(spec);
    const auto command = store->command_of(spec.job_id);
    REQUIRE(command);
    const auto claim = store->claim(worker());
    REQUIRE(claim);
    for (const CommandSpec& command_spec : {*command, claim->command})
        CHECK(command_spec == *spec.command);
}

TEST_CASE_METHOD(ReadingCase, "empty standard input differs from none") {
    NewJob spec = jobs.command_spec();
    jobs.queued(spec);
    CHECK_FALSE(store->command_of(spec.job_id)->input);
    CHECK_FALSE(store->command_of(spec.job_id)->on_end);
    CHECK_FALSE(store->command_of(spec.job_id)->progress_from);
    spec = jobs.command_spec();
    spec.command->input = "";
    jobs.queued(spec);
    CHECK(store->command_of(spec.job_id)->input == "");
}

TEST_CASE_METHOD(
    ReadingCase, "command_of returns nullopt for jobs without a command and unknown jobs") {
    CHECK_FALSE(store->command_of(jobs.queued(jobs.created_spec())));
    CHECK_FALSE(store->command_of(JobId::make(now())));
}

TEST_CASE_METHOD(ReadingCase, "a list contains all visible jobs in full detail and newest first") {
    CHECK(listed({}).empty());
    const JobId first = add([](NewJob& spec) { spec.labels = {{"a", "1"}}; });
    const JobId second = add([](NewJob& spec) { spec.owner = "bob"; });
    const JobId third = jobs.queued();
    CHECK(listed({}) == Ids{third, second, first});
    CHECK(listed({}, kAlice) == Ids{third, first});
    CHECK(listed({}, kBob) == Ids{second});
    for (const Job& job : store->list({}, kAdmin).jobs)
        CHECK(job_text(job) == text(job.job_id));
}

TEST_CASE_METHOD(ReadingCase, "a list can be filtered by status") {
    std::map<Status, JobId> one_each;
    for (const Status status : kStatuses)
        one_each.emplace(status, jobs.in(status, jobs.created_spec()).job_id);
    for (const Status status : kStatuses)
        CHECK(
            listed_where([&](auto& q) { q.filter.statuses = {status}; })
            == Ids{one_each.at(status)});
    CHECK(
        listed_where([](auto& q) {
            q.filter.statuses = {Status::done, Status::queued};
        })
        == Ids{one_each.at(Status::done), one_each.at(Status::queued)});
    CHECK(
        listed_where([](auto& q) {
            q.filter.statuses.assign(kStatuses.begin(), kStatuses.end());
        }).size()
        == 5);
}

TEST_CASE_METHOD(ReadingCase, "a list can be filtered by kind and queue and owner") {
    const JobId sync = add([](NewJob& spec) { spec.kind = "sync"; });
    const JobId index = add([](NewJob& spec) { spec.kind = "index"; });
    const JobId bulk = add([](NewJob& spec) { spec.queue = "bulk"; });
    const JobId bobs = add([](NewJob& spec) { spec.owner = "bob"; });
    CHECK(listed_where([](auto& q) { q.filter.kinds = {"index"}; }) == Ids{index});
    CHECK(
        listed_where([](auto& q) {
            q.filter.kinds = {"index", "sync"};
        })
        == Ids{bobs, bulk, index, sync});
    CHECK(listed_where([](auto& q) { q.filter.queues = {"bulk"}; }) == Ids{bulk});
    CHECK(listed_where([](auto& q) { q.filter.queues = {"bulk", "none"}; }) == Ids{bulk});
    CHECK(listed_where([](auto& q) { q.filter.owners = {"bob"}; }) == Ids{bobs});
    CHECK(listed_where([](auto& q) { q.filter.kinds = {"ind"}; }).empty());
}

TEST_CASE_METHOD(ReadingCase, "filtering by another owner does not reveal that owner's jobs") {
    add([](NewJob& spec) { spec.owner = "bob"; });
    const JobId alices = add();
    ListQuery query;
    query.filter.owners = {"bob"};
    CHECK(listed(query, kAlice).empty());
    CHECK(store->list(query, kAlice).total == 0);
    query.filter.owners = {"bob", "alice"};
    CHECK(listed(query, kAlice) == Ids{alices});
    CHECK(store->list(query, kAlice).total == 1);
}

TEST_CASE_METHOD(ReadingCase, "a list filtered by labels requires all of them") {
    const JobId both = add([](NewJob& spec) { spec.labels = {{"app", "x"}, {"team", "core"}}; });
    const JobId one = add([](NewJob& spec) { spec.labels = {{"team", "core"}}; });
    add([](NewJob& spec) { spec.labels = {{"team", "web"}}; });
    add();
    CHECK(listed_where([](auto& q) { q.filter.labels = {{"team", "core"}}; }) == Ids{one, both});
    CHECK(
        listed_where([](auto& q) {
            q.filter.labels = {{"team", "core"}, {"app", "x"}};
        })
        == Ids{both});
    CHECK(listed_where([](auto& q) { q.filter.labels = {{"team", ""}}; }).empty());
    CHECK(listed_where([](auto& q) { q.filter.labels = {{"core", "team"}}; }).empty());
}

TEST_CASE_METHOD(ReadingCase, "a time filter includes its start and excludes its end") {
    const JobId first = add();
    const JobId second = add();
    const JobId third = add();
    const Time second_at = get(second).created_at;
    CHECK(listed_where([&](auto& q) { q.filter.since = second_at; }) == Ids{third, second});
    CHECK(listed_where([&](auto& q) { q.filter.until = second_at; }) == Ids{first});
    CHECK(
        listed_where([&](auto& q) {
            q.filter.since = second_at;
            q.filter.until = second_at + 1ms;
        })
        == Ids{second});
}

TEST_CASE_METHOD(ReadingCase, "a search covers name and kind and message and error and command") {
    const JobId by_name = add([](NewJob& spec) { spec.name = "rebuild NEEDLE index"; });
    const JobId by_kind = add([](NewJob& spec) { spec.kind = "needle"; });
    const JobId by_message = add();
    Report report;
    report.message = "found a needle";
    store->report(store->start(by_message, "alice"), report);
    const JobId by_error = add();
    Outcome outcome = ended_error();
    outcome.error = "no needle here";
    finish(store->start(by_error, "alice"), outcome);
    NewJob spec = jobs.command_spec();
    spec.command->argv = {"grep", "needle", "haystack"};
    const JobId by_command = jobs.queued(spec);
    add([](NewJob& other) { other.name = "haystack"; });

    const auto found = listed_where([](auto& q) { q.filter.search = "needle"; });
    for (const JobId& id : {by_kind, by_message, by_error, by_command})
        CHECK(std::ranges::count(found, id) == 1);
    CHECK(std::ranges::count(found, by_name) <= 1);  // a store may search case-sensitively or not
    CHECK(listed_where([](auto& q) { q.filter.search = "NEEDLE index"; }) == Ids{by_name});
}

TEST_CASE_METHOD(ReadingCase, "search text is literal and not a pattern") {
    const JobId percent = add([](NewJob& spec) { spec.name = "100% done"; });
    const JobId under = add([](NewJob& spec) { spec.name = "a_b"; });
    add([](NewJob& spec) { spec.name = "axb"; });
    const JobId quote = add([](NewJob& spec) { spec.name = "it's \"x\" \\ *[a]?"; });
    CHECK(listed_where([](auto& q) { q.filter.search = "0%"; }) == Ids{percent});
    CHECK(listed_where([](auto& q) { q.filter.search = "%"; }) == Ids{percent});
    CHECK(listed_where([](auto& q) { q.filter.search = "a_b"; }) == Ids{under});
    CHECK(listed_where([](auto& q) { q.filter.search = "'s \"x\" \\ *[a]?"; }) == Ids{quote});
}

TEST_CASE_METHOD(ReadingCase, "filters are combined with and") {
    const auto make_match = [](NewJob& spec) {
        spec.kind = "sync";
        spec.queue = "bulk";
        spec.name = "needle";
        spec.labels = {{"team", "core"}};
    };
    const JobId match = add(make_match);
    add([&](NewJob& spec) { make_match(spec), spec.kind = "index"; });
    add([&](NewJob& spec) { make_match(spec), spec.queue = "default"; });
    add([&](NewJob& spec) { make_match(spec), spec.name = "hay"; });
    add([&](NewJob& spec) { make_match(spec), spec.labels = {{"team", "web"}}; });
    add([&](NewJob& spec) { make_match(spec), spec.owner = "bob"; });
    const JobId ended = add(make_match);
    finish(store->start(ended, "alice"), ended_done());
    const Time too_late = now() + 1ms;
    add(make_match);
    CHECK(
        listed_where([&](ListQuery& q) {
            q.filter.statuses = {Status::queued};
            q.filter.kinds = {"sync"};
            q.filter.queues = {"bulk"};
            q.filter.owners = {"alice"};
            q.filter.labels = {{"team", "core"}};
            q.filter.search = "needle";
            q.filter.since = get(match).created_at;
            q.filter.until = too_late;
        })
        == Ids{match});
}

TEST_CASE_METHOD(
    ReadingCase, "pages follow each other without gap or overlap and report the total") {
    Ids all;
    for (int n = 0; n < 7; ++n) {
        all.insert(all.begin(), add());
        add([](NewJob& spec) { spec.owner = "bob"; });
    }
    ListQuery query;
    query.limit = 3;
    Ids paged;
    std::vector<std::size_t> sizes;
    for (;;) {
        const JobPage page = store->list(query, kAlice);
        CHECK(page.total == 7);
        sizes.push_back(page.jobs.size());
        for (const Job& job : page.jobs)
            paged.push_back(job.job_id);
        if (!page.next_seq) break;
        CHECK(*page.next_seq == page.jobs.back().seq);
        query.before_seq = page.next_seq;
    }
    CHECK(paged == all);
    CHECK(sizes == std::vector<std::size_t>{3, 3, 1});
}

TEST_CASE_METHOD(ReadingCase, "the page with the last job has no next cursor") {
    for (int n = 0; n < 4; ++n)
        add();
    ListQuery query;
    query.limit = 2;
    query.before_seq = store->list(query, kAlice).next_seq;
    REQUIRE(query.before_seq);
    const JobPage second = store->list(query, kAlice);
    CHECK(second.jobs.size() == 2);
    CHECK_FALSE(second.next_seq);
}

TEST_CASE_METHOD(ReadingCase, "pages stay stable while new jobs are submitted") {
    const JobId oldest = add();
    add();
    ListQuery query;
    query.limit = 1;
    query.before_seq = store->list(query, kAlice).next_seq;
    add();
    CHECK(listed(query, kAlice) == Ids{oldest});
    CHECK(store->list(query, kAlice).total == 3);
}

TEST_CASE_METHOD(ReadingCase, "counts equal the number of jobs by status") {
    for (const Status status :
         {Status::running, Status::done, Status::error, Status::cancelled, Status::queued})
        for (const char* queue : {"a", "b"}) {
            NewJob spec = jobs.command_spec();
            spec.queue = queue;
            if (status == Status::done) spec.kind = "sync";
            jobs.in(status, spec);
        }
    const JobId retried = jobs.in(Status::error, jobs.created_spec()).job_id;
    store->retry(retried, "alice");
    add([](NewJob& spec) { spec.owner = "bob"; });

    for (const Principal& principal : {kAlice, kBob, kAdmin, Principal{"nobody"}}) {
        using Place = std::tuple<std::string, std::string, Status>;
        std::map<Place, std::int64_t> scanned;
        for (const Job& job : store->list({}, principal).jobs)
            ++scanned[{job.queue, job.kind, job.status}];
        std::map<Place, std::int64_t> counted;
        for (const Count& count : store->count(principal)) {
            CHECK(count.jobs > 0);
            CHECK(counted.try_emplace({count.queue, count.kind, count.status}, count.jobs).second);
        }
        CHECK(counted == scanned);
    }
}

TEST_CASE_METHOD(ReadingCase, "the hook of a job without a command is kept apart from commands") {
    NewJob spec = jobs.created_spec();
    spec.hook.emplace();
    spec.hook->cwd = "/srv/\xFF";
    spec.hook->environment = {"A=1"};
    spec.hook->on_end = "true";
    jobs.queued(spec);
    CHECK(store->hook_of(spec.job_id) == spec.hook);
    CHECK_FALSE(store->command_of(spec.job_id));
    CHECK(get(spec.job_id).command.empty());
    CHECK_FALSE(get(spec.job_id).cwd);
    CHECK_FALSE(store->hook_of(jobs.queued()));
    NewJob command = jobs.command_spec();
    command.command->on_end = "true";
    CHECK(store->hook_of(jobs.queued(command)) == command.command);
}

#include "contract/get_case.h"

#include <algorithm>
#include <array>

using namespace atlasjob;
using namespace atlasjob::test;

TEST_CASE_METHOD(ReadingCase, "a search reflects changed and ended and retried and deleted jobs") {
    std::vector<JobId> ids;
    for (int n = 0; n < 700; ++n) {  // some texts exceed the limit for indexing
        ids.push_back(add([&](NewJob& spec) { spec.name = "file " + std::to_string(n) + " end"; }));
    }
    const auto found = [&](const char* text) {
        return listed_where([&](auto& q) {
            q.filter.search = text;
            q.limit = 1000;
        });
    };
    const auto total_of = [&](const char* text) {
        ListQuery query;
        query.filter.search = text;
        query.limit = 5;
        return store->list(query, kAdmin).total;
    };
    CHECK(found("FILE 7 end") == Ids{ids[7]});
    CHECK(found("file 699 end") == Ids{ids[699]});
    CHECK(found("7 e").size() == 70);
    CHECK(total_of("file") == 700);

    const auto attempt = store->start(ids[3], "alice");
    Report report;
    report.message = "needle one";
    store->report(attempt, report);
    CHECK(found("needle one") == Ids{ids[3]});
    report.message = "another";
    store->report(attempt, report);
    CHECK(found("needle one").empty());
    store->optimize();
    CHECK(found("another") == Ids{ids[3]});
    Outcome outcome = ended_error();
    outcome.error = "it broke";
    finish(attempt, outcome);
    CHECK(found("it broke") == Ids{ids[3]});
    store->optimize();
    CHECK(found("it broke") == Ids{ids[3]});
    store->retry(ids[3], "alice");
    CHECK(found("it broke").empty());
    CHECK(found("file 3 end") == Ids{ids[3]});

    store->request_cancel(ids[5], {"alice", {}, {}});
    store->remove(ids[5]);
    CHECK(found("file 5 end").empty());
    CHECK(total_of("file") == 699);
    store->optimize();
    CHECK(total_of("file") == 699);
}

TEST_CASE_METHOD(ReadingCase, "a job whose kind and text both match is found once") {
    const auto named = [&](const char* kind, const char* name) {
        return add([&](NewJob& spec) {
            spec.kind = kind;
            spec.name = name;
        });
    };
    const JobId both = named("convert", "convert a");
    const JobId kind_only = named("convert", "b");
    const auto found = [&](std::vector<std::string> kinds) {
        return listed_where([&](auto& q) {
            q.filter.search = "Convert";
            q.filter.kinds = std::move(kinds);
        });
    };
    for (const bool indexed : {false, true}) {
        INFO(indexed);
        if (indexed) store->optimize();
        CHECK(found({}) == Ids{kind_only, both});
        CHECK(found({"convert"}) == Ids{kind_only, both});
        CHECK(found({"sync"}).empty());
    }
    const JobId text_only = named("sync", "convert c");
    named("sync", "d");
    for (const bool indexed : {false, true}) {
        INFO(indexed);
        if (indexed) store->optimize();
        CHECK(found({}) == Ids{text_only, kind_only, both});
        CHECK(found({"sync"}) == Ids{text_only});
        CHECK(found({"convert"}) == Ids{kind_only, both});
    }
}

TEST_CASE_METHOD(ReadingCase, "text too long for the index is still found") {
    NewJob spec = jobs.command_spec();
    spec.command->argv = {"sh", "-c", std::string(40'000, 'x') + " needle"};
    const JobId id = jobs.queued(spec);
    store->optimize();
    CHECK(listed_where([](auto& q) { q.filter.search = "needle"; }) == Ids{id});
    store->optimize();
    CHECK(listed_where([](auto& q) { q.filter.search = "xx NEEDLE"; }) == Ids{id});
}

TEST_CASE_METHOD(ReadingCase, "lists and totals are right for every access path") {
    const std::array kinds = {"a", "b", "c"};
    for (int n = 0; n < 60; ++n) {
        const JobId id = add([&](NewJob& spec) {
            spec.kind = kinds.at(static_cast<std::size_t>(n % 3));
            spec.queue = n % 4 == 0 ? "bulk" : "default";
            spec.owner = n % 5 == 0 ? "bob" : "alice";
            spec.name = n % 4 == 1 ? "sound" : "file";
            spec.labels = {{"env", n % 2 == 0 ? "prod" : "test"}, {"n", std::to_string(n % 7)}};
        });
        if (n % 3 == 0) finish(store->start(id, "x"), ended_done());
        if (n % 11 == 5) store->request_cancel(id, {"x", {}, {}});
    }
    store->optimize();
    ListQuery everything;
    everything.limit = 100;
    const std::vector<Job> all = store->list(everything, kAdmin).jobs;
    REQUIRE(all.size() == 60);
    const auto has = [](const Job& job, const Label& label) {
        return std::ranges::count(job.labels, label) == 1;
    };
    for (unsigned mask = 0; mask < 256; ++mask) {
        ListQuery query;
        query.limit = 12;
        if (mask & 1U) query.filter.statuses = {Status::done, Status::queued};
        if (mask & 2U) query.filter.kinds = {"a", "b"};
        if (mask & 4U) query.filter.queues = {"default"};
        if (mask & 8U) query.filter.labels = {{"env", "prod"}};
        if (mask & 16U) query.filter.labels.push_back({"n", "3"});
        if (mask & 32U) query.filter.until = all[20].created_at;
        if (mask & 64U) query.filter.search = "file";
        if (mask & 128U) query.filter.statuses.push_back(Status::cancelled);
        INFO("mask " << mask);
        for (const Principal& who : {kAdmin, kAlice, kBob}) {
            Ids expected;
            for (const Job& job : all) {
                const bool matches =
                    who.may_see(job.owner)
                    && (query.filter.statuses.empty()
                        || std::ranges::count(query.filter.statuses, job.status) > 0)
                    && (query.filter.kinds.empty() || job.kind != "c")
                    && (query.filter.queues.empty() || job.queue == "default")
                    && std::ranges::all_of(
                        query.filter.labels, [&](const Label& label) { return has(job, label); })
                    && (!query.filter.until || job.created_at < *query.filter.until)
                    && (!query.filter.search || job.name == query.filter.search);
                if (matches) expected.push_back(job.job_id);
            }
            for (const bool ascending : {false, true}) {
                query.order = {ListKey::seq, ascending};
                query.before_seq.reset();
                Ids paged;
                for (;;) {
                    const JobPage page = store->list(query, who);
                    REQUIRE(page.total == std::ssize(expected));
                    for (const Job& job : page.jobs)
                        paged.push_back(job.job_id);
                    if (!page.next_seq) break;
                    query.before_seq = page.next_seq;
                }
                if (ascending) std::ranges::reverse(paged);
                CHECK(paged == expected);
            }
        }
    }
}

TEST_CASE_METHOD(ReadingCase, "a list can be sorted and paged in that order") {
    for (int n = 0; n < 9; ++n) {
        add([&](NewJob& spec) {
            spec.priority = n % 3;
            if (n % 2 == 0) spec.name = std::string(1, static_cast<char>('a' + n % 4));
        });
    }
    for (const ListKey key : {ListKey::priority, ListKey::name, ListKey::ended_at, ListKey::kind}) {
        for (const bool ascending : {false, true}) {
            ListQuery query;
            query.order = {key, ascending};
            const std::vector<Job> whole = store->list(query, kAlice).jobs;
            REQUIRE(whole.size() == 9);
            Ids in_order;
            for (const Job& job : whole)
                in_order.push_back(job.job_id);
            if (key == ListKey::priority) CHECK(whole[0].priority == (ascending ? 0 : 2));
            if (key == ListKey::name) {
                CHECK(whole[0].name == (ascending ? "a" : "c"));
                CHECK_FALSE(whole[8].name);
            }
            query.limit = 2;
            Ids paged;
            for (;;) {
                const JobPage page = store->list(query, kAlice);
                CHECK(page.total == 9);
                for (const Job& job : page.jobs)
                    paged.push_back(job.job_id);
                if (!page.next_seq) break;
                query.before_seq = page.next_seq;
                query.before_key = page.next_key;
            }
            CHECK(paged == in_order);
        }
    }
}

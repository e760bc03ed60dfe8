#include "contract/contract_case.h"
#include "ledger/limits.h"

#include <algorithm>

using namespace atlasjob;
using namespace atlasjob::test;

TEST_CASE_METHOD(ContractCase, "events are returned oldest first and match each job's life") {
    NewJob spec = jobs.command_spec();
    spec.max_attempts = 2;
    jobs.in(Status::error, spec);
    store->retry(spec.job_id, "alice");
    const AttemptKey third = jobs.open_attempt(spec.job_id);
    store->request_cancel(spec.job_id, {"bob", {}, {}});
    finish(third, ended_cancelled());
    CHECK(
        jobs.history(spec.job_id)
        == "submit -> queued, claim queued -> running, requeue running -> queued, "
           "claim queued -> running, finish running -> error, retry error -> queued, "
           "claim queued -> running, request_cancel running -> running, "
           "finish running -> cancelled");
    const auto events = jobs.events(spec.job_id);
    for (std::size_t n = 1; n < events.size(); ++n) {
        CHECK(events[n].seq > events[n - 1].seq);
        CHECK(events[n].at >= events[n - 1].at);
        CHECK(events[n].from == events[n - 1].to);
    }
}

TEST_CASE_METHOD(ContractCase, "the events of all jobs form one sequence") {
    const JobId first = jobs.queued();
    const JobId second = jobs.queued();
    store->request_cancel(first, {"alice", {}, {}});
    std::string order;
    for (const Event& event : store->events_since({}, kAlice))
        order += (event.job_id == first.view()    ? "1"
                  : event.job_id == second.view() ? "2"
                                                  : "?")
                 + event.type + " ";
    CHECK(order == "1submit 2submit 1cancel ");
}

TEST_CASE_METHOD(ContractCase, "events can be read from any point with a limit") {
    for (int n = 0; n < 5; ++n)
        jobs.in(Status::done);
    const auto all = store->events_since({}, kAlice);
    REQUIRE(all.size() == 15);
    EventQuery query;
    query.limit = 4;
    std::vector<Event> read;
    for (;;) {
        const auto page = store->events_since(query, kAlice);
        if (page.empty()) break;
        REQUIRE(page.size() <= 4);
        read.insert(read.end(), page.begin(), page.end());
        query.after_seq = page.back().seq;
    }
    CHECK(events_text(read) == events_text(all));
}

TEST_CASE_METHOD(ContractCase, "the events of one job can be read alone") {
    const JobId first = jobs.in(Status::done).job_id;
    jobs.in(Status::error);
    EventQuery query;
    query.job_id = first;
    const auto events = store->events_since(query, kAlice);
    REQUIRE(events.size() == 3);
    for (const Event& event : events)
        CHECK(event.job_id == first.view());
    query.after_seq = events[1].seq;
    CHECK(store->events_since(query, kAlice).size() == 1);
    query.after_seq = events[2].seq;
    CHECK(store->events_since(query, kAlice).empty());
}

TEST_CASE_METHOD(ContractCase, "the events of a session's jobs can be read alone and by owner") {
    const auto in_session = [&](const char* owner) {
        NewJob spec = jobs.command_spec();
        spec.session = "s1";
        spec.owner = owner;
        return jobs.queued(spec);
    };
    const JobId first = in_session("alice");
    jobs.queued();
    const JobId bobs = in_session("bob");
    store->request_cancel(first, {"alice", {}, {}});
    EventQuery query;
    query.session = "s1";
    const auto events = store->events_since(query, kAlice);
    REQUIRE(events.size() == 2);
    CHECK(events[0].job_id == first.view());
    CHECK(events[0].to == Status::queued);
    CHECK(events[1].to == Status::cancelled);
    CHECK(store->events_since(query, kAdmin).size() == 3);
    REQUIRE(store->events_since(query, kBob).size() == 1);
    CHECK(store->events_since(query, kBob)[0].job_id == bobs.view());
    query.after_seq = events[0].seq;
    query.limit = 1;
    REQUIRE(store->events_since(query, kAlice).size() == 1);
    CHECK(store->events_since(query, kAlice)[0].seq == events[1].seq);
    query.session = "s2";
    CHECK(store->events_since(query, kAdmin).empty());
}

TEST_CASE_METHOD(ContractCase, "a submit records its session and refuses one that is no line") {
    NewJob spec = jobs.command_spec();
    spec.session = "7d9f6a1e";
    CHECK(get(jobs.queued(spec)).session == "7d9f6a1e");
    CHECK_FALSE(get(jobs.queued()).session);
    for (const std::string& session :
         {std::string{}, std::string{"a\nb"}, std::string(1025, 'x')}) {
        NewJob refused = jobs.command_spec();
        refused.session = session;
        CHECK_THROWS_AS(store->submit(refused), Error);
    }
}

TEST_CASE_METHOD(ContractCase, "events of other owners' jobs are not visible") {
    NewJob bobs = jobs.command_spec();
    bobs.owner = "bob";
    jobs.queued(bobs);
    CHECK(store->events_since({}, kAlice).empty());
    EventQuery query;
    query.job_id = bobs.job_id;
    CHECK(store->events_since(query, kAlice).empty());
    CHECK(store->events_since(query, kBob).size() == 1);
    CHECK(store->events_since(query, kAdmin).size() == 1);
}

TEST_CASE_METHOD(ContractCase, "a job never ends before it began even if the clock steps back") {
    const Status end = GENERATE(Status::done, Status::error, Status::cancelled);
    const Time created_at = now();
    const JobId id = jobs.queued();
    clock.advance(-1h);
    const AttemptKey attempt = jobs.open_attempt(id);
    clock.advance(-1h);
    REQUIRE(store->heartbeat(attempt, 0));
    REQUIRE(store->report(attempt, {}));
    clock.advance(-1h);
    Outcome outcome = end == Status::done ? ended_done() : ended_error();
    outcome.status = end;
    REQUIRE(finish(attempt, outcome));

    const Job job = get(id);
    CHECK(job.created_at == created_at);
    CHECK(job.started_at == created_at);
    CHECK(job.ended_at == created_at);
    CHECK(job.updated_at == created_at);
    CHECK(job.expires_at == created_at + default_retention(end));
    for (const Event& event : jobs.events(id))
        CHECK(event.at == created_at);
}

TEST_CASE_METHOD(
    ContractCase, "cancelling or retrying with a clock behind keeps the job's times ordered") {
    clock.advance(2h);
    const JobId cancelled = jobs.queued();
    const JobId done = jobs.in(Status::done,
                               [&] {
                                   NewJob spec = jobs.command_spec();
                                   spec.queue = "other";
                                   return spec;
                               }())
                           .job_id;
    const Time before = now();
    clock.advance(-2h);
    store->request_cancel(cancelled, {"alice", {}, {}});
    store->retry(done, "alice");
    CHECK(get(cancelled).ended_at == before);
    CHECK(get(cancelled).updated_at == before);
    CHECK(get(done).updated_at == before);
    CHECK(jobs.events(done).back().at == before);
}

TEST_CASE_METHOD(ContractCase, "every visible change increments the job's revision") {
    const JobId id = jobs.queued();
    std::int64_t rev = get(id).rev;
    const auto check_revised = [&](std::string_view by) {
        CAPTURE(by);
        CHECK(get(id).rev > rev);
        rev = get(id).rev;
    };
    const AttemptKey attempt = jobs.open_attempt(id);
    check_revised("claim");
    store->report(attempt, {});
    check_revised("report");
    store->request_cancel(id, {"alice", {}, {}});
    check_revised("request_cancel");
    finish(attempt, ended_cancelled());
    check_revised("finish");
    store->retry(id, "alice");
    check_revised("retry");
}

TEST_CASE_METHOD(ContractCase, "noting an event leaves the job unchanged in any status") {
    const Status status =
        GENERATE(Status::queued, Status::running, Status::done, Status::error, Status::cancelled);
    const JobId id = jobs.in(status).job_id;
    const std::string before = text(id);
    const std::string history = jobs.history(id);
    clock.advance(1min);
    store->note_event(id, {"on_end_failed", "slot"});
    CHECK(text(id) == before);
    const std::string word{to_string(status)};
    CHECK(jobs.history(id) == history + ", on_end_failed " + word + " -> " + word);
    const Event event = jobs.events(id).back();
    CHECK(event.at == now());
    CHECK(event.actor == "slot");
    CHECK_FALSE(event.reason);
    CHECK(store->events_since({event.seq - 1, {}}, kAlice).size() == 1);
}

TEST_CASE_METHOD(
    ContractCase, "an event noted with a clock behind is ordered after existing events") {
    const JobId id = jobs.in(Status::done).job_id;
    clock.advance(1h);
    store->note_event(id, {"on_end_failed", "slot"});
    clock.advance(-2h);
    store->note_event(id, {"on_end_failed", "slot"});
    CHECK(jobs.events(id).back().at == now() + 2h);
}

TEST_CASE_METHOD(ContractCase, "a transition cannot be noted as an event") {
    const JobId id = jobs.queued();
    const std::string before = jobs.history(id);
    for (const char* type : {"finish", "edit", "submit", "", "two words", "Capital"}) {
        CAPTURE(type);
        CHECK(
            error_of([&] {
                store->note_event(id, {type, "slot"});
            })
            == ErrorCode::invalid_argument);
    }
    CHECK(jobs.history(id) == before);
}

TEST_CASE_METHOD(ContractCase, "noting an event for an unknown job fails") {
    CHECK(
        error_of([&] {
            store->note_event(JobId::make(now()), {"seen", "slot"});
        })
        == ErrorCode::not_found);
}

TEST_CASE_METHOD(ContractCase, "a noted event keeps what it is about") {
    const JobId id = jobs.queued();
    store->note_event(id, {"wait_cancelled", "alice", {}, "wait 0a1b2c3d"});
    CHECK(jobs.events(id).back().detail == "wait 0a1b2c3d");
    CHECK_FALSE(jobs.events(id).front().detail);
    const std::string too_long(kMaxText + 1, 'x');
    CHECK(
        error_of([&] {
            store->note_event(id, {"wait_cancelled", "alice", {}, too_long});
        })
        == ErrorCode::invalid_argument);
}

TEST_CASE_METHOD(ContractCase, "events can be filtered by type, resulting status, kind and time") {
    NewJob sync = jobs.command_spec();
    sync.kind = "sync";
    jobs.in(Status::done, sync);
    clock.advance(1min);
    const Time later = now();
    const JobId failed = jobs.in(Status::error).job_id;
    const auto told = [&](const EventQuery& query) {
        std::string words;
        for (const Event& event : store->events_since(query, kAlice))
            words += event.type + ":" + std::string{to_string(event.to)} + " ";
        return words;
    };
    EventQuery query;
    query.types = {"claim", "finish"};
    CHECK(told(query) == "claim:running finish:done claim:running finish:error ");
    query.to = {Status::done, Status::error};
    CHECK(told(query) == "finish:done finish:error ");
    query.kind = "sync";
    CHECK(told(query) == "finish:done ");
    query.kind.reset();
    query.since = later;
    CHECK(told(query) == "finish:error ");
    query.job_id = failed;
    CHECK(told(query) == "finish:error ");
    query.types = {"claim"};
    CHECK(told(query).empty());
}

TEST_CASE_METHOD(
    ContractCase, "the position of the last event is known even after its job is deleted") {
    CHECK(store->event_position(0, kAlice).last_seq == 0);
    CHECK_FALSE(store->event_position(0, kAlice).has_gap);
    const JobId id = jobs.in(Status::done).job_id;
    const std::int64_t last = jobs.events(id).back().seq;
    CHECK(store->event_position(last, kAlice).last_seq == last);
    store->remove(id);
    CHECK(store->event_position(last, kAlice).last_seq == last);
    CHECK_FALSE(store->event_position(last, kAlice).has_gap);
}

TEST_CASE_METHOD(ContractCase, "a gap is reported to a reader who has not read what was deleted") {
    const JobId kept = jobs.queued(jobs.created_spec());
    const std::int64_t before = jobs.events(kept).back().seq;
    clock.advance(1s);
    const JobId id = jobs.in(Status::done).job_id;
    const std::int64_t last = jobs.events(id).back().seq;
    CHECK_FALSE(store->event_position(before, kAlice).has_gap);
    store->remove(id);
    CHECK(store->event_position(before, kAlice).has_gap);
    CHECK_FALSE(store->event_position(before, kBob).has_gap);
    CHECK_FALSE(store->event_position(last, kAlice).has_gap);
    // What follows is whole for a reader who had read the deleted job's end.
    jobs.queued();
    CHECK_FALSE(store->event_position(last, kAlice).has_gap);
    CHECK(store->event_position(last + 100, kAlice).has_gap);
}

TEST_CASE_METHOD(ContractCase, "the attempts of a job are kept across a retry") {
    NewJob spec = jobs.command_spec();
    jobs.in(Status::error, spec);
    store->retry(spec.job_id, "alice");
    CHECK(store->attempts_of(spec.job_id).size() == 1);
    const AttemptKey second = jobs.open_attempt(spec.job_id);
    finish(second, ended_done());
    const auto attempts = store->attempts_of(spec.job_id);
    REQUIRE(attempts.size() == 2);
    CHECK(attempts[0].outcome == "error");
    CHECK(attempts[1].outcome == "done");
    CHECK(store->attempts_of(JobId::make(now())).empty());
}

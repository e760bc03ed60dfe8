#include "support/job_factory.h"

#include "base/host_identity.h"
#include "support/job_text.h"

#include <stdexcept>

namespace atlasjob::test {

namespace {

Outcome outcome_of(Status status) {
    switch (status) {
        case Status::done:
            return ended_done();
        case Status::error:
            return ended_error();
        case Status::cancelled:
            return ended_cancelled();
        case Status::queued:
        case Status::running:
            break;
    }
    throw std::logic_error("an attempt does not end as queued or running");
}

}  // namespace

ProcessIdentity some_process(std::int64_t pid) {
    return {
        "h1",
        host_identity().machine_id,
        "5f0c2b1e-1111-4222-8333-944455566677",
        4026531836,
        4026531834,
        pid,
        123456};
}

ClaimRequest worker(std::vector<std::string> queues) {
    ClaimRequest request;
    request.owner = {some_process(), kLease};
    request.queues = std::move(queues);
    request.actor = "worker";
    return request;
}

Outcome ended_done() {
    Outcome outcome;
    outcome.exit_code = 0;
    return outcome;
}

Outcome ended_error() {
    Outcome outcome;
    outcome.status = Status::error;
    outcome.reason = Reason::exit_code;
    outcome.error = "command exited with 3";
    outcome.error_code = "exit_code";
    outcome.exit_code = 3;
    return outcome;
}

Outcome ended_cancelled() {
    Outcome outcome;
    outcome.status = Status::cancelled;
    outcome.reason = Reason::user;
    outcome.error = "Cancelled by user";
    outcome.signal = "SIGTERM";
    return outcome;
}

NewJob JobFactory::command_spec() const {
    NewJob spec = created_spec();
    spec.kind = "command";
    spec.command.emplace();
    spec.command->argv = {"make", "-j8"};
    spec.command->cwd = "/srv/app";
    spec.command->environment = {"PATH=/usr/bin"};
    return spec;
}

NewJob JobFactory::created_spec() const {
    NewJob spec{JobId::make(clock_.now())};
    spec.kind = "sync";
    spec.owner = kAlice.name;
    return spec;
}

JobId JobFactory::queued(const NewJob& spec) {
    return store_.submit(spec).job_id;
}

AttemptKey JobFactory::running(const NewJob& spec) {
    return open_attempt(queued(spec));
}

AttemptKey JobFactory::open_attempt(const JobId& id) {
    const Job job = get(id);
    if (job.command.empty()) return store_.start(id, "executor");
    auto claim = store_.claim(worker({job.queue}));
    if (!claim) throw std::logic_error("the store has nothing to claim");
    if (claim->job.job_id != id) throw std::logic_error("the store claimed another job");
    return claim->attempt;
}

AttemptKey JobFactory::in(Status status, const NewJob& spec) {
    if (status == Status::queued) return {queued(spec), 1, 1};
    const AttemptKey attempt = running(spec);
    return status == Status::running ? attempt : end_attempts(attempt, status);
}

AttemptKey JobFactory::end_attempts(AttemptKey attempt, Status status) {
    for (;;) {
        const auto finished = store_.finish(attempt, outcome_of(status), "supervisor");
        if (!finished) throw std::logic_error("the store lost an attempt");
        if (finished->status == status) return attempt;
        clock_.advance(2 * kMaxBackoff);
        attempt = open_attempt(attempt.job_id);
    }
}

Job JobFactory::get(const JobId& id) {
    auto job = store_.get(JobRef::of(id), kAdmin, Detail::full);
    if (!job) throw std::logic_error("the store lost job " + id.str());
    return std::move(*job);
}

std::vector<Event> JobFactory::events(const JobId& id) {
    EventQuery query;
    query.job_id = id;
    return store_.events_since(query, kAdmin);
}

std::string JobFactory::history(const JobId& id) {
    std::string text;
    for (const Event& event : events(id))
        text += (text.empty() ? "" : ", ") + event_line(event);
    return text;
}

}  // namespace atlasjob::test

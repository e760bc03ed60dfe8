#include "runner/on_end.h"

#include "base/error.h"
#include "process/spawn.h"
#include "process/strays.h"
#include "runner/environment.h"
#include "runner/own_program.h"

#include <fcntl.h>

#include <csignal>

namespace atlasjob {

namespace {

constexpr const char* kFailed = "on_end_failed";

/// What the command is told, besides the job's own environment.
void set_ended(Environment& environment, const EndedJob& job, const std::string& owner) {
    remove_context(environment);
    set_variable(environment, "ATLASJOB_JOB_ID", job.id.view());
    set_variable(environment, "ATLASJOB_STATUS", to_string(job.status));
    set_variable(environment, "ATLASJOB_LEDGER", job.ledger);
    set_variable(environment, "ATLASJOB_PRINCIPAL", owner);
}

Principal everybody(const std::string& actor) {
    return {actor, true};
}

/// Calls `take` with the events after `query.after_seq`, oldest first, until it returns false.
template <class Take>
void for_each_event(Store& store, EventQuery query, const Principal& principal, Take take) {
    for (;;) {
        const auto events = store.events_since(query, principal);
        for (const Event& event : events) {
            if (!take(event)) return;
        }
        if (static_cast<int>(events.size()) < query.limit) return;
        query.after_seq = events.back().seq;
    }
}

/// The jobs that were cancelled because `id` ended as it did: in the history they follow its end at
/// once, both being one step of the ledger.
std::vector<JobId> cancelled_with(Store& store, const JobId& id, const Principal& principal) {
    std::int64_t end = 0;
    for_each_event(store, {0, id}, principal, [&](const Event& event) {
        end = event.seq;
        return true;
    });
    std::vector<JobId> ids;
    for_each_event(store, {end, {}}, principal, [&](const Event& event) {
        if (event.type != to_string(Verb::fail_dependency)) return false;
        if (const auto other = JobId::parse(event.job_id)) ids.push_back(*other);
        return true;
    });
    return ids;
}

/// The job has ended, whatever becomes of this note.
void note_failure(Store& store, const JobId& id, const std::string& actor, Time now) {
    try {
        store.note_event(id, kFailed, actor, now);
    } catch (const Error&) {
        return;
    }
}

UniqueFd open_nothing() {
    return open_file("/dev/null", O_RDWR);
}

void start_one(
    Store& store, const Clock& clock, const OnEnd& on_end, const JobId& id, Status status) {
    const auto spec = store.command_of(id);
    if (!spec || !spec->on_end) return;
    std::vector<std::string> argv = on_end.command;
    argv.push_back(id.str());
    argv.emplace_back(to_string(status));
    const UniqueFd nothing = open_nothing();
    const int fd = nothing.get();
    if (std::holds_alternative<SpawnFailure>(start_own_program(argv, {fd, fd, fd})))
        note_failure(store, id, on_end.actor, clock.now());
}

SpawnRequest request_of(const CommandSpec& spec, const EndedJob& job, const std::string& owner) {
    SpawnRequest request;
    request.argv = {"/bin/sh", "-c", *spec.on_end};
    request.environment = spec.environment;
    set_ended(request.environment, job, owner);
    request.cwd = spec.cwd;
    request.umask = spec.umask;
    return request;
}

/// Whether the command ended well, and in time.
bool run_to_end(SpawnRequest request, milliseconds limit) {
    const UniqueFd nothing = open_nothing();
    request.descriptors.assign(3, nothing.get());
    const auto spawned = spawn(request);
    const auto* command = std::get_if<PinnedProcess>(&spawned);
    if (command == nullptr) return false;
    const std::span<const PinnedProcess> alone{command, 1};
    const bool in_time = await_end(alone, static_cast<int>(limit.count()));
    if (!in_time) {
        signal_session(*command, SIGKILL);
        await_end(alone, -1);
    }
    const auto status = ended(*command);
    reap(command->pid);
    return in_time && status && status->success();
}

}  // namespace

void start_on_end(Store& store, const Clock& clock, const OnEnd& on_end, const JobId& id) {
    if (on_end.command.empty()) return;
    const Principal principal = everybody(on_end.actor);
    const auto job = store.get(JobRef::of(id), principal, Detail::summary);
    if (!job || !is_terminal(job->status)) return;
    start_one(store, clock, on_end, id, job->status);
    if (job->status == Status::done) return;
    for (const JobId& other : cancelled_with(store, id, principal))
        start_one(store, clock, on_end, other, Status::cancelled);
}

void run_on_end(Store& store, const Clock& clock, const EndedJob& job) {
    const auto row = store.get(JobRef::of(job.id), everybody(job.actor), Detail::summary);
    const auto spec = store.command_of(job.id);
    if (!row || !spec || !spec->on_end) return;
    if (!run_to_end(request_of(*spec, job, row->owner), job.limit))
        note_failure(store, job.id, job.actor, clock.now());
}

}  // namespace atlasjob

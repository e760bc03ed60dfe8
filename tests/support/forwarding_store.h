#pragma once

#include "ledger/store.h"

namespace atlasjob::test {

/// Forwards every verb to a real store; a test overrides those that should fail.
class ForwardingStore : public Store {
  public:
    explicit ForwardingStore(std::unique_ptr<Store> real) : real_(std::move(real)) {}

    Submitted submit(const NewJob& job) override { return real_->submit(job); }
    std::vector<Submitted> submit_all(std::span<const NewJob> jobs) override {
        return real_->submit_all(jobs);
    }
    std::optional<Claim> claim(const ClaimRequest& request) override {
        return real_->claim(request);
    }
    FinishedAndClaimed finish_and_claim(
        const AttemptKey& attempt, const Outcome& outcome, const ClaimRequest& request) override {
        return real_->finish_and_claim(attempt, outcome, request);
    }
    std::optional<Time> next_due(const std::optional<AccountId>& account) override {
        return real_->next_due(account);
    }
    AttemptKey start(const JobId& id, const std::string& actor) override {
        return real_->start(id, actor);
    }
    bool note_process(const AttemptKey& attempt, const ProcessIdentity& process) override {
        return real_->note_process(attempt, process);
    }
    std::optional<HeartbeatReply> heartbeat(
        const AttemptKey& attempt, std::int64_t log_bytes) override {
        return real_->heartbeat(attempt, log_bytes);
    }
    std::optional<HeartbeatReply> report(const AttemptKey& attempt, const Report& report) override {
        return real_->report(attempt, report);
    }
    bool release(const AttemptKey& attempt, const std::string& actor) override {
        return real_->release(attempt, actor);
    }
    CancelResult request_cancel(const JobId& id, const CancelRequest& request) override {
        return real_->request_cancel(id, request);
    }
    void retry(const JobId& id, const std::string& actor) override { real_->retry(id, actor); }
    std::vector<RunningAttempt> running_attempts() override { return real_->running_attempts(); }
    bool mark_suspect(const AttemptKey& attempt) override { return real_->mark_suspect(attempt); }
    std::optional<Finished> reap(
        const AttemptKey& attempt, ReapGround ground, const std::string& actor) override {
        return real_->reap(attempt, ground, actor);
    }
    std::vector<PrunedJob> prune(const Retention& retention, int limit) override {
        return real_->prune(retention, limit);
    }
    std::int64_t count_prunable(const Retention& retention) override {
        return real_->count_prunable(retention);
    }
    int drop_tombstones(int limit) override { return real_->drop_tombstones(limit); }
    void optimize() override { real_->optimize(); }
    std::int64_t count_runnable(const std::optional<AccountId>& account) override {
        return real_->count_runnable(account);
    }
    std::vector<RunnableJobs> runnable_jobs() override { return real_->runnable_jobs(); }
    std::vector<OwedHook> owed_hooks(const std::optional<AccountId>& account) override {
        return real_->owed_hooks(account);
    }
    std::optional<Status> take_hook(
        const JobId& id, const std::optional<AccountId>& account) override {
        return real_->take_hook(id, account);
    }
    void export_jobs(
        const JobFilter& filter, const Principal& principal, const RecordSink& sink) override {
        real_->export_jobs(filter, principal, sink);
    }
    Imported import_jobs(const ImportRequest& request) override {
        return real_->import_jobs(request);
    }
    void back_up(const BackupRequest& request, const PartDone& part_done) override {
        real_->back_up(request, part_done);
    }
    std::optional<Job> get(const JobRef& ref, const Principal& principal, Detail detail) override {
        return real_->get(ref, principal, detail);
    }
    std::optional<Tombstone> tombstone(const JobRef& ref, const Principal& principal) override {
        return real_->tombstone(ref, principal);
    }
    JobPage list(const ListQuery& query, const Principal& principal) override {
        return real_->list(query, principal);
    }
    std::vector<Count> count(const Principal& principal) override {
        return real_->count(principal);
    }
    std::vector<Event> events_since(const EventQuery& query, const Principal& principal) override {
        return real_->events_since(query, principal);
    }
    EventPosition event_position(std::int64_t after_seq, const Principal& principal) override {
        return real_->event_position(after_seq, principal);
    }
    std::vector<AttemptRecord> attempts_of(const JobId& id) override {
        return real_->attempts_of(id);
    }
    std::unique_ptr<ChangeWatch> watch_changes() override { return real_->watch_changes(); }
    std::vector<Finding> check_health(bool thorough) override {
        return real_->check_health(thorough);
    }
    std::optional<std::string> why_untrusted() override { return real_->why_untrusted(); }
    std::optional<Finished> finish(
        const AttemptKey& attempt, const Outcome& outcome, const std::string& actor) override {
        return real_->finish(attempt, outcome, actor);
    }
    void edit(const JobId& id, const JobEdit& edit, const std::string& actor) override {
        real_->edit(id, edit, actor);
    }
    PrunedJob remove(const JobId& id) override { return real_->remove(id); }
    bool pause(const std::optional<std::string>& queue, const std::string& actor) override {
        return real_->pause(queue, actor);
    }
    bool resume(const std::optional<std::string>& queue) override { return real_->resume(queue); }
    void note_event(const JobId& id, const Note& note) override { real_->note_event(id, note); }
    [[nodiscard]] ClockReading read_clock() const override { return real_->read_clock(); }
    std::int64_t register_worker(const NewWorker& worker) override {
        return real_->register_worker(worker);
    }
    bool worker_heartbeat(std::int64_t worker_id, bool draining) override {
        return real_->worker_heartbeat(worker_id, draining);
    }
    void unregister_worker(std::int64_t worker_id) override { real_->unregister_worker(worker_id); }
    std::vector<Worker> workers() override { return real_->workers(); }
    std::optional<CommandSpec> command_of(const JobId& id) override {
        return real_->command_of(id);
    }
    std::optional<CommandSpec> hook_of(const JobId& id) override { return real_->hook_of(id); }
    std::vector<Job> cancelled_dependents(const JobId& id) override {
        return real_->cancelled_dependents(id);
    }
    Statistics statistics(const Principal& principal) override {
        return real_->statistics(principal);
    }
    std::vector<PausedQueue> paused_queues() override { return real_->paused_queues(); }

  protected:
    std::unique_ptr<Store> real_;  // NOLINT(*-non-private-member-variables-in-classes)
};

}  // namespace atlasjob::test

#include "base/file.h"
#include "base/json_text.h"
#include "client/failures.h"
#include "client/state.h"
#include "jobs/session.h"
#include "ledger/limits.h"
#include "logs/open.h"
#include "process/account.h"
#include "process/identity.h"
#include "store/open.h"

#include <fmt/format.h>

namespace atlasjob::client {

namespace {

std::optional<std::string> unless_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional{text};
}

std::string json_target(const std::string& text) {
    if (auto json = compact_json(text)) return *json;
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("the target \"{}\" is not JSON", clipped(text, 200)),
        "pass one JSON value, such as {\"files\":3}");
}

std::string path_of(const LedgerOptions& options) {
    if (!options.path.empty()) return options.path;
    return ledger_from_environment("pass a path");
}

std::string principal_of(const LedgerOptions& options) {
    if (!options.principal.empty()) return options.principal;
    if (auto named = environment("ATLASJOB_PRINCIPAL")) return *named;
    return account_name();
}

NewJob new_job(const JobOptions& options, const std::string& owner, Time now) {
    NewJob job{JobId::make(now)};
    job.kind = options.kind;
    job.name = unless_empty(options.name);
    job.owner = owner;
    job.key = unless_empty(options.key);
    job.retention = options.retention;
    for (const auto& [key, value] : options.labels)
        job.labels.push_back({key, value});
    if (!options.target.empty()) job.target = json_target(options.target);
    job.session = jobs::current_session();
    job.start_as = AttemptOwner{current_process(), options.lease};
    return job;
}

}  // namespace

Ledger::Ledger(const LedgerOptions& options) : state_(std::make_shared<State>()) {
    with_failures([&] {
        state_->principal = principal_of(options);
        state_->address = parse_address(path_of(options));
        state_->store = open_store(state_->address, OpenMode::create);
        state_->logs = open_logs(state_->address);
    });
}

Ledger::Ledger(Ledger&&) noexcept = default;
Ledger& Ledger::operator=(Ledger&&) noexcept = default;
Ledger::~Ledger() = default;

Submitted Ledger::State::submit(const NewJob& job) {
    try {
        return jobs::submit(over(*store), job).submitted;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::ledger_moved) throw;
    }
    store = open_store(address, OpenMode::write);
    return jobs::submit(over(*store), job).submitted;
}

jobs::Deps Ledger::State::over(Store& verbs) const {
    return {verbs, *logs, clock, principal, OnDemandWorker{address, {}}, OnEnd{}, [at = address] {
                return open_store(at, OpenMode::read);
            }};
}

RunningJob Ledger::begin(const JobOptions& options) {
    return with_failures([&] {
        const NewJob job = new_job(options, state_->principal, state_->clock.now());
        const Submitted submitted = state_->submit(job);
        if (!submitted.created) {
            throw Error(
                ErrorCode::refused,
                fmt::format("the key \"{}\" is active on job {}", options.key, submitted.seq),
                "wait for that job to end");
        }
        auto running =
            std::make_unique<RunningJob::State>(AttemptKey{submitted.job_id, 1, submitted.fence});
        running->ledger = state_;
        running->store = state_->store;
        running->id = submitted.job_id.str();
        running->number = submitted.seq;
        return RunningJob{std::move(running)};
    });
}

}  // namespace atlasjob::client

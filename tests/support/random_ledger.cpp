#include "support/random_ledger.h"

#include <array>

namespace atlasjob::test {

void RandomLedger::add(int jobs) {
    for (int i = 0; i < jobs; ++i) {
        clock_.advance(milliseconds{up_to(5000)});
        const NewJob job = spec();
        if (!store_.submit(job).created) continue;
        ids_.push_back(job.job_id);
        run_lifecycle(job.job_id);
    }
}

std::string RandomLedger::text() {
    static constexpr std::array<const char*, 8> kTexts = {
        "plain",
        "na\xC3\xAFve \xC3\xBC",
        "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E",
        "\xF0\x9F\x9A\x80 go",
        "quotes \" and \\ and / ",
        "e\xCC\x81 combined",
        "' ; -- <b>",
        "\xD8\xA7\xD9\x84"};
    return kTexts.at(static_cast<std::size_t>(up_to(7))) + std::to_string(up_to(999));
}

std::string RandomLedger::json() {
    switch (up_to(5)) {
        case 0:
            return "null";
        case 1:
            return "123456789012345678901234567890.50";
        case 2:
            return R"({"b":1,"a":[1e5,-0,"\u00e9\ud83d\ude80"],"b":2})";
        case 3:
            return "\"" + std::string(static_cast<std::size_t>(up_to(300'000)), 'x') + "\"";
        case 4:
            return std::string(100, '[') + std::string(100, ']');
        default:
            return "{}";
    }
}

void RandomLedger::add_command(NewJob& job) {
    CommandSpec& command = job.command.emplace();
    command.argv = {"make", text()};
    if (maybe()) command.argv.emplace_back("\xFF\xFE not text");
    command.cwd = maybe() ? "/srv/app" : "/srv/\xE9t\xE9";
    if (maybe()) command.environment = {"PATH=/usr/bin", "SECRET=" + text()};
    if (up_to(3) == 0) command.environment.emplace_back("RAW=\x80\x81");
    command.umask = maybe() ? 022 : 077;
    if (maybe()) command.attributes = maybe() ? "" : "nice=15 cpus=0 nofile=64:4096";
    command.keep_strays = maybe();
    if (maybe()) command.result_from = ResultFrom::standard_output;
    if (maybe()) command.log_limit_bytes = 4096 + up_to(100'000);
    if (maybe()) command.backoff = milliseconds{up_to(100'000)};
    if (maybe()) command.backoff_factor = 1.0 + up_to(8) * 0.25;
    if (maybe()) command.grace = milliseconds{up_to(100'000)};
    if (maybe()) command.kill_signal = maybe() ? "SIGINT" : "SIGRTMIN+2";
    if (maybe()) command.on_end = "echo " + text();
    if (maybe()) command.progress_from = maybe() ? "auto" : R"((\d+)%)";
    if (maybe()) command.input = maybe() ? text() : std::string{"\0\xFF\n", 3};
}

NewJob RandomLedger::spec() {
    NewJob job{JobId::make(clock_.now())};
    job.owner = maybe() ? kAlice.name : kBob.name;
    job.kind = maybe() ? "sync" : "wiki/refresh";
    if (maybe()) job.name = text();
    if (maybe()) job.target = json();
    if (maybe()) job.labels = {{"team", text()}, {"host", ""}};
    // A separate queue, so that a claim from it gets exactly this job.
    job.queue = "q" + std::to_string(ids_.size());
    job.priority = up_to(20) - 10;
    if (maybe()) job.key = text();
    if (maybe()) job.session = maybe() ? "s-1" : "s-2";
    job.max_attempts = 1 + up_to(3);
    if (maybe()) job.timeout = milliseconds{1 + up_to(100'000)};
    if (maybe()) job.retention = milliseconds{up_to(100'000'000)};
    if (up_to(3) == 0) job.run_after = clock_.now() + milliseconds{up_to(100'000)};
    for (const JobId& id : ids_) {
        if (up_to(9) == 0 && jobs_.get(id).owner == job.owner) job.after.push_back(id);
    }
    if (maybe()) {
        add_command(job);
    } else if (maybe()) {
        job.lease = 60s;
    }
    return job;
}

void RandomLedger::run_lifecycle(const JobId& id) {
    for (int turns = up_to(6); turns > 0; --turns) {
        clock_.advance(milliseconds{up_to(60'000)});
        const Job job = jobs_.get(id);
        if (up_to(5) == 0) store_.note_event(id, {"on_end_failed", text()});
        if (job.status == Status::running) continue;
        if (is_terminal(job.status)) {
            try {
                store_.retry(id, text());
            } catch (const Error&) {  // Its key is active elsewhere or a dependency has failed.
            }
            continue;
        }
        if (up_to(9) == 0) store_.request_cancel(id, {text(), text(), {}});
        if (jobs_.get(id).status != Status::queued) continue;
        clock_.advance(2 * kMaxBackoff);
        try {
            work(jobs_.open_attempt(id));
        } catch (const std::exception&) {  // It waits for another job.
            return;
        }
    }
}

void RandomLedger::work(AttemptKey attempt) {
    if (maybe()) static_cast<void>(store_.note_process(attempt, some_process(1 + up_to(30'000))));
    Report report;
    report.progress = up_to(100) / 100.0;
    report.phase = text();
    report.message = text();
    report.current = up_to(1000);
    report.total = 1000;
    if (maybe()) report.result = json();
    store_.report(attempt, report);
    clock_.advance(milliseconds{up_to(10'000)});
    if (up_to(4) == 0) store_.request_cancel(attempt.job_id, {text(), text(), 3s});
    if (up_to(4) > 0) end(attempt);
}

void RandomLedger::end(const AttemptKey& attempt) {
    if (up_to(5) == 0) {
        store_.reap(attempt, ReapGround::executor_gone, "gc");
        return;
    }
    Outcome outcome = maybe() ? ended_done() : maybe() ? ended_error() : ended_cancelled();
    if (outcome.status == Status::error && maybe()) outcome.error = text() + "\xFF";
    if (maybe())
        outcome.result = outcome.status == Status::done ? std::optional{json()} : std::nullopt;
    outcome.log_bytes = up_to(100'000);
    store_.finish(attempt, outcome, "supervisor");
}

}  // namespace atlasjob::test

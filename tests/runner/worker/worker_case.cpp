#include "runner/worker/worker_case.h"

#include "ledger/address_files.h"
#include "process/descendants.h"
#include "process/spawn.h"
#include "runner/attempt/capture.h"
#include "support/fake_clock.h"
#include "support/job_text.h"
#include "support/places.h"
#include "support/timeout.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

namespace atlasjob::test {

namespace {

std::string assignment(const TempDir& dir) {
    return "ATLASJOB_TEST_DIR=" + dir.path().string();
}

void kill_all(const std::string& assignment) {
    const std::vector<std::string> marks{assignment};
    for (;;) {
        const auto left = find_by_environment(marks);
        if (left.empty()) return;
        for (const ProcessHandle& process : left)
            send_signal(process, SIGKILL);
        await_end(left, kTimeoutMs);
    }
}

}  // namespace

void reap_later(const LedgerAddress& location, const AttemptKey& attempt) {
    ClockAhead clock{std::chrono::minutes{5}};
    const auto store = open_store(location, OpenMode::write, clock);
    REQUIRE(store->mark_suspect(attempt));
    clock.advance(std::chrono::minutes{5});
    REQUIRE(store->reap(attempt, ReapGround::silent, "gc"));
}

WorkerProgram::~WorkerProgram() {
    if (reaped_ || !process_.pidfd) return;
    signal(SIGKILL);
    wait();
}

void WorkerProgram::signal(int signo) const {
    send_signal(process_, signo);
}

ExitStatus WorkerProgram::wait() {
    if (!await_end({&process_, 1}, kTimeoutMs))
        throw std::runtime_error("the worker does not exit");
    const auto status = ended(process_);
    reap(process_.pid);
    reaped_ = true;
    return status.value();
}

WorkerCase::WorkerCase()
    : location_(parse_address(dir_ / "ledger.db")),
      store_(open_store(location_, OpenMode::create)),
      changes_(store_->watch_changes()) {
    for (const std::string name : {"up", "go", "never"})
        make_pipe_file(name);
}

void WorkerCase::make_pipe_file(const std::string& name) const {
    REQUIRE(mkfifo((dir_ / name).c_str(), 0600) == 0);
}

WorkerCase::~WorkerCase() {
    // Jobs and their descendants inherit this variable too.
    kill_all(assignment(dir_));
}

WorkerProgram WorkerCase::start(const std::string& role, const std::vector<std::string>& flags) {
    SpawnRequest request;
    request.argv = {kWorkerProgram, role, "--ledger", LedgerFiles::of(location_).path};
    request.argv.insert(request.argv.end(), flags.begin(), flags.end());
    // The second variable simulates a start from within a job.
    request.environment = {assignment(dir_), "ATLASJOB_JOB_ID=of-a-job"};
    request.cwd = "/";
    const UniqueFd null = open_file("/dev/null", O_RDWR);
    // A file, not the test's stderr: whoever waits for the end of that stream must not wait
    // for a detached worker.
    const UniqueFd errors = open_file(dir_ / "errors", O_WRONLY | O_CREAT | O_APPEND, 0600);
    request.descriptors = {null.get(), null.get(), errors.get()};
    return WorkerProgram{std::get<ProcessHandle>(spawn(request))};
}

NewJob WorkerCase::script(const std::string& text) const {
    NewJob job{JobId::make(now())};
    job.owner = "alice";
    job.command = capture_command(
        {"sh", "-c", text},
        {dir_.path().string(), {"DIR=" + dir_.path().string(), assignment(dir_)}, false});
    return job;
}

JobId WorkerCase::submit(const NewJob& job) {
    return store_->submit(job).job_id;
}

Job WorkerCase::job(const JobId& id) {
    auto found = store_->get(JobRef::of(id), Principal{"test", true}, Detail::full);
    REQUIRE(found.has_value());
    return *found;
}

void WorkerCase::await(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds{kTimeoutMs};
    while (!done()) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
        changes_->wait(milliseconds{100});
    }
}

Job WorkerCase::await_end(const JobId& id) {
    await([&] { return is_terminal(job(id).status); });
    return job(id);
}

Job WorkerCase::await_running(const JobId& id) {
    await([&] { return job(id).status == Status::running; });
    return job(id);
}

std::vector<std::string> WorkerCase::history(const JobId& id) {
    std::vector<std::string> lines;
    EventQuery query;
    query.job_id = id;
    for (const Event& event : store_->events_since(query, Principal{"test", true}))
        lines.push_back(event_line(event));
    return lines;
}

std::string WorkerCase::await_up() const {
    return read_file(dir_ / "up").value_or("");
}

void WorkerCase::go(const std::string& pipe) const {
    const UniqueFd fifo = open_file(dir_ / pipe, O_WRONLY);
    REQUIRE(write_all(fifo.get(), "go\n"));
}

std::string WorkerCase::file(const std::string& name) const {
    return read_file(dir_ / name).value_or("(none)");
}

std::vector<pid_t> WorkerCase::slots() const {
    std::vector<pid_t> found;
    const std::vector<std::string> marks{assignment(dir_)};
    for (const ProcessHandle& process : find_by_environment(marks)) {
        const auto line = read_file(fmt::format("/proc/{}/cmdline", process.pid)).value_or("");
        const auto second = line.find('\0');
        if (second != std::string::npos && line.substr(second + 1).starts_with("slot"))
            found.push_back(process.pid);
    }
    return found;
}

bool is_alive(pid_t pid) {
    const auto stat = proc_stat(pid);
    return stat && !stat->ended();
}

void await_gone(pid_t pid) {
    const auto stat = proc_stat(pid);
    if (!stat || stat->ended()) return;
    const auto process = pin(*stat);
    if (process) REQUIRE(await_end({&*process, 1}, kTimeoutMs));
}

}  // namespace atlasjob::test

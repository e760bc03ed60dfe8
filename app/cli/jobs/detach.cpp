#include "cli/jobs/detach.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/after_commit.h"
#include "cli/jobs/job_verbs.h"
#include "process/exit_status.h"
#include "runner/attempt/command_input.h"
#include "runner/attempt/detached.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>

namespace atlasjob::cli {

namespace {

constexpr int kRunFailed = 125;

/// The argv of the supervisor: the arguments of this process. All but the first two are passed in a
/// way that other accounts cannot read.
std::vector<std::string> supervisor_argv(const CommandLine& line) {
    std::vector<std::string> argv{"atlasjob", "supervise"};
    argv.insert(argv.end(), line.arguments.begin(), line.arguments.end());
    argv.emplace_back("--");
    if (line.tail) argv.insert(argv.end(), line.tail->begin(), line.tail->end());
    return argv;
}

/// The exit status of a supervisor that printed why it did not record a job. Throws unavailable if
/// it printed nothing.
int failure_status(const DetachedStart& start) {
    await_end({&start.process, 1}, -1);
    const auto status = ended(start.process);
    reap(start.process.pid);
    if (start.err.empty()) {
        throw Error(
            ErrorCode::unavailable, "the supervisor exited before it started the command",
            "check with atlasjob list whether the job was recorded, then try again");
    }
    return status && !status->success() ? status->shell_status() : kRunFailed;
}

}  // namespace

int detach(const Context& context, const std::optional<std::string>& input) {
    const UniqueFd input_fd = input ? make_input(*input) : open_file("/dev/null", O_RDONLY);
    const DetachedStart start = start_detached(supervisor_argv(context.line()), input_fd.get());
    write_note(start.err);
    const auto id = JobId::parse(trim(start.out));
    if (!id) return failure_status(start);
    note_logout(context, start.lifetime == Lifetime::logout);
    AfterCommit after{context};
    after.show(change_of(*id, fmt::format("recorded as {}", id->view())), [&] {
        if (context.options().json) return context.answer_job(*context.open_to_read(), *id);
        context.answer(id->str() + '\n');
    });
    return after.conclude();
}

}  // namespace atlasjob::cli

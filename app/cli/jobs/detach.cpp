#include "cli/jobs/detach.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/after_commit.h"
#include "process/exit_status.h"
#include "runner/attempt/command_input.h"
#include "runner/attempt/detached.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>

namespace atlasjob::cli {

namespace {

constexpr int kOwnFault = 125;

/// The words that we were given, for the other side of ourselves. All but the first two are handed
/// over unseen.
std::vector<std::string> words_of(const CommandLine& line) {
    std::vector<std::string> words{"atlasjob", "supervise"};
    words.insert(words.end(), line.arguments.begin(), line.arguments.end());
    words.emplace_back("--");
    if (line.tail) words.insert(words.end(), line.tail->begin(), line.tail->end());
    return words;
}

/// A command that has said why there is no job ends with the exit status for it.
int failed(const DetachedStart& start) {
    await_end({&start.process, 1}, -1);
    const auto status = ended(start.process);
    reap(start.process.pid);
    if (start.err.empty()) {
        throw Error(
            ErrorCode::unavailable, "the supervisor exited before it started the command",
            "check with atlasjob list whether the job was recorded, then try again");
    }
    return status && !status->success() ? status->shell_status() : kOwnFault;
}

}  // namespace

int detach(const Context& context, const std::optional<std::string>& input) {
    const UniqueFd given = input ? make_input(*input) : open_file("/dev/null", O_RDONLY);
    const DetachedStart start = start_detached(words_of(context.line()), given.get());
    write_note(start.err);
    const auto id = JobId::parse(trim(start.out));
    if (!id) return failed(start);
    AfterCommit after{context};
    after.show(change_of(*id, fmt::format("recorded as {}", id->view())), [&] {
        if (context.options().json) return context.answer_job(*context.open_to_read(), *id);
        context.answer(id->str() + '\n');
    });
    return after.conclude();
}

std::vector<std::string> detached_words(const Context& context) {
    return {
        "atlasjob",
        "supervise",
        "--detach",
        "--interactive",
        "--json",
        "--ledger",
        context.location().path};
}

}  // namespace atlasjob::cli

#include "cli/jobs/clone_job.h"

#include "base/error.h"
#include "base/text.h"
#include "runner/attempt/environment.h"

#include <fmt/format.h>

namespace atlasjob::cli {

NewJob clone_job(Store& store, const Job& job, const Principal& owner, Time now) {
    auto command = store.command_of(job.job_id);
    if (!command) {
        throw Error(
            ErrorCode::refused,
            fmt::format("job {} has no command to copy: another program executes it", job.seq),
            "use atlasjob create for such jobs");
    }
    NewJob clone{JobId::make(now)};
    clone.owner = owner.name;
    clone.kind = job.kind;
    clone.name = job.name;
    clone.target = job.target;
    clone.labels = job.labels;
    clone.queue = job.queue;
    clone.priority = job.priority;
    clone.key = job.key;
    clone.max_attempts = job.max_attempts;
    clone.timeout = job.timeout;
    clone.retention = job.retention;
    clone.command = std::move(*command);
    return clone;
}

void override_environment(CommandSpec& command, const CaptureOptions& capture) {
    const CommandSpec captured = capture_command(command.argv, capture);
    if (capture.cwd) command.cwd = captured.cwd;
    if (capture.clean_env) {
        command.environment = captured.environment;
        return;
    }
    for (const std::string_view assignment : capture.env) {
        const std::string_view name = assignment.substr(0, assignment.find('='));
        const std::string_view value = find_variable(captured.environment, name);
        if (value.data() != nullptr) set_variable(command.environment, name, value);
    }
}

}  // namespace atlasjob::cli

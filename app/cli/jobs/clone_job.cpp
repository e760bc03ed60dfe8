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
    NewJob again{JobId::make(now)};
    again.owner = owner.name;
    again.kind = job.kind;
    again.name = job.name;
    again.target = job.target;
    again.labels = job.labels;
    again.queue = job.queue;
    again.priority = job.priority;
    again.key = job.key;
    again.max_attempts = job.max_attempts;
    again.timeout = job.timeout;
    again.retention = job.retention;
    again.command = std::move(*command);
    return again;
}

void override_environment(CommandSpec& command, const CaptureOptions& capture) {
    const CommandSpec fresh = capture_command(command.argv, capture);
    if (capture.cwd) command.cwd = fresh.cwd;
    if (capture.clean_env) {
        command.environment = fresh.environment;
        return;
    }
    for (const std::string_view wish : capture.env) {
        const std::string_view name = wish.substr(0, wish.find('='));
        const std::string_view value = find_variable(fresh.environment, name);
        if (value.data() != nullptr) set_variable(command.environment, name, value);
    }
}

}  // namespace atlasjob::cli

#pragma once

#include "base/time_text.h"
#include "ledger/store.h"
#include "runner/attempt/capture.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::cli {

class Arguments;

/// The SPEC options of a job. Options that were not given are empty, so that a Spec can be applied
/// over defaults or over an existing job (submit --like).
struct Spec {
    // The job itself.
    std::optional<std::string> kind;
    std::optional<std::string> name;
    std::optional<std::string> target;  ///< Compact JSON.
    std::vector<Label> labels;
    std::optional<std::string> queue;
    std::optional<int> priority;
    std::optional<std::string> key;
    std::optional<milliseconds> timeout;
    std::optional<milliseconds> retention;
    std::optional<std::string> session;

    // Schedule and retries.
    std::optional<TimeText> at;
    std::optional<milliseconds> in;
    std::vector<std::string> after;        ///< JOBs.
    std::vector<std::string> after_ended;  ///< JOBs.
    std::optional<int> retries;
    std::optional<milliseconds> backoff;
    std::optional<double> backoff_factor;

    // The command.
    CaptureOptions capture;
    std::optional<ResultFrom> result_from;
    std::optional<std::int64_t> log_limit_bytes;
    std::optional<std::string> input;
    std::optional<milliseconds> grace;
    std::optional<std::string> kill_signal;
    bool keep_strays = false;
    std::optional<std::string> on_end;
    std::optional<std::string> progress_from;
};

/// The part of a job that a SPEC option belongs to. Not every command accepts all parts.
enum class SpecPart {
    job,
    start,    ///< Schedule and retries, for a queued job.
    backoff,  ///< Stored with the command of a queued job.
    command,
    hook,   ///< Of a job with or without a command.
    input,  ///< Stored standard input of the command.
};

/// A SPEC option, for the command line and for batch lines.
struct SpecOption {
    std::string_view name;         ///< "log-limit"
    std::string_view placeholder;  ///< Empty for a flag.
    std::string_view help;
    SpecPart part;
    bool repeatable;
    /// Parses the value. Throws invalid_argument that names the option and the text.
    void (*take)(Spec& spec, const std::string& text);
};

std::span<const SpecOption> spec_options();

/// Makes the job wait for the jobs that the SPEC names. Throws as jobs::resolve_dependencies.
void set_dependencies(NewJob& job, const Spec& spec, Store& store, const Principal& principal);

/// Declares the options of `parts`. The others are declared as hidden options for which `refuse`
/// throws the reason. Values are validated while parsing, before any ledger is touched.
void declare(
    Arguments& arguments,
    Spec& spec,
    std::span<const SpecPart> parts,
    void (*refuse)(const SpecOption& option));

/// Throws invalid_argument for options that exclude each other.
void check(const Spec& spec);

/// Applies the SPEC to `job`, except its command and dependencies. Without --session, the job
/// belongs to the session of this process (jobs/session.h).
void apply(const Spec& spec, NewJob& job, Time now);
/// Whether --at is a time that has passed at `now`.
bool is_past(const Spec& spec, Time now);
/// Applies the SPEC to `command`, except what is captured (capture.h).
void apply(const Spec& spec, CommandSpec& command);

/// Makes a job of `owner` without a command. Throws invalid_argument (limits.h).
NewJob new_job(const Spec& spec, const Principal& owner, Time now);

/// Makes the hook of a job without a command (NewJob::hook), with the environment captured;
/// nullopt without --on-end.
std::optional<CommandSpec> new_hook(const Spec& spec);

/// Makes a command with its captured environment and the SPEC applied.
CommandSpec new_command(const Spec& spec, std::vector<std::string> argv);

}  // namespace atlasjob::cli

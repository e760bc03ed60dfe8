#pragma once

#include "ledger/job.h"
#include "runner/attempt/capture.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::cli {

class Arguments;

/// A SPEC: what is to be said of a job. What is not given is not there, so that a job made before
/// (submit --like) or the defaults can stand below it.
struct Spec {
    // The job, whoever executes it.
    std::optional<std::string> kind;
    std::optional<std::string> name;
    std::optional<std::string> target;  ///< Compact JSON.
    std::vector<Label> labels;
    std::optional<std::string> queue;
    std::optional<int> priority;
    std::optional<std::string> key;
    std::optional<milliseconds> timeout;
    std::optional<milliseconds> retention;

    // When it starts, and how often.
    std::optional<Time> at;
    std::optional<milliseconds> in;
    std::vector<std::string> after;  ///< JOBs.
    std::optional<int> retries;
    std::optional<milliseconds> backoff;

    // Its command.
    CaptureOptions capture;
    std::optional<ResultFrom> result_from;
    std::optional<std::int64_t> log_limit_bytes;
    std::optional<std::string> input;
    bool keep_strays = false;
    std::optional<std::string> on_end;
    std::optional<std::string> progress_from;
};

/// What an option of a SPEC is about. Not every command takes them all.
enum class SpecPart {
    job,
    start,    ///< When it starts, and how often: for a job that waits in the ledger.
    backoff,  ///< Kept with a command that waits in the ledger.
    command,
    input,  ///< The standard input of a command that nobody can redirect.
};

/// One option, for the command line and for the lines of a batch alike.
struct SpecOption {
    std::string_view name;         ///< "log-limit"
    std::string_view placeholder;  ///< Empty: a flag.
    std::string_view help;
    SpecPart part;
    bool repeatable;
    /// Reads the value; throws invalid_argument that names the option and the text.
    void (*take)(Spec& spec, const std::string& text);
};

std::span<const SpecOption> spec_options();

/// Declares the options of `parts`. The others are known too: they are refused with the reason that
/// `refuse` throws. Values are read as they are parsed: what is wrong is named before any ledger is
/// touched.
void declare(
    Arguments& arguments,
    Spec& spec,
    std::span<const SpecPart> parts,
    void (*refuse)(const SpecOption& option));

/// Finds what does not go together. Throws invalid_argument.
void check(const Spec& spec);

/// Says in `job` what the SPEC gives of it; its command and its dependencies are left alone.
void apply(const Spec& spec, NewJob& job, Time now);
/// The same in `command`; what is captured (capture.h) is left alone.
void apply(const Spec& spec, CommandSpec& command);

/// A job of `owner` by that SPEC, without a command. Throws invalid_argument (limits.h).
NewJob new_job(const Spec& spec, const Principal& owner, Time now);

/// The command with its surroundings and what the SPEC says of it.
CommandSpec new_command(const Spec& spec, std::vector<std::string> argv);

}  // namespace atlasjob::cli

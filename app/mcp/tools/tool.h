#pragma once

#include "mcp/jobs/job_run.h"
#include "mcp/jobs/store_handle.h"
#include "runner/attempt/on_end.h"
#include "runner/worker/ensure_worker.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace atlasjob::mcp {

struct Contract;
struct Action;

/// The actions that the server's user has allowed (`mcp --allow`). Reading is always allowed.
struct Permissions {
    bool submit = false;
    bool cancel = false;
    bool retry = false;
};

/// The permission without which a tool is not listed.
enum class RequiredPermission { nothing, submit, cancel, retry };

/// A job that runs outside of any queue, with a shell command.
struct DetachedJob {
    std::string principal;
    std::vector<Label> labels;
    std::string command;
    std::optional<std::string> session;  ///< The conversation that starts it.
};

/// How the workers, hooks and supervisors for the jobs that tools start, cancel or retry are
/// started. Those processes outlive the server.
struct LaunchConfig {
    OnDemandWorker worker;
    OnEnd on_end;
    /// Labels for every job that a tool starts: the host's project.
    std::vector<Label> provenance;
    /// The session of this process, for calls that name none (jobs/session.h).
    std::optional<std::string> session = {};
    /// The slot limits of queues, as the workers apply them.
    std::map<std::string, int> queue_slots = {};
    /// Returns the argv that starts a detached interactive job (detached.h); empty if none can be
    /// started.
    std::function<std::vector<std::string>(const DetachedJob&)> detached_argv = {};
    /// The most such jobs that may be active at a time, for contracts with that limit.
    int job_limit = 10;
};

/// A wait for the end of a job's latest run, as the call asked for it. As a task it is not bound to
/// the limit of a call that waits.
struct WaitedFor {
    JobId job_id;                       ///< Visible to the principal.
    std::optional<milliseconds> limit;  ///< nullopt: the call gave none.
};

/// A tool's answer, independent of the protocol version.
struct ToolResult {
    std::string text;         ///< JSON or plain text.
    bool structured = false;  ///< `text` is a JSON object that matches the tool's output schema.
    bool is_error = false;    ///< The call failed; a negative answer is not a failure.
    bool indented = false;    ///< `text` is JSON that clients expect indented.
    /// The run that the call started or, with its key, found active; durable. Clients with task
    /// support get it as a task.
    std::optional<JobRun> run = std::nullopt;
    /// The wait that was over at once. Only a client that insists on a task gets it as one.
    std::optional<WaitedFor> waited_for = std::nullopt;
};

/// As Wait::limit: no limit.
inline constexpr milliseconds kForever = milliseconds::max();

/// A tool's answer that is due later: when the job has ended, or after `limit`. Waiting uses no
/// thread.
struct Wait {
    JobId job_id;  ///< Visible to the principal.
    milliseconds limit;
    /// Makes the answer from the job's state at that time, in full detail. Throws Error if the
    /// ledger cannot be used.
    std::function<ToolResult(const Job& job, bool timed_out)> answer;
    /// Set if clients with task support get the wait as a task.
    std::optional<WaitedFor> as_task = std::nullopt;
    /// If set, called on every change instead of looking at the job: the answer, or nullopt if
    /// what is waited for is not over. Throws Error: not_found and refused end the wait, any other
    /// is an outage.
    std::function<std::optional<ToolResult>()> over = {};
};

/// Arguments that match the input schema and are invalid all the same. The client gets the
/// contract's answer to invalid arguments.
struct InvalidArguments {
    std::string problem;  ///< Which argument is invalid, why, and what is allowed.
};

using ToolAnswer = std::variant<ToolResult, Wait, InvalidArguments>;

/// The dependencies of a tool. Except in a call that writes (Tool::writes), what it refers to lives
/// as long as the server.
struct ToolContext {
    const Contract& contract;
    StoreHandle& ledger;
    const std::optional<Principal>& principal;
    const Clock& clock;
    const LaunchConfig& launching;
    milliseconds longest_wait;
    bool extended;  ///< Whether answers may have members that the contract's page does not name.
    /// The conversation that the call belongs to, from its _meta or the server's environment.
    std::optional<std::string> session = std::nullopt;
};

/// Hints to the client about the tool's effects (ToolAnnotations in the specification).
struct ToolHints {
    bool read_only = false;
    bool destructive = true;
    bool idempotent = false;
    bool open_world = true;
};

/// Whether a call can become a task, in the specification's terms. `required`: the only answer is a
/// task, and clients without task support are refused, as are all of protocol versions without
/// tasks. Needs a contract with tasks (Contract::show_ended).
enum class TaskSupport { forbidden, optional, required };

struct Tool;

/// What a tool does. Most take their arguments as a struct: see bound.h.
struct ToolFunction {
    /// `arguments` match the tool's input schema. Throws Error if the ledger cannot be used.
    ToolAnswer (*call)(
        const ToolContext& context, const Tool& tool, const nlohmann::json& arguments);
    /// The names of the arguments that it reads; null if only the input schema knows them.
    std::vector<std::string_view> (*argument_names)() = nullptr;
};

/// A published tool and the function behind it.
struct Tool {
    std::string_view name;
    std::string_view title;
    std::string_view description;    ///< Under kMaxGuidance.
    std::string_view input_schema;   ///< JSON; arguments are checked against it.
    std::string_view output_schema;  ///< JSON; empty if none is published.
    ToolHints hints;
    RequiredPermission needs = RequiredPermission::nothing;
    /// Unless forbidden, the task's result is Contract::show_ended of the job, which the output
    /// schema must allow, too.
    TaskSupport task_support = TaskSupport::forbidden;
    const Action* action = nullptr;  ///< Set for the tools of an actions file.
    ToolFunction function;

    /// Whether the tool may write. If so, it is called on the executor's thread, with a context
    /// that is valid during the call only; Wait::answer is still called in the loop.
    bool writes() const { return needs != RequiredPermission::nothing || action != nullptr; }
};

/// Hosts truncate descriptions and instructions at this many characters.
inline constexpr std::size_t kMaxGuidance = 2048;

}  // namespace atlasjob::mcp

#pragma once

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

namespace atlasjob::mcp {

struct Contract;
struct Action;

/// Which verbs the server's user has opened (`mcp --allow`). Reading always is.
struct Permissions {
    bool submit = false;
    bool cancel = false;
    bool retry = false;
};

/// What a tool needs to be opened before it is listed.
enum class RequiredPermission { nothing, submit, cancel, retry };

/// How jobs that tools start, end or queue again are seen to: the server lives as long as its
/// host's session, the jobs longer.
struct LaunchConfig {
    OnDemandWorker worker;
    OnEnd on_end;
    /// Given to every job a tool starts: which session of which host, on which project.
    std::vector<Label> provenance;
    /// The limited queues, as whoever runs the jobs heeds them.
    std::map<std::string, int> queue_slots = {};
    /// The words that start an interactive job on its own (detached.h), up to what is said of it;
    /// empty: none can be started.
    std::vector<std::string> detached = {};
    /// How many jobs that were started so may be live at a time, for contracts that limit them.
    int job_limit = 10;
};

/// What a tool answers, whatever the protocol era.
struct ToolResult {
    std::string text;         ///< JSON or plain text.
    bool structured = false;  ///< `text` is a JSON object and fits the tool's output schema.
    bool is_error = false;    ///< The call failed, as opposed to answering "no".
    bool indented = false;    ///< `text` is JSON that clients expect in several lines.
    /// The job that the call started, or found running under its key: a task, for clients that know
    /// tasks. It is durable.
    std::optional<JobId> job = std::nullopt;
};

/// The limit of a wait that has none.
inline constexpr milliseconds kForever = milliseconds::max();

/// A tool's wish to be answered later: when the job has ended, or after `limit`. It costs no
/// thread.
struct Wait {
    JobId job_id;  ///< One the principal may see.
    milliseconds limit;
    /// Makes the answer from the job in full detail as it is then. Throws Error when the ledger
    /// cannot be used.
    std::function<ToolResult(const Job& job, bool timed_out)> answer;
};

using ToolAnswer = std::variant<ToolResult, Wait>;

/// What a tool works with. What it refers to outlives the call, and the server.
struct ToolContext {
    const Contract& contract;
    StoreHandle& ledger;
    const std::optional<Principal>& principal;
    const Clock& clock;
    const LaunchConfig& launching;
    milliseconds longest_wait;
    bool
        extended;  ///< Whether answers may have members that the contract's page allows, not names.
};

/// What a client may assume before it calls (ToolAnnotations of the specification).
struct ToolHints {
    bool read_only = false;
    bool destructive = true;
    bool idempotent = false;
    bool open_world = true;
};

/// Whether a tool's job can be followed as a task, in the specification's words. Required: its only
/// answer is a task, and clients that know none are refused, those of older revisions always. It
/// takes a contract with tasks (Contract::show_ended).
enum class TaskSupport { forbidden, optional, required };

/// One tool as it is published, and the function behind it.
struct Tool {
    std::string_view name;
    std::string_view title;
    std::string_view description;    ///< Under kMaxGuidance.
    std::string_view input_schema;   ///< JSON; the arguments are checked against it.
    std::string_view output_schema;  ///< JSON; empty: none is published.
    ToolHints hints;
    RequiredPermission needs = RequiredPermission::nothing;
    /// Unless forbidden, the result of the task is Contract::show_ended of the job, which the
    /// output schema must allow as well.
    TaskSupport task_support = TaskSupport::forbidden;
    const Action* action = nullptr;  ///< Of the tools that an actions file makes.
    /// `arguments` fit the input schema. Throws Error when the ledger cannot be used.
    ToolAnswer (*call)(
        const ToolContext& context, const Tool& tool, const nlohmann::json& arguments);

    /// Whether it may write: then it is called on the writer's thread (writer.h), with a context
    /// that ends with the call. What a Wait answers is made in the loop all the same.
    bool writes() const { return needs != RequiredPermission::nothing || action != nullptr; }
};

/// Hosts cut descriptions and instructions at this many characters.
inline constexpr std::size_t kMaxGuidance = 2048;

}  // namespace atlasjob::mcp

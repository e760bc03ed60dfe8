#pragma once

#include "base/error.h"
#include "mcp/jobs/display_status.h"
#include "mcp/prompts/prompts.h"
#include "mcp/resources/resources.h"
#include "mcp/skills/skill.h"
#include "mcp/tools/tool.h"

#include <span>

namespace atlasjob::mcp {

/// A job id argument, as parsed by a contract.
struct GivenId {
    bool well_formed = false;     ///< By the contract's own rule.
    std::optional<JobId> job_id;  ///< nullopt if no job can have this id.
};

/// Why a call is refused. Another principal's job is an unknown one, byte for byte.
enum class Refusal { no_principal, malformed_id, unknown_job, too_many_calls };

/// A refused call, with what the contract may report about it.
struct Refused {
    Refusal why = Refusal::unknown_job;
    std::string_view given_id = {};  ///< As passed by the client.
    /// Of the principal's own expired job; set only if Contract::reports_expired.
    std::optional<Tombstone> tombstone = std::nullopt;
    int retry_after_seconds = 0;  ///< For too_many_calls; at least 1.
};

/// A call with invalid arguments.
struct BadCall {
    const Tool& tool;
    const nlohmann::json& arguments;
    /// Which argument is invalid, why, and what is allowed.
    std::string_view problem;
};

/// A published interface to jobs: its tools, texts and shapes. To add a contract, add a row and the
/// functions that render it; no other part of the server knows which one is served.
struct Contract {
    std::string_view name;
    std::string_view instructions;       ///< For the model, on initialize; under kMaxGuidance.
    std::span<const Tool* const> tools;  ///< In listing order.
    StatusNames status_names;

    GivenId (*read_id)(std::string_view text);
    bool reports_expired = false;  ///< Whether `refuse` uses the tombstone of an expired job.
    /// Appends the answer for a job: one line of JSON. `status` is one of `status_names`. The job
    /// is in Detail::summary, or in Detail::full if the names depend on why it is queued.
    void (*append_job)(
        std::string& out, const ToolContext& context, const Job& job, std::string_view status);
    /// Whether the answer for a job may have the members of ShownJob::add_omissions. If not, only a
    /// value that would make the answer too long to send is left out.
    bool names_omissions = false;
    bool structured = true;  ///< Whether answers are also sent as structured content.
    bool indented = false;   ///< Whether the text is indented JSON.
    ToolResult (*refuse)(const ToolContext& context, const Refused& refused);
    ToolResult (*bad_arguments)(const ToolContext& context, const BadCall& call);
    /// The answer if the ledger cannot be used: must not be mistaken for "no such job".
    ToolResult (*outage)(const ToolContext& context, const Tool& tool, const Error& error);
    /// The result of a task whose job (in full detail) has ended; is_error if its status is error.
    /// Null if the contract has no task-capable tools.
    ToolResult (*show_ended)(const ToolContext& context, const Job& job) = nullptr;
    /// The result of a task that is a wait (Wait::as_task). Null if no tool waits so.
    ToolResult (*show_waited)(const ToolContext& context, const Job& job, bool timed_out) = nullptr;

    std::span<const Resource* const> resources = {};
    std::string_view job_uri = {};  ///< The part of a job's URI before its id.
    std::span<const Prompt* const> prompts = {};
    bool events = false;           ///< Whether MCP Events about jobs are served.
    const Skill* skill = nullptr;  ///< Served as MCP Skills have it; it is one of the resources.

    /// The status name as far as the job's row tells (display_status_of).
    std::string_view status_name(const Job& job) const {
        return status_names.of(display_status_of(job));
    }
};

/// All contracts; the default one first.
std::span<const Contract* const> contracts();
/// The contract with that name. Throws Error(invalid_argument), naming the known ones.
const Contract& require_contract(std::string_view name);

}  // namespace atlasjob::mcp

#pragma once

#include "base/error.h"
#include "mcp/prompt.h"
#include "mcp/resource.h"
#include "mcp/tool.h"

#include <array>
#include <span>

namespace atlasjob::mcp {

/// A contract's own words for the statuses, indexed by Status.
using StatusWords = std::array<std::string_view, kStatuses.size()>;

/// A text given as a job id, as a contract reads it.
struct GivenId {
    bool well_formed = false;     ///< By the contract's own rule.
    std::optional<JobId> job_id;  ///< Nothing: no job can have this id.
};

/// Why there is no job to show. Somebody else's job is an unknown one, byte for byte.
enum class Refusal { no_principal, malformed_id, unknown_job };

/// One published way of asking about jobs: its tools, its words, its shapes. Adding a contract is
/// adding a row and the functions that render it; nothing else of the server knows which is served.
struct Contract {
    std::string_view name;
    std::string_view instructions;       ///< For the model, on initialize; under kLongestGuidance.
    std::span<const Tool* const> tools;  ///< In the order in which they are listed.
    StatusWords words;

    std::string_view id_argument;  ///< What the job's id is called among the arguments.
    GivenId (*read_id)(std::string_view text);
    /// Appends the answer for a job: one line of JSON. The job is in Detail::summary.
    void (*append_job)(std::string& out, const Job& job, const StatusWords& words);
    ToolResult (*refuse)(Refusal refusal, std::string_view given_id);
    /// `problem` names the argument, what is wrong with it and what is allowed.
    ToolResult (*bad_arguments)(std::string_view problem);
    /// The ledger cannot be asked: never to be taken for "no such job".
    ToolResult (*outage)(const Error& error);
    /// The result of a task-capable tool once its job (in full detail) has ended; is_error when its
    /// status is error. Null: the contract has no such tools.
    ToolResult (*show_ended)(const ToolContext& context, const Job& job);

    std::span<const Resource* const> resources;  ///< Empty: the contract has none.
    std::string_view job_uri;                    ///< What a job's URI has before its id.
    std::span<const Prompt* const> prompts;      ///< Empty: the contract has none.
};

/// The contract of that name. Throws Error(invalid_argument) that names the known ones.
const Contract& require_contract(std::string_view name);

}  // namespace atlasjob::mcp

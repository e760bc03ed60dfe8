#pragma once

#include "base/error.h"
#include "mcp/jobs/display_status.h"
#include "mcp/prompts/prompt.h"
#include "mcp/resources/resource.h"
#include "mcp/tools/tool.h"

#include <span>

namespace atlasjob::mcp {

/// A text given as a job id, as a contract reads it.
struct GivenId {
    bool well_formed = false;     ///< By the contract's own rule.
    std::optional<JobId> job_id;  ///< Nothing: no job can have this id.
};

/// Why there is no job to show. Somebody else's job is an unknown one, byte for byte.
enum class Refusal { no_principal, malformed_id, unknown_job, too_many_calls };

/// A call that is refused, and what the contract may tell of it.
struct Refused {
    Refusal why = Refusal::unknown_job;
    std::string_view given_id = {};  ///< As it was given.
    /// Of the principal's own job that was there; only for contracts that tell of it.
    std::optional<Tombstone> tombstone = std::nullopt;
    int retry_after_seconds = 0;  ///< Of too_many_calls; from 1.
};

/// A call whose arguments do not fit.
struct BadCall {
    const Tool& tool;
    const nlohmann::json& arguments;
    /// Which argument, what is wrong with it and what is allowed.
    std::string_view problem;
};

/// One published way of asking about jobs: its tools, its words, its shapes. Adding a contract is
/// adding a row and the functions that render it; nothing else of the server knows which is served.
struct Contract {
    std::string_view name;
    std::string_view instructions;       ///< For the model, on initialize; under kMaxGuidance.
    std::span<const Tool* const> tools;  ///< In the order in which they are listed.
    StatusNames words;

    std::string_view id_argument;  ///< What the job's id is called among the arguments.
    GivenId (*read_id)(std::string_view text);
    /// Whether the job is one that the other arguments mean; null: there is no other.
    bool (*is_meant)(const Job& job, const nlohmann::json& arguments) = nullptr;
    bool tells_forgotten = false;  ///< Whether `refuse` says more of a job that was there.
    /// Appends the answer for a job: one line of JSON. `status` is of `words`. The job is in
    /// Detail::summary, unless the words tell why it waits.
    void (*append_job)(
        std::string& out, const ToolContext& context, const Job& job, std::string_view status);
    bool structured = true;  ///< Whether clients get answers as structured content as well.
    bool indented = false;   ///< Whether texts are JSON in several lines.
    ToolResult (*refuse)(const ToolContext& context, const Refused& refused);
    ToolResult (*bad_arguments)(const ToolContext& context, const BadCall& call);
    /// The ledger cannot be asked: never to be taken for "no such job".
    ToolResult (*outage)(const ToolContext& context, const Tool& tool, const Error& error);
    /// The result of a task-capable tool once its job (in full detail) has ended; is_error when its
    /// status is error. Null: the contract has no such tools.
    ToolResult (*show_ended)(const ToolContext& context, const Job& job) = nullptr;

    std::span<const Resource* const> resources = {};  ///< Empty: the contract has none.
    std::string_view job_uri = {};                    ///< What a job's URI has before its id.
    std::span<const Prompt* const> prompts = {};      ///< Empty: the contract has none.

    /// For a job of which no more is known than its row.
    std::string_view word_for(const Job& job) const { return words.of(display_status_of(job)); }
};

/// All there are; the default first.
std::span<const Contract* const> contracts();
/// The contract of that name. Throws Error(invalid_argument) that names the known ones.
const Contract& require_contract(std::string_view name);

}  // namespace atlasjob::mcp

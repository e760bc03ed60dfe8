#pragma once

#include "mcp/actions/actions.h"
#include "mcp/contracts/contract.h"
#include "mcp/jobs/call_rate.h"
#include "mcp/schema/argument_check.h"
#include "mcp/server/server.h"

#include <deque>
#include <map>
#include <set>
#include <vector>

namespace atlasjob::mcp {

/// One entry of the resource list.
struct ListedResource {
    std::string uri;
    std::string name;
    std::string title;
    std::string description;
    std::string_view mime_type;
};

/// The values that complete what the user has typed.
struct Completion {
    std::vector<std::string> values;
    bool has_more = false;
};

/// What is being completed: a prompt's argument or a template's variable.
struct CompletionTarget {
    enum class Kind { prompt, resource };

    Kind kind = Kind::prompt;
    std::string_view name;  ///< The prompt's name, or the URI template.
};

/// A resource's content.
struct Contents {
    std::string text;
    std::string_view mime_type;
};

/// The tools, resources and prompts of a server, independent of the protocol version: legacy.h and
/// modern.h parse requests and write results. Not thread-safe, except for the functions that run on
/// the executor's thread.
class ToolRegistry {
  public:
    /// The arguments must outlive it. Throws Error(invalid_argument) for an unknown contract or an
    /// invalid actions file.
    ToolRegistry(const ServerOptions& options, StoreHandle& ledger, const Clock& clock);

    const Contract& contract() const { return contract_; }
    /// The context of tools and resources.
    const ToolContext& context() const { return context_; }

    /// The tools served: those of the contract that are allowed, then the actions.
    std::span<const Tool* const> tools() const { return tools_; }
    const Permissions& allowed() const { return allowed_; }
    /// Whether jobs are available as tasks.
    bool has_tasks() const { return contract_.show_ended != nullptr; }

    /// Throws Error(invalid_argument), naming the available tools.
    const Tool& require_tool(std::string_view name) const;
    /// Counts a call against the rate limit. If there were too many, returns the contract's answer
    /// for that. Calls without a principal are not counted.
    std::optional<ToolResult> refuse_call();
    /// The same for requests that have no such answer: throws Error(refused).
    void require_call();
    /// The arguments of a call as they count; see given_arguments.h.
    nlohmann::json given_arguments(const Tool& tool, const nlohmann::json& arguments);
    /// The tool's answer to invalid arguments; nullopt if they are valid.
    std::optional<ToolResult> refuse_arguments(const Tool& tool, const nlohmann::json& arguments);
    /// Calls the tool with valid arguments and answers with a result or a wait: a ledger that
    /// cannot be used and InvalidArguments become results. Throws only Error(internal). `context`
    /// is context(), or writing_context() on the executor's thread.
    ToolAnswer call(
        const ToolContext& context, const Tool& tool, const nlohmann::json& arguments) const;
    /// The context of a call on the executor's thread, with its handle.
    ToolContext writing_context(StoreHandle& ledger) const;

    /// The answer to a tool's wait that ended with `end`.
    ToolResult result_of(
        const Tool& tool, const JobId& job_id, const std::variant<ToolResult, Error>& end) const;

    /// Throws Error(invalid_argument), naming the available prompts.
    const Prompt& require_prompt(std::string_view name) const;
    /// Throws Error: invalid_argument for unknown or missing arguments, not_found, or if the ledger
    /// cannot be read.
    std::string write_prompt(const Prompt& prompt, const nlohmann::json& arguments);
    /// Throws Error: invalid_argument for an unknown target or argument, or if the ledger cannot be
    /// read.
    Completion complete(
        const CompletionTarget& target, std::string_view argument, std::string_view prefix);

    /// The resources that are not templates, then the principal's newest jobs. Empty without a
    /// principal; no jobs if there is no ledger yet. Throws Error if the ledger cannot be read.
    std::vector<ListedResource> list_resources();
    /// nullopt for an unknown URI and for what the principal may not see. Throws Error if the
    /// ledger cannot be read.
    std::optional<Contents> read_resource(std::string_view uri);
    /// A text that changes whenever the resource's content does. Returns nullopt and throws as
    /// read_resource does.
    std::optional<std::string> resource_version(std::string_view uri);

    /// The job that the resource shows; nullopt if it shows none or the principal may not see it.
    /// Throws as read_resource does.
    std::optional<JobId> job_of_resource(std::string_view uri);

    /// A text that changes whenever the entries of list_resources do. Throws as it does.
    std::string resource_list_version();

    /// A job in full detail; nullopt if the principal may not see it. Throws Error if the ledger
    /// cannot be read.
    std::optional<Job> job(const JobId& id);
    /// The same, but also nullopt if the ledger cannot be read.
    std::optional<Job> job_if_readable(const JobId& id);
    /// Requests a cancel; false if the job had already ended. Called on the executor's thread, with
    /// its handle. Throws Error if the ledger cannot be written.
    bool cancel(StoreHandle& ledger, const JobId& id) const;

    /// Notes that a wait for the job was cancelled. Called and throws as cancel.
    void cancel_wait(StoreHandle& ledger, const JobId& id, const std::string& wait) const;

    /// The jobs among `jobs` whose running attempt may be lost. Throws Error if the ledger cannot
    /// be read.
    std::deque<JobId> may_be_lost(const std::set<JobId>& jobs) const;
    /// Reaps the job's running attempt if its executor is gone. Called on the executor's thread,
    /// with its handle. Throws Error if the ledger cannot be written.
    void reap_lost(StoreHandle& ledger, const JobId& job) const;

  private:
    const ArgumentCheck& check_for(const Tool& tool);
    std::optional<int> count_call();

    const Contract& contract_;
    StoreHandle& ledger_;
    const std::optional<Principal>& principal_;
    Permissions allowed_;
    ToolContext context_;
    Actions actions_;
    std::vector<const Tool*> tools_;
    std::optional<CallRate> rate_;
    std::map<const Tool*, ArgumentCheck> checks_;  ///< Created at a tool's first call.
};

}  // namespace atlasjob::mcp

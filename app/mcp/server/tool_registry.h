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

/// What could stand where somebody has begun to write.
struct Completion {
    std::vector<std::string> values;
    bool has_more = false;
};

/// What is being completed: a prompt's argument or a template's variable.
struct CompletedThing {
    enum class Kind { prompt, resource };

    Kind kind = Kind::prompt;
    std::string_view name;  ///< The prompt's name, or the template.
};

/// What a resource holds.
struct Contents {
    std::string text;
    std::string_view mime_type;
};

/// What the server does, whatever the protocol era: the eras (legacy.h, modern.h) read requests and
/// write results, and everything between the two is here. One thread.
class ToolRegistry {
  public:
    /// Everything given must outlive it. Throws Error(invalid_argument) for an unknown contract and
    /// for an actions file that is wrong.
    ToolRegistry(const ServerOptions& options, StoreHandle& ledger, const Clock& clock);

    const Contract& contract() const { return contract_; }
    /// What tools and resources work with.
    const ToolContext& context() const { return context_; }

    /// Those that are served: the contract's that the user has opened, then the actions.
    std::span<const Tool* const> tools() const { return tools_; }
    const Permissions& allowed() const { return allowed_; }
    /// Whether jobs can be followed as tasks here.
    bool has_tasks() const { return contract_.show_ended != nullptr; }

    /// Throws Error(invalid_argument) that names the tools there are.
    const Tool& require_tool(std::string_view name) const;
    /// Takes note of a call. Too many of them: that is the answer, in the contract's words. Whoever
    /// acts for nobody is not counted.
    std::optional<ToolResult> refuse_call();
    /// The same for what has no answer in the contract's words: throws Error(refused).
    void require_call();
    /// What is wrong with the arguments, as the tool's answer; nothing: they fit.
    std::optional<ToolResult> refuse_arguments(const Tool& tool, const nlohmann::json& arguments);
    /// Calls the tool with arguments that fit. A ledger that cannot be used is a result too; throws
    /// Error(internal) only.
    ToolAnswer call(const Tool& tool, const nlohmann::json& arguments) const {
        return call_with(context_, tool, arguments);
    }
    /// The same for a tool that writes: with the writer's access, on its thread.
    ToolAnswer call_writing(
        StoreHandle& ledger, const Tool& tool, const nlohmann::json& arguments) const;

    /// The answer to a tool's wait that ended so.
    ToolResult result_of(
        const Tool& tool, const JobId& job_id, const std::variant<ToolResult, Error>& end) const;

    /// Throws Error(invalid_argument) that names the prompts there are.
    const Prompt& require_prompt(std::string_view name) const;
    /// Throws Error: invalid_argument for arguments that it does not have or that are missing,
    /// not_found, and when the ledger cannot be read.
    std::string write_prompt(const Prompt& prompt, const nlohmann::json& arguments);
    /// Throws Error: invalid_argument for what there is not, and when the ledger cannot be read.
    Completion complete(
        const CompletedThing& thing, std::string_view argument, std::string_view begun);

    /// The resources that are no templates, and the principal's newest jobs; nothing when there is
    /// no principal, no jobs when there is no ledger yet. Throws Error when there is a ledger that
    /// cannot be read.
    std::vector<ListedResource> list_resources();
    /// Nothing for a URI that is none of ours, and for what the principal may not see. Throws Error
    /// when the ledger cannot be read.
    std::optional<Contents> read_resource(std::string_view uri);
    /// A text that differs whenever the resource's contents do; nothing and throws as above.
    std::optional<std::string> resource_version(std::string_view uri);

    /// The job that the resource shows; nothing: it shows none, or none that the principal may see.
    /// Throws as above.
    std::optional<JobId> job_of_resource(std::string_view uri);

    /// A text that differs whenever that list has other entries. Throws as list_resources does.
    std::string resource_list_version();

    /// A job in full detail; nothing when the principal may not see it. Throws Error when the
    /// ledger cannot be read.
    std::optional<Job> job(const JobId& id);
    /// The same for whoever has something else to answer: nothing, too, when it cannot be read.
    std::optional<Job> job_if_readable(const JobId& id);
    /// Asks for a job's end, and sees to what follows from it. With the writer's access, on its
    /// thread. False: it had ended. Throws Error when the ledger cannot be written.
    bool cancel(StoreHandle& ledger, const JobId& id) const;

    /// Those of these jobs that reap_lost may find something to do about. Throws Error when the
    /// ledger cannot be read.
    std::deque<JobId> may_be_lost(const std::set<JobId>& jobs) const;
    /// Takes back the running attempt of the job if its executor is gone. With the writer's access,
    /// on its thread. Throws Error when the ledger cannot be written.
    void reap_lost(StoreHandle& ledger, const JobId& job) const;

  private:
    ToolAnswer call_with(
        const ToolContext& context, const Tool& tool, const nlohmann::json& arguments) const;
    ToolContext writing_context(StoreHandle& ledger) const;
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
    std::map<const Tool*, ArgumentCheck> checks_;  ///< Made at a tool's first call.
};

}  // namespace atlasjob::mcp

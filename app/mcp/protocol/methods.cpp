#include "mcp/protocol/methods.h"

#include "mcp/protocol/request_params.h"
#include "mcp/protocol/task.h"

#include <algorithm>
#include <array>

namespace atlasjob::mcp {

namespace {

constexpr std::string_view kDiscover = "server/discover";

/// What must be served for a method to exist.
enum class Needs { nothing, resources, prompts, tasks, cancelling };

struct MethodRow {
    std::string_view name;
    Method legacy;  ///< nullptr if the era does not have it.
    Method modern;
    Needs needs = Needs::nothing;
};

// clang-format off
constexpr std::array kMethods = {
    MethodRow{"tools/call",               call_tool_legacy,   call_tool_modern},
    MethodRow{"tools/list",               list_tools,         list_tools},
    MethodRow{"ping",                     ping,               nullptr},
    MethodRow{"initialize",               initialize,         nullptr},
    MethodRow{kDiscover,                  nullptr,            discover},
    MethodRow{"subscriptions/listen",     nullptr,            listen},
    MethodRow{"resources/read",           read_resource,      read_resource,  Needs::resources},
    MethodRow{"resources/list",           list_resources,     list_resources, Needs::resources},
    MethodRow{"resources/templates/list", list_templates,     list_templates, Needs::resources},
    MethodRow{"resources/subscribe",      subscribe,          nullptr,        Needs::resources},
    MethodRow{"resources/unsubscribe",    unsubscribe,        nullptr,        Needs::resources},
    MethodRow{"completion/complete",      complete,           complete,       Needs::resources},
    MethodRow{"prompts/list",             list_prompts,       list_prompts,   Needs::prompts},
    MethodRow{"prompts/get",              get_prompt,         get_prompt,     Needs::prompts},
    MethodRow{"tasks/get",                get_task_legacy,    get_task,       Needs::tasks},
    MethodRow{"tasks/result",             await_task_result,  nullptr,        Needs::tasks},
    MethodRow{"tasks/update",             nullptr,            update_task,    Needs::tasks},
    MethodRow{"tasks/cancel",             cancel_task_legacy, cancel_task,    Needs::cancelling},
};
// clang-format on

bool is_served(Needs needs, const ToolRegistry& registry) {
    switch (needs) {
        case Needs::nothing:
            return true;
        case Needs::resources:
            return !registry.contract().resources.empty();
        case Needs::prompts:
            return !registry.contract().prompts.empty();
        case Needs::tasks:
            return registry.has_tasks();
        case Needs::cancelling:
            return registry.has_tasks() && registry.allowed().cancel;
    }
    throw Error(ErrorCode::internal, "a method needs something unknown");
}

}  // namespace

Era era_of(const rpc::Request& request) {
    const bool modern = request.method == kDiscover || names_protocol_version(request.params);
    return modern ? Era::modern : Era::legacy;
}

Method find_method(std::string_view name, Era era, const ToolRegistry& registry) {
    const auto* const row = std::ranges::find(kMethods, name, &MethodRow::name);
    if (row == kMethods.end() || !is_served(row->needs, registry)) return nullptr;
    return era == Era::modern ? row->modern : row->legacy;
}

Job require_task(const Call& call) {
    const auto id = JobId::parse(required_text(call.params(), "taskId"));
    const ToolContext& context = call.registry().context();
    std::optional<Job> job;
    if (context.principal) {
        // Reads the ledger for an impossible id, too: an outage must show for both.
        job = context.ledger.read_or(job, [&](Store& store) -> std::optional<Job> {
            if (!id) return {};
            return store.get(JobRef::of(*id), *context.principal, Detail::full);
        });
    }
    if (!job) throw Error(ErrorCode::not_found, kTaskNotFound);
    return std::move(*job);
}

void cancel_job_of(
    const Call& call,
    const JobId& id,
    std::function<void(rpc::Reply& reply, bool cancelled)> done) {
    call.connection.writes.post(
        call.reply,
        [&registry = call.registry(), id](StoreHandle& ledger) {
            return registry.cancel(ledger, id);
        },
        std::move(done));
}

}  // namespace atlasjob::mcp

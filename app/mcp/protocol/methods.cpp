#include "mcp/protocol/methods.h"

#include "mcp/protocol/request_params.h"

#include <algorithm>
#include <array>

namespace atlasjob::mcp {

namespace {

constexpr std::string_view kDiscover = "server/discover";

/// What must be served for a method to exist.
enum class Needs { nothing, resources, prompts, tasks, events, skills };

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
    MethodRow{"events/list",              list_event_types,   list_event_types, Needs::events},
    MethodRow{"events/poll",              poll_events,        poll_events,    Needs::events},
    MethodRow{"events/stream",            stream_events,      stream_events,  Needs::events},
    MethodRow{"skills/list",              list_skills,        list_skills,    Needs::skills},
    MethodRow{"skills/get",               get_skill,          get_skill,      Needs::skills},
    MethodRow{"tasks/get",                get_task_legacy,    get_task,       Needs::tasks},
    MethodRow{"tasks/result",             await_task_result,  nullptr,        Needs::tasks},
    MethodRow{"tasks/update",             nullptr,            update_task,    Needs::tasks},
    MethodRow{"tasks/cancel",             cancel_task_legacy, cancel_task,    Needs::tasks},
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
        case Needs::events:
            return registry.contract().events;
        case Needs::skills:
            return registry.contract().skill != nullptr;
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

Task require_task(const Call& call) {
    auto task = find_task(call.registry().context(), required_text(call.params(), "taskId"));
    if (!task) throw Error(ErrorCode::not_found, kTaskNotFound);
    return std::move(*task);
}

bool may_cancel(const Call& call, const Task& task) {
    return task.id.wait || call.registry().allowed().cancel;
}

void cancel_task_of(
    const Call& call,
    const Task& task,
    std::function<void(rpc::Reply& reply, bool cancelled)> done) {
    const ToolRegistry& registry = call.registry();
    if (!may_cancel(call, task))
        return call.reply.error(
            {rpc::kMethodNotFound, "this server does not cancel jobs; a wait can be cancelled"});
    call.connection.writes.post(
        call.reply,
        [&registry, id = task.id](StoreHandle& ledger) {
            if (!id.wait) return registry.cancel(ledger, id.job_id);
            registry.cancel_wait(ledger, id.job_id, wait_detail(*id.wait));
            return true;
        },
        std::move(done));
}

}  // namespace atlasjob::mcp

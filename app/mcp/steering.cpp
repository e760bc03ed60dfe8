#include "mcp/steering.h"

namespace atlasjob::mcp {

CancelResult request_cancel(
    const ToolContext& context, const JobId& id, const CancelRequest& request) {
    return context.ledger.write([&](Store& store) {
        const CancelResult result = store.request_cancel(id, request, context.clock.now());
        if (result == CancelResult::cancelled)
            start_on_end(store, context.clock, context.launching.on_end, id);
        return result;
    });
}

}  // namespace atlasjob::mcp

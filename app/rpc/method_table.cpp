#include "rpc/method_table.h"

#include "rpc/codes.h"

#include <fmt/format.h>

namespace atlasjob::rpc {

void MethodTable::add(std::string name, Method method) {
    methods_.insert_or_assign(std::move(name), std::move(method));
}

void MethodTable::answer(const Request& request, Reply& reply) const {
    const auto found = methods_.find(request.method);
    if (found != methods_.end()) return found->second(request, reply);
    reply.error({kMethodNotFound, fmt::format("method not found: {}", request.method)});
}

}  // namespace atlasjob::rpc

#pragma once

#include "rpc/reply.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <map>

namespace atlasjob::rpc {

/// A request or a notification as its method sees it. Valid during the call only.
struct Request {
    std::string_view method;
    const nlohmann::json& params;  ///< An object; empty when none was sent.
    /// The request's id; discarded (is_discarded()) in a notification. For comparing only: the
    /// Reply has it as it was sent.
    const nlohmann::json& id;
};

/// Answers a request through the Reply: at once, or later after moving it away. What it throws
/// becomes the answer (Dispatcher).
using Method = std::function<void(const Request&, Reply&)>;

/// Which function answers which method.
class MethodTable {
  public:
    void add(std::string name, Method method);
    /// Calls the method of that name; an unknown one is answered with "method not found".
    void answer(const Request& request, Reply& reply) const;

  private:
    std::map<std::string, Method, std::less<>> methods_;
};

}  // namespace atlasjob::rpc

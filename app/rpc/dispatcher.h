#pragma once

#include "rpc/line_buffer.h"
#include "rpc/reply.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <map>

namespace atlasjob::rpc {

/// A request or a notification, as passed to its method. Valid during the call only.
struct Request {
    std::string_view method;
    const nlohmann::json& params;  ///< An object; empty if none was sent.
    /// The request's id; discarded (is_discarded()) in a notification. For comparing only: the
    /// Reply holds the id exactly as it was sent.
    const nlohmann::json& id;
};

/// Answers a request through the Reply: at once, or later by moving it away. An exception it throws
/// becomes the answer (see Dispatcher).
using Method = std::function<void(const Request&, Reply&)>;

/// Maps method names to functions.
class MethodTable {
  public:
    void add(std::string name, Method method);
    /// Calls the request's method; answers "method not found" if it is unknown.
    void answer(const Request& request, Reply& reply) const;

  private:
    std::map<std::string, Method, std::less<>> methods_;
};

/// Turns lines into requests and ensures that each is answered exactly once, whatever its method
/// does. Never throws. Used from the loop's thread only.
///
/// | line | answer |
/// | --- | --- |
/// | not JSON, nested too deep | -32700 without id |
/// | longer than the limit, not an object (batches included) | -32600 without id |
/// | no "jsonrpc":"2.0" | -32600 without id |
/// | an id that is null, a fraction, a bool, an array or an object | -32600 without id |
/// | no method, or one that is not a string | -32600 |
/// | params that are not an object | -32602 |
/// | notification, response, blank line | none |
///
/// Notifications whose params are an object are passed to the listener; its exceptions are ignored.
///
/// Exceptions of a method are answered with: Error -> the JSON-RPC code of its row in kErrors, a
/// JSON type error -> -32602, anything else -> -32603 and a line on stderr.
class Dispatcher {
  public:
    using Listener = std::function<void(const Request&)>;

    /// `output` must outlive it and every Reply it created.
    Dispatcher(Output& output, Method answer, Listener on_notification)
        : output_(output),
          answer_(std::move(answer)),
          on_notification_(std::move(on_notification)) {}

    void receive(const LineBuffer::Line& line);

  private:
    void receive_message(const nlohmann::json& message, std::string_view text);
    void receive_request(const nlohmann::json& message, std::string_view id_json);
    void receive_notification(const nlohmann::json& message);
    void call(const Request& request, Reply& reply);
    void refuse(int code, std::string_view why, std::string_view id_json = {});

    Output& output_;
    Method answer_;
    Listener on_notification_;
};

}  // namespace atlasjob::rpc

#pragma once

#include "rpc/line_buffer.h"
#include "rpc/reply.h"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace atlasjob::rpc {

/// A request or a notification, as passed to its method. Valid during the call only.
struct Request {
    std::string_view method;
    const nlohmann::json& params;  ///< An object; empty if none was sent.
    /// The request's id; discarded (is_discarded()) in a notification. For comparing only: the
    /// Reply holds the id exactly as it was sent.
    const nlohmann::json& id;
};

/// What a Dispatcher passes requests to.
class RequestReceiver {
  public:
    RequestReceiver() = default;
    RequestReceiver(const RequestReceiver&) = delete;
    RequestReceiver& operator=(const RequestReceiver&) = delete;
    virtual ~RequestReceiver() = default;

    /// Answers a request through the Reply: at once, or later by moving it away. An exception it
    /// throws becomes the answer (see Dispatcher).
    virtual void answer(const Request& request, Reply& reply) = 0;
    /// Receives a notification; its exceptions are ignored.
    virtual void notify(const Request& notification) = 0;
};

/// Turns lines into requests and ensures that each is answered exactly once, whatever the
/// receiver does. Never throws. Used from the loop's thread only.
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
/// Notifications whose params are not an object are ignored.
///
/// Exceptions of RequestReceiver::answer are answered with: Error -> the JSON-RPC code of its row
/// in kErrors, a JSON type error -> -32602, anything else -> -32603 and a line on stderr.
class Dispatcher {
  public:
    /// The arguments must outlive it, and `output` every Reply it created.
    Dispatcher(Output& output, RequestReceiver& receiver) : output_(output), receiver_(receiver) {}

    void receive(const LineBuffer::Line& line);

  private:
    void receive_message(const nlohmann::json& message, std::string_view text);
    void receive_request(const nlohmann::json& message, std::string_view id_json);
    void receive_notification(const nlohmann::json& message);
    void refuse(int code, std::string_view why, std::string_view id_json = {});

    Output& output_;
    RequestReceiver& receiver_;
};

}  // namespace atlasjob::rpc

#pragma once

#include "rpc/dispatcher.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace atlasjob::mcp {

// The params._meta of requests of 2026-07-28.

/// The protocol versions without `initialize`, as a JSON array.
inline constexpr std::string_view kSupportedJson = R"(["2026-07-28"])";

/// Whether the request names its protocol version, which makes it a modern one.
bool names_protocol_version(const nlohmann::json& params);

/// Checks the _meta of a modern request. Returns false, after answering with an error, if required
/// members are missing or the protocol version is not supported.
bool accept_meta(const rpc::Request& request, rpc::Reply& reply);

/// Whether the client of an accepted request declares the extension.
bool declares_extension(const nlohmann::json& params, const char* extension);

/// Answers that the client must declare the extension.
void refuse_undeclared(rpc::Reply& reply, std::string_view extension);

// Params of any protocol version. `params` must be an object; all throw Error(invalid_argument),
// naming the member.

const std::string& required_text(const nlohmann::json& params, const char* key);

const nlohmann::json& required_object(const nlohmann::json& params, const char* key);

/// An empty object if the member is missing.
const nlohmann::json& optional_object(const nlohmann::json& params, const char* key);

/// Refuses a cursor: every list is a single page, so none was issued. An empty one is accepted, as
/// some clients send it for the first page.
void refuse_cursor(const nlohmann::json& params);

}  // namespace atlasjob::mcp

#pragma once

/// What every request of 2026-07-28 says of itself, in params._meta.
/// Reading what both eras' requests have in common. `params` is an object; everything throws
/// Error(invalid_argument) that names the member.

#include "rpc/dispatcher.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace atlasjob::mcp {

/// The revisions that are served so, as a JSON array.
inline constexpr std::string_view kSupportedJson = R"(["2026-07-28"])";

/// Whether the request says which revision it speaks: then it is a modern one.
bool names_revision(const nlohmann::json& params);

/// Answers what lacks something that is required, or speaks a revision we do not; true: go on.
bool accept_meta(const rpc::Request& request, rpc::Reply& reply);

/// Whether the client of an accepted request knows the extension.
bool declares_extension(const nlohmann::json& params, const char* extension);

/// Answers that the client would have to declare the extension.
void refuse_undeclared(rpc::Reply& reply, std::string_view extension);

const std::string& required_text(const nlohmann::json& params, const char* key);

const nlohmann::json& required_object(const nlohmann::json& params, const char* key);

/// An empty object when it was left out.
const nlohmann::json& optional_object(const nlohmann::json& params, const char* key);

/// Refuses a cursor: every list here is one page and hands none out. An empty one is taken for
/// "from the start", as some clients mean it.
void refuse_cursor(const nlohmann::json& params);

}  // namespace atlasjob::mcp

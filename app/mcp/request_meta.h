#pragma once

#include "rpc/method_table.h"

#include <string_view>

/// What every request of 2026-07-28 says of itself, in params._meta.
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

}  // namespace atlasjob::mcp

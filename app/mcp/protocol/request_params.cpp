#include "mcp/protocol/request_params.h"

#include "base/error.h"
#include "base/text.h"
#include "rpc/reply.h"
#include "view/json_object.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;
using view::JsonObject;

constexpr const char* kVersionKey = "io.modelcontextprotocol/protocolVersion";
constexpr const char* kCapabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
constexpr std::string_view kModernVersion = "2026-07-28";

/// Error codes of the specification.
constexpr int kMissingCapability = -32021;
constexpr int kUnsupportedVersion = -32022;

/// nullptr if there is no such member.
const json* member(const json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
}

const json* meta_member(const json& params, const char* key) {
    const json* meta = member(params, "_meta");
    return meta == nullptr ? nullptr : member(*meta, key);
}

/// The required keys that are missing or have the wrong type; empty if there are none.
std::string missing_keys(const json& params) {
    std::string keys;
    const json* version = meta_member(params, kVersionKey);
    if (version == nullptr || !version->is_string()) keys += kVersionKey;
    const json* capabilities = meta_member(params, kCapabilitiesKey);
    if (capabilities == nullptr || !capabilities->is_object()) {
        keys += keys.empty() ? "" : " and ";
        keys += kCapabilitiesKey;
    }
    return keys;
}

void refuse_version(rpc::Reply& reply, const std::string& requested) {
    std::string data;
    {
        JsonObject object{data};
        object.member("supported") += kSupportedJson;
        object.text("requested", requested);
    }
    reply.error({kUnsupportedVersion, "unsupported protocol version", data});
}

}  // namespace

bool names_protocol_version(const json& params) {
    return meta_member(params, kVersionKey) != nullptr;
}

bool accept_meta(const rpc::Request& request, rpc::Reply& reply) {
    const json* version = meta_member(request.params, kVersionKey);
    const bool is_text = version != nullptr && version->is_string();
    if (is_text && version->get_ref<const std::string&>() != kModernVersion) {
        refuse_version(reply, version->get_ref<const std::string&>());
        return false;
    }
    const std::string missing = missing_keys(request.params);
    if (missing.empty()) return true;
    const std::string why = fmt::format("params._meta: {} missing or of the wrong type", missing);
    reply.error({rpc::kInvalidParams, why});
    return false;
}

bool declares_extension(const json& params, const char* extension) {
    const json* capabilities = meta_member(params, kCapabilitiesKey);
    const json* extensions =
        capabilities == nullptr ? nullptr : member(*capabilities, "extensions");
    return extensions != nullptr && member(*extensions, extension) != nullptr;
}

void refuse_undeclared(rpc::Reply& reply, std::string_view extension) {
    std::string data;
    {
        JsonObject object{data};
        JsonObject required{object.member("requiredCapabilities")};
        JsonObject extensions{required.member("extensions")};
        extensions.member(extension) += "{}";
    }
    const std::string why = fmt::format("the client did not declare the extension {}", extension);
    reply.error({kMissingCapability, why, data});
}

const std::string& required_text(const json& params, const char* key) {
    const auto found = params.find(key);
    if (found == params.end()) {
        throw Error(ErrorCode::invalid_argument, fmt::format("params.{} is missing", key));
    }
    if (!found->is_string()) {
        throw Error(
            ErrorCode::invalid_argument,
            fmt::format("params.{} has type {}", key, found->type_name()), "it must be a string");
    }
    return found->get_ref<const std::string&>();
}

const json& required_object(const json& params, const char* key) {
    const auto found = params.find(key);
    if (found == params.end()) {
        throw Error(ErrorCode::invalid_argument, fmt::format("params.{} is missing", key));
    }
    if (!found->is_object()) {
        throw Error(
            ErrorCode::invalid_argument,
            fmt::format("params.{} has type {}", key, found->type_name()), "it must be an object");
    }
    return *found;
}

const json& optional_object(const json& params, const char* key) {
    static const json none = json::object();
    return params.contains(key) ? required_object(params, key) : none;
}

void refuse_cursor(const json& params) {
    const auto cursor = params.find("cursor");
    if (cursor == params.end() || cursor->is_null()) return;
    if (cursor->is_string() && cursor->get_ref<const std::string&>().empty()) return;
    throw Error(
        ErrorCode::invalid_argument, "params.cursor was not issued by this server",
        "omit it: the list is a single page");
}

}  // namespace atlasjob::mcp

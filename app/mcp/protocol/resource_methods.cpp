#include "mcp/protocol/methods.h"
#include "mcp/protocol/request_params.h"
#include "mcp/protocol/serialize.h"
#include "rpc/line_buffer.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

/// The methods for resources, prompts and completion.
namespace atlasjob::mcp {

namespace {

using nlohmann::json;
using view::JsonObject;

CompletionTarget completion_target(const json& params) {
    const json& reference = required_object(params, "ref");
    const std::string& type = required_text(reference, "type");
    if (type == "ref/prompt")
        return {CompletionTarget::Kind::prompt, required_text(reference, "name")};
    if (type == "ref/resource")
        return {CompletionTarget::Kind::resource, required_text(reference, "uri")};
    throw Error(
        ErrorCode::invalid_argument, fmt::format("params.ref.type \"{}\": unknown type", type),
        "use ref/prompt or ref/resource");
}

}  // namespace

void list_resources(const Call& call) {
    refuse_cursor(call.params());
    const auto resources = call.registry().list_resources();
    call.reply.result(result_json(call.dialect, kLive, [&](JsonObject& result) {
        write_resources(result, resources, call.dialect);
    }));
}

void list_templates(const Call& call) {
    refuse_cursor(call.params());
    call.reply.result(result_json(call.dialect, kFixed, [&](JsonObject& result) {
        write_templates(result, call.registry().contract().resources, call.dialect);
    }));
}

void refuse_resource(const Call& call, const std::string& uri) {
    std::string data;
    JsonObject{data}.text("uri", uri);
    call.reply.error({call.dialect.resource_not_found, "resource not found", data});
}

void read_resource(const Call& call) {
    const std::string& uri = required_text(call.params(), "uri");
    call.registry().require_call();
    const auto contents = call.registry().read_resource(uri);
    if (!contents) return refuse_resource(call, uri);
    const std::string out = result_json(
        call.dialect, kLive, [&](JsonObject& result) { write_contents(result, uri, *contents); });
    if (out.size() > rpc::kMaxMessage) throw Error(ErrorCode::refused, too_long(out.size()));
    call.reply.result(out);
}

void list_prompts(const Call& call) {
    refuse_cursor(call.params());
    call.reply.result(result_json(call.dialect, kFixed, [&](JsonObject& result) {
        write_prompts(result, call.registry().contract().prompts, call.dialect);
    }));
}

void get_prompt(const Call& call) {
    const Prompt& prompt = call.registry().require_prompt(required_text(call.params(), "name"));
    const std::string text =
        call.registry().write_prompt(prompt, optional_object(call.params(), "arguments"));
    call.reply.result(result_json(
        call.dialect, {}, [&](JsonObject& result) { write_prompt_text(result, prompt, text); }));
}

void complete(const Call& call) {
    const json& argument = required_object(call.params(), "argument");
    const Completion completion = call.registry().complete(
        completion_target(call.params()), required_text(argument, "name"),
        required_text(argument, "value"));
    call.reply.result(result_json(
        call.dialect, {}, [&](JsonObject& result) { write_completion(result, completion); }));
}

}  // namespace atlasjob::mcp

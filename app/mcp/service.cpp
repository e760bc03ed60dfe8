#include "mcp/service.h"

#include "mcp/params.h"
#include "mcp/wire.h"
#include "rpc/line_buffer.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;
using view::JsonObject;
using namespace std::chrono_literals;

/// What a server was started with stays as it is.
constexpr Caching kFixed{1h, true};
/// Jobs change whenever they like, and are their owner's.
constexpr Caching kLive{0ms, false};

std::string too_long(std::size_t bytes) {
    return fmt::format(
        "the answer cannot be sent: it is {} bytes long, more than clients read ({}); see it with "
        "`atlasjob status --json JOB` in a shell",
        bytes, rpc::kLongestMessage);
}

CompletedThing completed_thing(const json& params) {
    const json& reference = required_object(params, "ref");
    const std::string& type = required_text(reference, "type");
    if (type == "ref/prompt")
        return {CompletedThing::Kind::prompt, required_text(reference, "name")};
    if (type == "ref/resource")
        return {CompletedThing::Kind::resource, required_text(reference, "uri")};
    throw Error(
        ErrorCode::invalid_argument, fmt::format("params.ref.type \"{}\": not known", type),
        "it is ref/prompt or ref/resource");
}

std::string unchecked_result_json(
    const ToolResult& result, const Dialect& dialect, std::string_view meta_json) {
    return result_json(dialect, {}, [&](JsonObject& object) {
        write_tool_result(object, result, dialect);
        if (!meta_json.empty()) object.member("_meta") += meta_json;
    });
}

}  // namespace

std::string tool_result_json(
    const ToolResult& result, const Dialect& dialect, std::string_view meta_json) {
    std::string out = unchecked_result_json(result, dialect, meta_json);
    if (out.size() <= rpc::kLongestMessage) return out;
    return unchecked_result_json(
        {.text = too_long(out.size()), .is_error = true}, dialect, meta_json);
}

std::string progress_token(const json& params) {
    const auto meta = params.find("_meta");
    if (meta == params.end() || !meta->is_object()) return {};
    const auto token = meta->find("progressToken");
    if (token == meta->end()) return {};
    return token->is_string() || token->is_number_integer() ? token->dump() : std::string{};
}

std::string Service::list_tools(const json& params, const Dialect& dialect) const {
    refuse_cursor(params);
    return result_json(
        dialect, kFixed, [&](JsonObject& result) { write_tools(result, core_.tools(), dialect); });
}

std::string Service::list_resources(const json& params, const Dialect& dialect) {
    refuse_cursor(params);
    const auto resources = core_.list_resources();
    return result_json(
        dialect, kLive, [&](JsonObject& result) { write_resources(result, resources, dialect); });
}

std::string Service::list_templates(const json& params, const Dialect& dialect) const {
    refuse_cursor(params);
    return result_json(dialect, kFixed, [&](JsonObject& result) {
        write_templates(result, core_.contract().resources, dialect);
    });
}

std::string Service::list_prompts(const json& params, const Dialect& dialect) const {
    refuse_cursor(params);
    return result_json(dialect, kFixed, [&](JsonObject& result) {
        write_prompts(result, core_.contract().prompts, dialect);
    });
}

std::string Service::get_prompt(const json& params, const Dialect& dialect) {
    const Prompt& prompt = core_.require_prompt(required_text(params, "name"));
    const std::string text = core_.write_prompt(prompt, optional_object(params, "arguments"));
    return result_json(
        dialect, {}, [&](JsonObject& result) { write_prompt_text(result, prompt, text); });
}

std::string Service::complete(const json& params, const Dialect& dialect) {
    const json& argument = required_object(params, "argument");
    const Completion completion = core_.complete(
        completed_thing(params), required_text(argument, "name"), required_text(argument, "value"));
    return result_json(
        dialect, {}, [&](JsonObject& result) { write_completion(result, completion); });
}

void refuse_resource(rpc::Reply& reply, const std::string& uri, const Dialect& dialect) {
    std::string data;
    JsonObject{data}.text("uri", uri);
    reply.error({dialect.resource_not_found, "resource not found", data});
}

void Service::read_resource(
    const rpc::Request& request, rpc::Reply& reply, const Dialect& dialect) {
    const std::string& uri = required_text(request.params, "uri");
    const auto contents = core_.read_resource(uri);
    if (!contents) return refuse_resource(reply, uri, dialect);
    const std::string out = result_json(
        dialect, kLive, [&](JsonObject& result) { write_contents(result, uri, *contents); });
    if (out.size() > rpc::kLongestMessage) throw Error(ErrorCode::refused, too_long(out.size()));
    reply.result(out);
}

void Service::call_tool(
    const rpc::Request& request, rpc::Reply& reply, const Dialect& dialect, const AsTask& as_task) {
    const Tool& tool = core_.require_tool(required_text(request.params, "name"));
    ToolAnswer answer = core_.call(tool, optional_object(request.params, "arguments"));
    if (const auto* result = std::get_if<ToolResult>(&answer)) {
        const auto task = as_task(*result);
        return reply.result(task ? *task : tool_result_json(*result, dialect));
    }
    auto& wait = std::get<Wait>(answer);
    const auto send = [this, dialect, id = wait.job_id](
                          rpc::Reply& owed, const std::variant<ToolResult, Error>& end) {
        owed.result(tool_result_json(core_.result_of(id, end), dialect));
    };
    waits_.add({std::move(reply), std::move(wait), progress_token(request.params), send});
}

std::optional<Job> Service::find_task(const json& params) {
    const auto id = JobId::parse(required_text(params, "taskId"));
    const auto& principal = core_.context().principal;
    if (!principal) return {};
    return core_.context().ledger.read([&](Store& store) -> std::optional<Job> {
        if (!id) return {};
        return store.get(JobRef::of(*id), *principal, Detail::full);
    });
}

}  // namespace atlasjob::mcp

#include "mcp/legacy.h"

#include "mcp/params.h"
#include "rpc/line_buffer.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;
using view::JsonObject;
using namespace std::string_view_literals;

/// Of these revisions; the modern era says invalid params.
constexpr int kResourceNotFound = -32002;

std::string tool_result_json(const ToolResult& result, const Dialect& dialect) {
    std::string out;
    // The payload goes in twice, once escaped.
    out.reserve(result.text.size() * 3 + 128);
    {
        JsonObject object{out};
        write_tool_result(object, result, dialect);
    }
    return out;
}

/// Clients hang up on a line they find too long: say so instead.
ToolResult too_large(std::size_t bytes) {
    return {
        .text = fmt::format(
            "the answer cannot be sent: it is {} bytes long, more than clients read ({}); see it "
            "with `atlasjob status --json JOB` in a shell",
            bytes, rpc::kLongestMessage),
        .is_error = true};
}

}  // namespace

LegacyEra::LegacyEra(Core& core, std::string version) : core_(core), version_(std::move(version)) {
    methods_.add("initialize", [this](const auto& request, auto& reply) {
        reply.result(initialize(request.params));
    });
    methods_.add("ping", [](const auto&, auto& reply) { reply.result("{}"); });
    methods_.add("tools/list", [this](const auto& request, auto& reply) {
        reply.result(list_tools(request.params));
    });
    methods_.add("tools/call", [this](const auto& request, auto& reply) {
        reply.result(call_tool(request.params));
    });
    if (!core_.contract().resources.empty()) add_resource_methods();
}

void LegacyEra::add_resource_methods() {
    methods_.add("resources/list", [this](const auto& request, auto& reply) {
        reply.result(list_resources(request.params));
    });
    methods_.add("resources/templates/list", [this](const auto& request, auto& reply) {
        reply.result(list_templates(request.params));
    });
    methods_.add("resources/read", [this](const auto& request, auto& reply) {
        read_resource(request, reply);
    });
}

Dialect LegacyEra::dialect() const {
    return {
        .annotations = revision_ >= Revision::r2025_03_26,
        .titles = revision_ >= Revision::r2025_06_18,
        .structured = revision_ >= Revision::r2025_06_18,
    };
}

std::string LegacyEra::initialize(const json& params) {
    const std::string& wanted = required_text(params, "protocolVersion");
    revision_ = parse_revision(wanted).value_or(kNewestLegacy);
    std::string out;
    {
        JsonObject result{out};
        result.text("protocolVersion", to_string(revision_));
        result.member("capabilities") += capabilities();
        {
            JsonObject server{result.member("serverInfo")};
            server.text("name", "atlasjob"sv);
            if (dialect().titles) server.text("title", "atlasjob"sv);
            server.text("version", version_);
        }
        result.text("instructions", core_.contract().instructions);
    }
    return out;
}

/// Only what is there: no lists that change, no subscriptions.
std::string LegacyEra::capabilities() const {
    return core_.contract().resources.empty() ? R"({"tools":{}})"
                                              : R"({"tools":{},"resources":{}})";
}

std::string LegacyEra::list_tools(const json& params) const {
    refuse_cursor(params);
    std::string out;
    {
        JsonObject result{out};
        write_tools(result, core_.tools(), dialect());
    }
    return out;
}

std::string LegacyEra::call_tool(const json& params) {
    const Tool& tool = core_.require_tool(required_text(params, "name"));
    const ToolResult result =
        std::get<ToolResult>(core_.call(tool, optional_object(params, "arguments")));
    std::string out = tool_result_json(result, dialect());
    if (out.size() <= rpc::kLongestMessage) return out;
    return tool_result_json(too_large(out.size()), dialect());
}

std::string LegacyEra::list_resources(const json& params) {
    refuse_cursor(params);
    const auto resources = core_.list_resources();
    std::string out;
    {
        JsonObject result{out};
        write_resources(result, resources, dialect());
    }
    return out;
}

std::string LegacyEra::list_templates(const json& params) const {
    refuse_cursor(params);
    std::string out;
    {
        JsonObject result{out};
        write_templates(result, core_.contract().resources, dialect());
    }
    return out;
}

void LegacyEra::read_resource(const rpc::Request& request, rpc::Reply& reply) {
    const std::string& uri = required_text(request.params, "uri");
    const auto contents = core_.read_resource(uri);
    std::string out;
    if (!contents) {
        JsonObject{out}.text("uri", uri);
        return reply.error({kResourceNotFound, "resource not found", out});
    }
    {
        JsonObject result{out};
        write_contents(result, uri, *contents);
    }
    if (out.size() > rpc::kLongestMessage) {
        throw Error(ErrorCode::refused, too_large(out.size()).text);
    }
    reply.result(out);
}

}  // namespace atlasjob::mcp

#include "mcp/server/request_handlers.h"

#include "mcp/protocol/request_params.h"
#include "mcp/protocol/serialize.h"
#include "rpc/line_buffer.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <iterator>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;
using view::JsonObject;
using namespace std::chrono_literals;

/// For lists that never change while the server runs.
constexpr Caching kFixed{1h, true};
/// For jobs, which change at any time and are visible to their owner only.
constexpr Caching kLive{0ms, false};

std::string too_long(std::size_t bytes) {
    return fmt::format(
        "the answer is {} bytes long, more than clients accept ({}); run "
        "`atlasjob status --json JOB` in a shell to see it",
        bytes, rpc::kMaxMessage);
}

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
    if (out.size() <= rpc::kMaxMessage) return out;
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

std::string RequestHandlers::list_tools(const json& params, const Dialect& dialect) const {
    refuse_cursor(params);
    return result_json(dialect, kFixed, [&](JsonObject& result) {
        write_tools(result, registry_.tools(), dialect);
    });
}

std::string RequestHandlers::list_resources(const json& params, const Dialect& dialect) {
    refuse_cursor(params);
    const auto resources = registry_.list_resources();
    return result_json(
        dialect, kLive, [&](JsonObject& result) { write_resources(result, resources, dialect); });
}

std::string RequestHandlers::list_templates(const json& params, const Dialect& dialect) const {
    refuse_cursor(params);
    return result_json(dialect, kFixed, [&](JsonObject& result) {
        write_templates(result, registry_.contract().resources, dialect);
    });
}

std::string RequestHandlers::list_prompts(const json& params, const Dialect& dialect) const {
    refuse_cursor(params);
    return result_json(dialect, kFixed, [&](JsonObject& result) {
        write_prompts(result, registry_.contract().prompts, dialect);
    });
}

std::string RequestHandlers::get_prompt(const json& params, const Dialect& dialect) {
    const Prompt& prompt = registry_.require_prompt(required_text(params, "name"));
    const std::string text = registry_.write_prompt(prompt, optional_object(params, "arguments"));
    return result_json(
        dialect, {}, [&](JsonObject& result) { write_prompt_text(result, prompt, text); });
}

std::string RequestHandlers::complete(const json& params, const Dialect& dialect) {
    const json& argument = required_object(params, "argument");
    const Completion completion = registry_.complete(
        completion_target(params), required_text(argument, "name"),
        required_text(argument, "value"));
    return result_json(
        dialect, {}, [&](JsonObject& result) { write_completion(result, completion); });
}

void refuse_resource(rpc::Reply& reply, const std::string& uri, const Dialect& dialect) {
    std::string data;
    JsonObject{data}.text("uri", uri);
    reply.error({dialect.resource_not_found, "resource not found", data});
}

void RequestHandlers::read_resource(
    const rpc::Request& request, rpc::Reply& reply, const Dialect& dialect) {
    const std::string& uri = required_text(request.params, "uri");
    registry_.require_call();
    const auto contents = registry_.read_resource(uri);
    if (!contents) return refuse_resource(reply, uri, dialect);
    const std::string out = result_json(
        dialect, kLive, [&](JsonObject& result) { write_contents(result, uri, *contents); });
    if (out.size() > rpc::kMaxMessage) throw Error(ErrorCode::refused, too_long(out.size()));
    reply.result(out);
}

/// Calls `work(StoreHandle&)` on the executor's thread, then `done(reply, result of work)` in the
/// loop. An Error thrown by either becomes the answer.
template <class Work, class Done>
void RequestHandlers::write(rpc::Reply& reply, Work work, Done done) {
    using Value = std::invoke_result_t<Work&, StoreHandle&>;
    struct Pending {
        rpc::Reply reply;
        std::variant<std::monostate, Value, Error> end;
    };
    const auto pending = std::make_shared<Pending>(Pending{std::move(reply), {}});
    executor_.post(
        [pending, work = std::move(work)](StoreHandle& ledger) mutable {
            try {
                pending->end.template emplace<Value>(work(ledger));
            } catch (const Error& error) {
                pending->end = error;
            } catch (const std::exception& error) {
                pending->end = Error(ErrorCode::internal, error.what());
            }
        },
        [pending, done = std::move(done)] {
            try {
                if (const auto* error = std::get_if<Error>(&pending->end)) throw Error{*error};
                done(pending->reply, std::get<Value>(pending->end));
            } catch (const Error& error) {
                pending->reply.error(error);
            }
        });
}

void RequestHandlers::call_tool(
    const rpc::Request& request, rpc::Reply& reply, const Dialect& dialect, const AsTask& as_task) {
    const Tool& tool = registry_.require_tool(required_text(request.params, "name"));
    const json& arguments = optional_object(request.params, "arguments");
    const auto render = [dialect, as_task](const ToolResult& result) {
        const auto task = as_task(result);
        return task ? *task : tool_result_json(result, dialect);
    };
    if (const auto refusal = registry_.refuse_call()) return reply.result(render(*refusal));
    if (const auto refusal = registry_.refuse_arguments(tool, arguments))
        return reply.result(render(*refusal));
    const Call call{tool, dialect, progress_token(request.params)};
    if (tool.writes()) return call_writing(call, arguments, reply, render);
    deliver(call, reply, registry_.call(tool, arguments), render);
}

/// Answers at once, or when the job that the tool waits for has ended.
void RequestHandlers::deliver(
    const Call& call, rpc::Reply& reply, ToolAnswer answer, const Render& render) {
    if (const auto* result = std::get_if<ToolResult>(&answer)) return reply.result(render(*result));
    auto& wait = std::get<Wait>(answer);
    const auto send = [this, &tool = call.tool, dialect = call.dialect, id = wait.job_id](
                          rpc::Reply& deferred, const std::variant<ToolResult, Error>& end) {
        deferred.result(tool_result_json(registry_.result_of(tool, id, end), dialect));
    };
    pending_calls_.add({std::move(reply), std::move(wait), call.progress_token_json, send});
}

void RequestHandlers::call_writing(
    const Call& call, const json& arguments, rpc::Reply& reply, const Render& render) {
    write(
        reply,
        [this, &tool = call.tool, arguments](StoreHandle& ledger) {
            return registry_.call_writing(ledger, tool, arguments);
        },
        [this, call, render](rpc::Reply& deferred, ToolAnswer& answer) {
            deliver(call, deferred, std::move(answer), render);
        });
}

void RequestHandlers::cancel(const JobId& id, rpc::Reply& reply, Cancelled done) {
    write(
        reply, [this, id](StoreHandle& ledger) { return registry_.cancel(ledger, id); },
        std::move(done));
}

void RequestHandlers::reap_lost(const std::set<JobId>& jobs) {
    if (!reap_queue_.empty()) return;
    try {
        reap_queue_ = registry_.may_be_lost(jobs);
        reap_next();
    } catch (const std::exception&) {
        // The ledger cannot be read, or no thread can be started: the next call tries again.
        reap_queue_.clear();
    }
}

void RequestHandlers::reap_next() {
    if (reap_queue_.empty()) return;
    const auto work = [this, id = reap_queue_.front()](StoreHandle& ledger) {
        try {
            registry_.reap_lost(ledger, id);
        } catch (const std::exception&) {
            // Another process, or the next call, may succeed.
            return;
        }
    };
    executor_.post(work, [this] {
        reap_queue_.pop_front();
        reap_next();
    });
}

void RequestHandlers::finish() {
    // Reaps that have not begun are left to other processes.
    if (!reap_queue_.empty()) reap_queue_.erase(std::next(reap_queue_.begin()), reap_queue_.end());
    executor_.finish();
}

std::optional<Job> RequestHandlers::find_task(const json& params) {
    const auto id = JobId::parse(required_text(params, "taskId"));
    const auto& principal = registry_.context().principal;
    if (!principal) return {};
    return registry_.context().ledger.read([&](Store& store) -> std::optional<Job> {
        if (!id) return {};
        return store.get(JobRef::of(*id), *principal, Detail::full);
    });
}

}  // namespace atlasjob::mcp

#include "rpc/dispatcher.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/printable.h"
#include "base/text.h"
#include "rpc/output.h"
#include "rpc/reply.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <exception>

namespace atlasjob::rpc {

namespace {

using nlohmann::json;

/// Allows a JSON value of the ledger's maximum depth as an argument of a call.
constexpr std::size_t kDeepestMessage = kDeepestJson + 8;

/// A string, or an integer of any size.
bool is_id(std::string_view raw) {
    if (raw.empty()) return false;
    if (raw.front() == '"') return true;
    const bool number = raw.front() == '-' || (raw.front() >= '0' && raw.front() <= '9');
    return number && raw.find_first_of(".eE") == std::string_view::npos;
}

bool is_response(const json& message) {
    return !message.contains("method") && (message.contains("result") || message.contains("error"));
}

bool has_version(const json& message) {
    const auto version = message.find("jsonrpc");
    return version != message.end() && *version == "2.0";
}

constexpr std::string_view kNoMethod = "method is missing or not a string";

bool has_method(const json& message) {
    const auto method = message.find("method");
    return method != message.end() && method->is_string();
}

const json& params_of(const json& message) {
    static const json none = json::object();
    const auto params = message.find("params");
    return params == message.end() ? none : *params;
}

void log_internal_error(std::string_view method, std::string_view why) {
    const std::string line = fmt::format(
        "atlasjob: internal error while answering {}: {}\n", escape_controls(method),
        escape_controls(why));
    // A closed stderr cannot be reported anywhere.
    (void)write_all(STDERR_FILENO, line);
}

struct ErrorReply {
    int code;
    std::string message;
};

/// The answer for the exception being handled. Logs internal errors.
ErrorReply describe_exception(std::string_view method) {
    try {
        throw;
    } catch (const Error& error) {
        const int code = error_row(error.code()).json_rpc_code;
        if (error.code() == ErrorCode::internal) log_internal_error(method, error.what());
        return {code, error.what()};
    } catch (const json::type_error& error) {
        return {kInvalidParams, fmt::format("invalid params: {}", error.what())};
    } catch (const json::out_of_range& error) {
        return {kInvalidParams, fmt::format("invalid params: {}", error.what())};
    } catch (const std::exception& error) {
        log_internal_error(method, error.what());
    } catch (...) {
        log_internal_error(method, "unknown exception");
    }
    return {kInternalError, "internal error; see the server's standard error"};
}

}  // namespace

void Dispatcher::receive(const LineBuffer::Line& line) {
    if (line.too_long) {
        return refuse(kInvalidRequest, fmt::format("message longer than {} bytes", kMaxMessage));
    }
    const std::string_view text = trim(line.text);
    if (text.empty()) return;
    if (nests_deeper_than(text, kDeepestMessage)) {
        return refuse(
            kParseError, fmt::format("message nests deeper than {} levels", kDeepestMessage));
    }
    const json message = json::parse(text.begin(), text.end(), nullptr, false);
    if (message.is_discarded()) return refuse(kParseError, "message is not JSON in UTF-8");
    receive_message(message, text);
}

void Dispatcher::receive_message(const json& message, std::string_view text) {
    if (!message.is_object()) {
        return refuse(kInvalidRequest, "message is not an object; batches are not supported");
    }
    if (!has_version(message)) return refuse(kInvalidRequest, R"(message lacks "jsonrpc":"2.0")");
    if (is_response(message)) return;
    const auto id = message.find("id");
    if (id == message.end()) return receive_notification(message);
    const std::string_view raw_id = raw_member(text, "id");
    const std::string id_json = raw_id.empty() ? id->dump() : std::string{raw_id};
    if (!is_id(id_json)) return refuse(kInvalidRequest, "id is neither a string nor an integer");
    receive_request(message, id_json);
}

void Dispatcher::receive_notification(const json& message) {
    static const json no_id(json::value_t::discarded);
    if (!has_method(message)) return refuse(kInvalidRequest, kNoMethod);
    const json& params = params_of(message);
    if (!params.is_object()) return;
    try {
        receiver_.notify({message["method"].get_ref<const std::string&>(), params, no_id});
    } catch (const std::exception&) {
        // A notification must not be answered, not even with an error.
    }
}

void Dispatcher::receive_request(const json& message, std::string_view id_json) {
    if (!has_method(message)) return refuse(kInvalidRequest, kNoMethod, id_json);
    const json& params = params_of(message);
    if (!params.is_object()) return refuse(kInvalidParams, "params is not an object", id_json);
    Reply reply{output_, std::string{id_json}};
    const Request request{message["method"].get_ref<const std::string&>(), params, message["id"]};
    try {
        receiver_.answer(request, reply);
    } catch (...) {
        const ErrorReply error = describe_exception(request.method);
        if (reply.pending()) reply.error({error.code, error.message});
    }
}

void Dispatcher::refuse(int code, std::string_view why, std::string_view id_json) {
    output_.send(error_line(id_json, {code, why}));
}

}  // namespace atlasjob::rpc

#include "follow_gp/reply.h"

#include "base/json_text.h"
#include "base/text.h"
#include "ledger/limits.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace atlasjob::follow_gp {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxClause = 500;

/// Whether a retry may help. The errors in bodies use the codes of HTTP.
bool is_passing(long code) {
    return code == 408 || code == 429 || code >= 500;
}

/// The member if it has that type, else null.
const Json& member(const Json& object, const char* name, Json::value_t type) {
    static const Json none;
    const auto found = object.find(name);
    return found != object.end() && found->type() == type ? *found : none;
}

std::string text_member(const Json& object, const char* name) {
    const Json& text = member(object, name, Json::value_t::string);
    return text.is_null() ? std::string{} : text.get<std::string>();
}

/// Removes the line ends and full stops of a server's text.
std::string clause(std::string_view text) {
    std::string out = clipped(trim(text), kMaxClause);
    std::ranges::replace_if(
        out, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    while (out.ends_with('.') || out.ends_with(' '))
        out.pop_back();
    return out;
}

/// "error 400: Invalid or missing input parameters (No such job)".
Failure failure_of(const Json& error) {
    const Json& code = error.contains("code") ? error["code"] : Json{};
    Failure failure{"error", code.is_number_integer() && is_passing(code.get<long>())};
    if (code.is_number_integer()) failure.text += fmt::format(" {}", code.get<long>());
    if (const std::string message = clause(text_member(error, "message")); !message.empty())
        failure.text += ": " + message;
    std::string details;
    for (const Json& detail : member(error, "details", Json::value_t::array)) {
        if (!detail.is_string()) continue;
        const std::string text = clause(detail.get<std::string>());
        if (!text.empty()) details += (details.empty() ? "" : "; ") + text;
    }
    if (!details.empty()) failure.text += fmt::format(" ({})", clause(details));
    return failure;
}

/// The JSON object in the body; null if it is anything else.
Json object_of(const std::string& body) {
    if (nests_deeper_than(body, kDeepestJson)) return {};
    Json json = Json::parse(body, nullptr, false);
    return json.is_object() ? json : Json{};
}

bool is_redirection(long status) {
    return status >= 300 && status < 400;
}

Failure redirected(const HttpReply& reply) {
    const std::string to = reply.location.substr(0, reply.location.find_first_of("?#"));
    return {
        fmt::format(
            "HTTP {}: redirects to {}, and redirections are not followed", reply.status,
            to.empty() ? "nowhere" : clause(to)),
        false};
}

/// The failure shown by the HTTP status alone; nullopt if there is none.
std::optional<Failure> failure_of(const HttpReply& reply) {
    if (!reply.failure.empty()) return Failure{reply.failure, !reply.hopeless};
    if (is_redirection(reply.status)) return redirected(reply);
    if (reply.status >= 200 && reply.status < 300) return {};
    return Failure{
        fmt::format("HTTP {}", reply.status), is_passing(reply.status), reply.retry_after};
}

/// The JSON object of a successful answer.
Reading<Json> read_object(const HttpReply& reply) {
    auto failure = failure_of(reply);
    Json object = reply.failure.empty() ? object_of(reply.body) : Json{};
    const Json& error = object.is_null() ? object : member(object, "error", Json::value_t::object);
    if (!error.is_null()) {
        Failure body_failure = failure_of(error);
        if (!failure) return body_failure;
        failure->text += fmt::format(", {}", body_failure.text);
    }
    if (failure) return *failure;
    if (object.is_null()) return Failure{"the answer is not a JSON object"};
    return object;
}

GpMessage::Kind kind_of(std::string_view type) {
    static constexpr std::array<std::string_view, 2> kErrors = {
        "esriJobMessageTypeError", "esriJobMessageTypeAbort"};
    if (std::ranges::find(kErrors, type) != kErrors.end()) return GpMessage::Kind::error;
    return type == "esriJobMessageTypeWarning" ? GpMessage::Kind::warning
                                               : GpMessage::Kind::informative;
}

/// Keeps every entry, whatever it is: new messages are recognized by their number.
std::vector<GpMessage> messages_of(const Json& job) {
    std::vector<GpMessage> messages;
    for (const Json& entry : member(job, "messages", Json::value_t::array)) {
        if (!entry.is_object()) {
            messages.push_back({GpMessage::Kind::informative, entry.dump()});
            continue;
        }
        messages.push_back(
            {kind_of(text_member(entry, "type")), text_member(entry, "description")});
    }
    return messages;
}

void read_progress(const Json& json, GpJob& job) {
    const Json& progress = member(json, "progress", Json::value_t::object);
    if (progress.is_null()) return;
    if (const auto percent = progress.find("percent");
        percent != progress.end() && percent->is_number()) {
        job.progress = std::clamp(percent->get<double>() / 100, 0.0, 1.0);
    }
    if (const std::string text = text_member(progress, "message"); !text.empty())
        job.progress_text = text;
}

}  // namespace

Reading<GpJob> read_job(const HttpReply& reply) {
    const auto object = read_object(reply);
    if (const auto* failure = std::get_if<Failure>(&object)) return *failure;
    const Json& json = std::get<Json>(object);
    GpJob job;
    job.word = text_member(json, "jobStatus");
    if (job.word.empty()) return Failure{"the answer has no jobStatus"};
    job.status = parse_gp_status(job.word);
    job.messages = messages_of(json);
    read_progress(json, job);
    const Json& results = member(json, "results", Json::value_t::object);
    for (auto result = results.begin(); result != results.end(); ++result)
        job.results.push_back(result.key());
    return job;
}

Reading<std::string> read_result(const HttpReply& reply) {
    auto object = read_object(reply);
    if (const auto* failure = std::get_if<Failure>(&object)) return *failure;
    const auto json = compact_json(reply.body);
    if (!json) return Failure{"the answer is not JSON that the ledger can store", false};
    std::string name = "null";
    std::string type = "null";
    std::string value = "null";
    for (const JsonMember& part : members_of(*json)) {
        if (part.key == "paramName") name = part.value;
        if (part.key == "dataType") type = part.value;
        if (part.key == "value") value = part.value;
    }
    return fmt::format(R"({{"paramName":{},"dataType":{},"value":{}}})", name, type, value);
}

std::optional<Failure> read_cancel(const HttpReply& reply) {
    const auto object = read_object(reply);
    if (const auto* failure = std::get_if<Failure>(&object)) return *failure;
    return {};
}

}  // namespace atlasjob::follow_gp

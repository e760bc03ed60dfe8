#include "mcp/actions/action_reader.h"

#include "base/duration.h"
#include "base/error.h"
#include "base/signals.h"
#include "ledger/limits.h"
#include "mcp/actions/command_check.h"
#include "mcp/actions/input_schema.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;
using Parameters = std::map<std::string, std::optional<std::string>>;

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxTitle = 200;
/// Leaves room for the text that is appended: together they must stay under kMaxGuidance.
constexpr std::size_t kMaxDescription = 1000;

constexpr std::string_view kAboutJob = R"(
Starts a background job and returns once it is durably stored: {job_id, status_uri, status, next_poll_seconds}. status is queued for a new job.)";
constexpr std::string_view kAboutKey =
    R"( While such a job is queued or running, a further call returns that job and starts nothing.)";
constexpr std::string_view kAfterwards = R"(
THEN: wait_for_job waits until it ends; or do other work and call get_job_status after next_poll_seconds. get_job says why it failed; cancel_job, if listed, cancels it. Clients with task support get a task whose id is the job_id.
ERRORS: with isError true nothing was started. A command that fails is not an error of this call: the job ends with status error.
RETENTION: done and cancelled jobs are kept 7 days, failed ones 30.)";

bool is_tool_name(std::string_view name) {
    return !name.empty() && name.size() <= kMaxName && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
               || c == '_' || c == '.' || c == '-';
    });
}

void require_known(
    const FileValue& value, const std::vector<std::string>& names, const Parameters& parameters) {
    for (const std::string& name : names) {
        if (parameters.contains(name)) continue;
        value.refuse(
            fmt::format("there is no parameter \"{}\"", name),
            "declare it in input.properties, or write {{ and }} for literal braces");
    }
}

/// Returns `parse()`; adds the value's path to an Error it throws.
template <class Parse>
auto with_path(const FileValue& value, Parse parse) {
    try {
        return parse();
    } catch (const Error& error) {
        value.refuse(error.message(), error.hint());
    }
}

Placeholders read_placeholders(const FileValue& value, const Parameters& parameters) {
    const std::string& text = value.text();
    Placeholders read = with_path(value, [&] { return Placeholders{text}; });
    require_known(value, read.parameters(), parameters);
    return read;
}

std::vector<Placeholders> read_command(
    const ActionParts& action, const FileValue& command, const Parameters& parameters) {
    command.require_array();
    if (command.json().empty()) command.refuse("it is empty", "give the program and its arguments");
    std::vector<Placeholders> arguments;
    for (std::size_t at = 0; at < command.json().size(); ++at)
        arguments.push_back(read_placeholders(command.at(at), parameters));
    const FileValue program = command.at(std::size_t{0});
    if (program.text().empty()) program.refuse("it is empty", "name the program");
    refuse_run_values(action, command, arguments);
    return arguments;
}

/// A text that must not contain placeholders, with doubled braces replaced by single ones.
std::string read_literal(
    const ActionParts& action,
    const FileValue& value,
    const std::string& text,
    std::string_view what) {
    const Placeholders read = with_path(value, [&] { return Placeholders{text}; });
    refuse_any_value(action, value, read, what);
    return std::string{read.literal_prefix()};
}

std::map<std::string, Placeholders> read_environment(
    const ActionParts& action, const FileValue& env, const Parameters& parameters) {
    std::map<std::string, Placeholders> read;
    env.require_object();
    for (const auto& entry : env.json().get_ref<const json::object_t&>()) {
        const FileValue value = env.at(entry.first);
        if (entry.first.empty() || entry.first.find('=') != std::string::npos)
            value.refuse("not a variable name", "give one without =");
        const std::string name = read_literal(action, value, entry.first, "the name of a variable");
        const Placeholders text = read_placeholders(value, parameters);
        refuse_code_variable(action, value, name, text);
        read.emplace(name, text);
    }
    return read;
}

std::string read_directory(
    const ActionParts& action, const FileValue& cwd, const std::string& directory) {
    const std::string path = read_literal(action, cwd, cwd.text(kMaxText), "the directory");
    if (path == ".") return directory;
    return path.starts_with('/') ? path : fmt::format("{}/{}", directory, path);
}

std::string read_target(const FileValue& target, const Parameters& parameters) {
    const auto names = with_path(target, [&] { return parameters_of_json(target.json()); });
    require_known(target, names, parameters);
    return target.json().dump();
}

milliseconds read_duration(const FileValue& value) {
    if (const auto span = parse_duration(value.text())) return *span;
    value.refuse(
        fmt::format("\"{}\" is not a duration", value.text()), "give one such as 30s, 15m or 2h");
}

milliseconds read_timeout(const FileValue& timeout) {
    const milliseconds span = read_duration(timeout);
    if (span.count() > 0) return span;
    timeout.refuse("it must be greater than zero", "give one such as 30s, 15m or 2h");
}

std::string read_kill_signal(const FileValue& value) {
    if (auto name = kill_signal_name(value.text())) return std::move(*name);
    value.refuse(
        fmt::format("\"{}\" is not a signal that ends a process", value.text()),
        "give one such as INT or QUIT");
}

double read_backoff_factor(const FileValue& value) {
    const json& number = value.json();
    const double factor = number.is_number() ? number.get<double>() : 0.0;
    if (is_backoff_factor(factor)) return factor;
    value.refuse(
        "not a backoff factor",
        fmt::format("give a number from 1 (a constant delay) to {}", kMaxBackoffFactor));
}

/// How the command is stopped and retried.
void read_policies(Action& action, const FileValue& value) {
    if (value.has("timeout")) action.timeout = read_timeout(value.at("timeout"));
    if (value.has("grace")) action.grace = read_duration(value.at("grace"));
    if (value.has("kill_signal")) action.kill_signal = read_kill_signal(value.at("kill_signal"));
    if (value.has("retries"))
        action.retries = value.at("retries").whole_number(0, kMaxAttempts - 1);
    if (value.has("backoff")) action.backoff = read_duration(value.at("backoff"));
    if (value.has("backoff_factor"))
        action.backoff_factor = read_backoff_factor(value.at("backoff_factor"));
}

/// Refuses a kind or a queue that the ledger does not accept.
void check_kind_and_queue(const FileValue& value, const Action& action) {
    NewJob job{JobId::make(Time{})};
    job.owner = "anybody";
    job.kind = action.kind;
    job.queue = action.queue;
    try {
        check(job);
    } catch (const Error& error) {
        value.refuse(error.message(), error.hint());
    }
}

void read_job(Action& action, const FileValue& value, const Parameters& parameters) {
    const bool is_valid_kind =
        action.name[0] != '_' && action.name[0] != '.' && action.name[0] != '-';
    action.kind = is_valid_kind ? action.name : "action";
    if (value.has("kind")) action.kind = value.at("kind").text();
    if (value.has("queue")) action.queue = value.at("queue").text();
    check_kind_and_queue(value, action);
    if (value.has("target")) action.target = read_target(value.at("target"), parameters);
    read_policies(action, value);
    if (value.has("key")) action.key = read_placeholders(value.at("key"), parameters);
}

void read_hints(Action& action, const FileValue& value) {
    if (value.has("read_only")) action.read_only = value.at("read_only").flag();
    action.destructive = !action.read_only;
    if (!value.has("destructive")) return;
    action.destructive = value.at("destructive").flag();
    if (action.destructive && action.read_only)
        value.at("destructive")
            .refuse("read_only and destructive are mutually exclusive", "remove one of them");
}

const std::string& read_name(const FileValue& value) {
    if (!value.has("name")) value.refuse("it has no name", "give a name");
    const std::string& name = value.at("name").text();
    if (is_tool_name(name)) return name;
    value.at("name").refuse("not a tool name", "give 1-64 of A-Z a-z 0-9 _ . -");
}

/// The file's description, followed by the text common to all actions.
std::string published_description(const FileValue& description, bool has_key) {
    std::string text = description.text(kMaxDescription);
    text += kAboutJob;
    if (has_key) text += kAboutKey;
    return text.append(kAfterwards);
}

}  // namespace

Action read_action(const FileValue& value, const std::string& directory) {
    value.require_members({"name",           "title",       "description", "input",
                           "command",        "cwd",         "env",         "clean_env",
                           "kind",           "target",      "queue",       "timeout",
                           "grace",          "kill_signal", "retries",     "backoff",
                           "backoff_factor", "key",         "read_only",   "destructive"});
    Action action;
    action.name = read_name(value);
    action.title = value.has("title") ? value.at("title").text(kMaxTitle) : action.name;
    for (const char* required : {"description", "command"})
        if (!value.has(required)) value.refuse(fmt::format("it has no {}", required), "give one");
    const ActionInput input = value.has("input") ? read_input(value.at("input")) : ActionInput{};
    action.input_schema = input.schema;
    for (const auto& [name, fallback] : input.parameters)
        if (fallback) action.defaults[name] = *fallback;
    const ActionParts parts{action.name, shapes_of(json::parse(input.schema))};
    action.command = read_command(parts, value.at("command"), input.parameters);
    if (value.has("cwd")) action.cwd = read_directory(parts, value.at("cwd"), directory);
    if (value.has("env")) action.env = read_environment(parts, value.at("env"), input.parameters);
    if (value.has("clean_env")) action.clean_env = value.at("clean_env").flag();
    read_job(action, value, input.parameters);
    read_hints(action, value);
    action.description = published_description(value.at("description"), action.key.has_value());
    return action;
}

}  // namespace atlasjob::mcp

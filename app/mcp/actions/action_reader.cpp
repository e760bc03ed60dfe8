#include "mcp/actions/action_reader.h"

#include "base/duration.h"
#include "base/error.h"
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
/// What is added says how to follow the job, and all of it must be under kMaxGuidance.
constexpr std::size_t kMaxDescription = 1000;

constexpr std::string_view kAboutJob = R"(
Starts a background job and answers at once, when it is durably recorded, with {job_id, status_uri, status, next_poll_seconds}; status is queued for a new job.)";
constexpr std::string_view kAboutKey =
    R"( While such a job is queued or running, calling again answers with that job and starts nothing.)";
constexpr std::string_view kFollowing = R"(
THEN: wait_for_job waits for its end; or do other work and ask get_job_status after next_poll_seconds; get_job tells why it failed; cancel_job ends it if listed. Clients that know tasks get a task whose id is the job_id.
ERROR MODES: {"error": "authentication_missing"} in a normal result (the server acts for nobody). With isError true and nothing started: arguments that do not fit, or a ledger that cannot be written now. A command that fails is no error here: the job ends with status error.
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
            "describe it in input.properties, or write {{ and }} for braces");
    }
}

/// `parse()` with the place added to what it throws.
template <class Parse>
auto placed(const FileValue& value, Parse parse) {
    try {
        return parse();
    } catch (const Error& error) {
        value.refuse(error.message(), error.hint());
    }
}

Placeholders read_placeholders(const FileValue& value, const Parameters& parameters) {
    const std::string& text = value.text();
    Placeholders read = placed(value, [&] { return Placeholders{text}; });
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

/// A text in which no value can stand, its doubled braces taken for what they mean.
std::string read_plain(
    const ActionParts& action,
    const FileValue& value,
    const std::string& text,
    std::string_view what) {
    const Placeholders read = placed(value, [&] { return Placeholders{text}; });
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
            value.refuse("not a name for a variable", "give one without =");
        const std::string name = read_plain(action, value, entry.first, "the name of a variable");
        const Placeholders text = read_placeholders(value, parameters);
        refuse_code_variable(action, value, name, text);
        read.emplace(name, text);
    }
    return read;
}

std::string read_directory(
    const ActionParts& action, const FileValue& cwd, const std::string& directory) {
    const std::string path = read_plain(action, cwd, cwd.text(kMaxText), "the directory");
    if (path == ".") return directory;
    return path.starts_with('/') ? path : fmt::format("{}/{}", directory, path);
}

std::string read_target(const FileValue& target, const Parameters& parameters) {
    const auto names = placed(target, [&] { return parameters_of_json(target.json()); });
    require_known(target, names, parameters);
    return target.json().dump();
}

milliseconds read_timeout(const FileValue& timeout) {
    const auto span = parse_duration(timeout.text());
    if (span && span->count() > 0) return *span;
    timeout.refuse(
        fmt::format("\"{}\" is not a duration", timeout.text()), "give one such as 30s, 15m or 2h");
}

/// Kind and queue, as the ledger takes them.
void check_words(const FileValue& value, const Action& action) {
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
    const bool begins_well =
        action.name[0] != '_' && action.name[0] != '.' && action.name[0] != '-';
    action.kind = begins_well ? action.name : "action";
    if (value.has("kind")) action.kind = value.at("kind").text();
    if (value.has("queue")) action.queue = value.at("queue").text();
    check_words(value, action);
    if (value.has("target")) action.target = read_target(value.at("target"), parameters);
    if (value.has("timeout")) action.timeout = read_timeout(value.at("timeout"));
    if (value.has("retries"))
        action.retries = value.at("retries").whole_number(0, kMaxAttempts - 1);
    if (value.has("key")) action.key = read_placeholders(value.at("key"), parameters);
}

void read_hints(Action& action, const FileValue& value) {
    if (value.has("read_only")) action.read_only = value.at("read_only").flag();
    action.destructive = !action.read_only;
    if (!value.has("destructive")) return;
    action.destructive = value.at("destructive").flag();
    if (action.destructive && action.read_only)
        value.at("destructive").refuse("what only reads destroys nothing", "leave one of them out");
}

const std::string& read_name(const FileValue& value) {
    if (!value.has("name")) value.refuse("it has no name", "give a name");
    const std::string& name = value.at("name").text();
    if (is_tool_name(name)) return name;
    value.at("name").refuse("not a name for a tool", "give 1-64 of A-Z a-z 0-9 _ . -");
}

/// What the owner says of it, and what is so of every action.
std::string published(const FileValue& description, bool has_key) {
    std::string text = description.text(kMaxDescription);
    text += kAboutJob;
    if (has_key) text += kAboutKey;
    return text.append(kFollowing);
}

}  // namespace

Action read_action(const FileValue& value, const std::string& directory) {
    value.require_members(
        {"name", "title", "description", "input", "command", "cwd", "env", "clean_env", "kind",
         "target", "queue", "timeout", "retries", "key", "read_only", "destructive"});
    Action action;
    action.name = read_name(value);
    action.title = value.has("title") ? value.at("title").text(kMaxTitle) : action.name;
    for (const char* needed : {"description", "command"})
        if (!value.has(needed)) value.refuse(fmt::format("it has no {}", needed), "give one");
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
    action.description = published(value.at("description"), action.key.has_value());
    return action;
}

}  // namespace atlasjob::mcp

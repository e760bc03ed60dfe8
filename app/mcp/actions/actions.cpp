#include "mcp/actions/actions.h"

#include "base/file.h"
#include "base/json_text.h"
#include "mcp/actions/action_reader.h"
#include "mcp/actions/call_action.h"
#include "mcp/tools/start_job.h"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxFile = 1024UL * 1024;
constexpr std::size_t kMaxActions = 100;

[[noreturn]] void refuse(const std::string& path, std::string_view why, std::string_view hint) {
    throw Error(ErrorCode::invalid_argument, fmt::format("{}: {}", path, why), hint);
}

std::string read_whole(const std::string& path) {
    auto text = read_file(path);
    if (!text) refuse(path, errno_text(errno), "give a readable actions file");
    if (text->size() > kMaxFile)
        refuse(path, fmt::format("longer than {} KiB", kMaxFile >> 10U), "shorten it");
    return std::move(*text);
}

json parse(const std::string& path, const std::string& text) {
    if (nests_deeper_than(text, kDeepestJson))
        refuse(path, fmt::format("nests deeper than {} levels", kDeepestJson), "flatten it");
    try {
        return json::parse(text);
    } catch (const json::parse_error& error) {
        const std::size_t read = std::min<std::size_t>(error.byte, text.size());
        const auto before = static_cast<std::ptrdiff_t>(read == 0 ? 0 : read - 1);
        const auto line = std::count(text.begin(), text.begin() + before, '\n') + 1;
        refuse(path, fmt::format("line {}: not JSON", line), "fix it there, or just before");
    }
}

std::string directory_of(const std::string& path) {
    std::string absolute = path;
    if (char* const resolved = realpath(path.c_str(), nullptr)) {
        absolute = resolved;
        free(resolved);  // NOLINT(cppcoreguidelines-no-malloc): realpath's
    }
    return absolute.substr(0, std::max<std::size_t>(absolute.rfind('/'), 1));
}

}  // namespace

Actions::Actions() = default;
Actions::Actions(Actions&&) noexcept = default;
Actions& Actions::operator=(Actions&&) noexcept = default;
Actions::~Actions() = default;

Actions::Actions(const std::string& path, const Contract& contract) {
    if (contract.show_ended == nullptr) {
        throw Error(
            ErrorCode::invalid_argument,
            fmt::format("--actions: not supported by the contract {}", contract.name),
            "omit it, or use --contract atlas");
    }
    const json document = parse(path, read_whole(path));
    const FileValue file{document, path};
    file.require_members({"actions"});
    if (!file.has("actions")) file.refuse("it has no actions", "give {\"actions\": [...]}");
    const FileValue list = file.at("actions");
    list.require_array();
    if (list.json().size() > kMaxActions)
        list.refuse(fmt::format("more than {} actions", kMaxActions), "split the file");
    const std::string directory = directory_of(path);
    for (std::size_t at = 0; at < list.json().size(); ++at) {
        Action action = read_action(list.at(at), directory);
        const auto has_name = [&](const Tool& tool) { return tool.name == action.name; };
        const bool taken =
            std::ranges::any_of(contract.tools, [&](const Tool* tool) { return has_name(*tool); })
            || std::ranges::any_of(tools_, has_name);
        if (taken) {
            list.at(at).at("name").refuse(
                fmt::format("there is already a tool \"{}\"", action.name), "give another name");
        }
        add(std::move(action));
    }
}

void Actions::add(Action action) {
    const Action& kept = *actions_.emplace_back(std::make_unique<const Action>(std::move(action)));
    tools_.push_back({
        .name = kept.name,
        .title = kept.title,
        .description = kept.description,
        .input_schema = kept.input_schema,
        .output_schema = kStartSchema,
        .hints =
            {.read_only = kept.read_only,
             .destructive = kept.destructive,
             .idempotent = false,
             .open_world = true},
        .needs = RequiredPermission::nothing,
        .task_support = TaskSupport::optional,
        .action = &kept,
        .function = {call_action},
    });
}

}  // namespace atlasjob::mcp

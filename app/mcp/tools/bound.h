#pragma once

#include "mcp/schema/arguments.h"
#include "mcp/tools/tool.h"

namespace atlasjob::mcp {

/// Makes a ToolFunction of a function that takes its arguments as a struct, or none:
///
///     struct TailArgs {
///         std::string job_id;
///         std::size_t lines = 50;
///
///         template <class Argument>
///         void each(Argument& argument) {
///             argument("job_id", job_id);
///             argument("lines", lines);
///         }
///     };
///     ToolAnswer tail(const ToolContext& context, const TailArgs& args);
///     … .function = kBound<tail> …
///
/// `each` names every property of the tool's input schema (a test compares them); defaults are the
/// members' values. The struct lives until the function returns.
template <auto kFunction>
struct Bound;

template <class Args, ToolAnswer (*kFunction)(const ToolContext&, const Args&)>
struct Bound<kFunction> {
    static ToolAnswer call(
        const ToolContext& context, const Tool& /*tool*/, const nlohmann::json& arguments) {
        Args args;
        const ArgumentReader reader{arguments};
        args.each(reader);
        return kFunction(context, args);
    }
    static std::vector<std::string_view> names() {
        Args args;
        ArgumentNames collected;
        args.each(collected);
        return collected.take();
    }
};

template <ToolAnswer (*kFunction)(const ToolContext&)>
struct Bound<kFunction> {
    static ToolAnswer call(
        const ToolContext& context, const Tool& /*tool*/, const nlohmann::json& /*arguments*/) {
        return kFunction(context);
    }
    static std::vector<std::string_view> names() { return {}; }
};

template <auto kFunction>
inline constexpr ToolFunction kBound = {Bound<kFunction>::call, Bound<kFunction>::names};

/// The only argument of many tools.
struct JobIdArgs {
    std::string job_id;

    template <class Argument>
    void each(Argument& argument) {
        argument("job_id", job_id);
    }
};

}  // namespace atlasjob::mcp

#include "base/clock.h"
#include "conformance/fixtures.h"
#include "ledger/store.h"
#include "mcp/tools/bound.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace atlasjob::test {

namespace {

using mcp::Tool;
using mcp::ToolAnswer;
using mcp::ToolContext;
using mcp::ToolResult;
using nlohmann::json;

constexpr std::string_view kNoArguments = R"({"type":"object","additionalProperties":false})";
constexpr mcp::ToolHints kHarmless = {true, false, true, false};

ToolAnswer plain_text(const ToolContext& /*context*/, const Tool& /*tool*/, const json& /*none*/) {
    return ToolResult{"This is a simple text response for testing."};
}

ToolAnswer failure(const ToolContext& /*context*/, const Tool& /*tool*/, const json& /*none*/) {
    return ToolResult{"This tool intentionally returns an error for testing", false, true};
}

struct GreetArgs {
    std::string name;

    template <class Argument>
    void each(Argument& argument) {
        argument("name", name);
    }
};

ToolAnswer greet(const ToolContext& /*context*/, const GreetArgs& args) {
    return ToolResult{fmt::format("Hello, {}!", args.name)};
}

NewJob job_of(const ToolContext& context, std::string kind) {
    NewJob job{JobId::make(context.clock.now())};
    job.kind = std::move(kind);
    job.owner = context.principal->name;
    return job;
}

/// Submits a job that runs `script`; the worker that runs beside the server claims it.
ToolAnswer start(const ToolContext& context, const Tool& tool, std::string script) {
    NewJob job = job_of(context, std::string{tool.name});
    job.command.emplace();
    job.command->argv = {"/bin/sh", "-c", std::move(script)};
    job.command->cwd = "/";
    context.ledger.write_or_create([&](Store& store) { store.submit(job); });
    ToolResult result{fmt::format("started {}", job.job_id.view())};
    result.run = mcp::JobRun{job.job_id, 0};
    return result;
}

ToolAnswer slow_compute(const ToolContext& context, const Tool& tool, const json& arguments) {
    return start(context, tool, fmt::format("exec sleep {}", arguments.at("seconds").get<int>()));
}

ToolAnswer failing_job(const ToolContext& context, const Tool& tool, const json& /*none*/) {
    return start(context, tool, "sleep 1; exit 1");
}

/// A job whose worker was lost.
ToolAnswer lose_job(const ToolContext& context, const Tool& tool, const json& /*none*/) {
    const NewJob job = job_of(context, std::string{tool.name});
    Outcome lost;
    lost.status = Status::error;
    lost.reason = Reason::worker_lost;
    context.ledger.write_or_create([&](Store& store) {
        store.submit(job);
        store.finish(store.start(job.job_id, job.owner), lost, job.owner);
    });
    ToolResult result{fmt::format("lost {}", job.job_id.view())};
    result.run = mcp::JobRun{job.job_id, 0};
    return result;
}

/// The suite expects it to ask its user first; this job just exits.
ToolAnswer confirm_delete(const ToolContext& context, const Tool& tool, const json& /*file*/) {
    return start(context, tool, "exit 0");
}

/// Waits for a job that is never started, long enough for several progress notifications.
ToolAnswer wait_with_progress(const ToolContext& context, const Tool& tool, const json& /*none*/) {
    const NewJob job = job_of(context, std::string{tool.name});
    context.ledger.write_or_create([&](Store& store) { store.submit(job); });
    return mcp::Wait{job.job_id, milliseconds{2000}, [](const Job& /*job*/, bool /*timed_out*/) {
                         return ToolResult{"waited"};
                     }};
}

constexpr Tool no_arguments(
    std::string_view name,
    std::string_view description,
    ToolAnswer (*call)(const ToolContext&, const Tool&, const json&)) {
    return {
        .name = name,
        .title = name,
        .description = description,
        .input_schema = kNoArguments,
        .output_schema = {},
        .hints = kHarmless,
        .function = {call}};
}

constexpr Tool kSimpleText = no_arguments("test_simple_text", "Answers with a text.", plain_text);
constexpr Tool kErrorHandling =
    no_arguments("test_error_handling", "Answers with an error.", failure);
constexpr Tool kLogging = no_arguments("test_logging_tool", "Sends no log messages.", plain_text);
constexpr Tool kElicitation =
    no_arguments("test_streaming_elicitation", "Asks nobody anything.", plain_text);
constexpr Tool kProgress = no_arguments(
    "test_tool_with_progress", "Takes long enough to report progress.", wait_with_progress);

constexpr Tool kGreet = {
    .name = "greet",
    .title = "Greet",
    .description = "Greets by name.",
    .input_schema =
        R"({"type":"object","properties":{"name":{"type":"string"}},"required":["name"]})",
    .output_schema = {},
    .hints = kHarmless,
    .function = mcp::kBound<greet>};

constexpr Tool as_task(Tool tool, mcp::TaskSupport support = mcp::TaskSupport::optional) {
    tool.task_support = support;
    tool.needs = mcp::RequiredPermission::submit;
    return tool;
}

constexpr Tool kSlowCompute = as_task(
    {.name = "slow_compute",
     .title = "Compute slowly",
     .description = "Sleeps for some seconds.",
     .input_schema = R"({"type":"object","properties":{"seconds":{"type":"integer"},)"
                     R"("label":{"type":"string"}},"required":["seconds"]})",
     .output_schema = {},
     .hints = {},
     .function = {slow_compute}});
constexpr Tool kFailingJob = as_task(
    no_arguments("failing_job", "Fails after a second.", failing_job), mcp::TaskSupport::required);
constexpr Tool kMissingCapability = as_task(
    no_arguments("test_missing_capability", "Requires a client with tasks.", failing_job),
    mcp::TaskSupport::required);
constexpr Tool kLostJob =
    as_task(no_arguments("protocol_error_job", "Loses its worker.", lose_job));

constexpr Tool kConfirmDelete = as_task(
    {.name = "confirm_delete",
     .title = "Delete",
     .description = "Deletes nothing.",
     .input_schema = R"({"type":"object","properties":{"filename":{"type":"string"}}})",
     .output_schema = {},
     .hints = {},
     .function = {confirm_delete}});

constexpr std::array kTools = {&kSimpleText,    &kErrorHandling, &kLogging,          &kElicitation,
                               &kProgress,      &kGreet,         &kSlowCompute,      &kFailingJob,
                               &kConfirmDelete, &kLostJob,       &kMissingCapability};

}  // namespace

const std::span<const Tool* const> kFixtureTools{kTools};

ToolResult show_ended(const ToolContext& /*context*/, const Job& job) {
    return {
        fmt::format("{} ended as {}", job.kind, to_string(job.status)), false,
        job.status != Status::done};
}

}  // namespace atlasjob::test

#include "mcp/tool_bench.h"
#include "mcp/tools/job_detail.h"
#include "view/job_json.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>

using namespace atlasjob;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using nlohmann::json;
using test::ToolBench;

namespace {

json id_of(const JobId& id) {
    return {{"job_id", id.view()}};
}

}  // namespace

TEST_CASE("get_job returns the whole job in every status") {
    ToolBench bench;
    for (const Status status : test::kUnqueuedFirst) {
        CAPTURE(to_string(status));
        const JobId id = bench.jobs().in(status).job_id;
        json shown = bench.call("get_job", id_of(id));
        CHECK(shown.at("continue_polling") == !is_terminal(status));
        CHECK(shown.at("next_poll_seconds").get<int>() >= 1);
        CHECK(shown.at("log_tail").is_null() == (status != Status::error));
        for (const char* own : {"continue_polling", "next_poll_seconds", "log_tail"})
            shown.erase(own);
        CHECK(shown == json::parse(view::job_json(bench.jobs().get(id), bench.clock().now())));
    }
}

TEST_CASE("get_job of a failed job includes the end of its output") {
    ToolBench bench;
    const JobId id = bench.jobs().in(Status::error).job_id;
    for (int line = 1; line <= 30; ++line)
        bench.log(id).write(Stream::standard_output, fmt::format("line {}\n", line));
    bench.log(id).write(Stream::standard_error, "boom\xff\n");
    const std::string tail = bench.call("get_job", id_of(id)).at("log_tail");
    CHECK_THAT(tail, Contains("line 12\n") && Contains("line 30\nboom\xEF\xBF\xBD\n"));
    CHECK_THAT(tail, !Contains("line 11\n"));
}

TEST_CASE("next_poll_seconds grows with the time since the last transition") {
    ToolBench bench;
    const AttemptKey attempt = bench.jobs().running();
    std::vector<int> intervals;
    for (const milliseconds step :
         {0ms, milliseconds{16s}, milliseconds{60s}, milliseconds{10min}}) {
        bench.clock().advance(step);
        intervals.push_back(bench.call("get_job", id_of(attempt.job_id)).at("next_poll_seconds"));
    }
    CHECK(intervals == std::vector<int>{2, 5, 10, 30});
    NewJob later = bench.jobs().command_spec();
    later.run_after = bench.clock().now() + 20s;
    CHECK(bench.call("get_job", id_of(bench.jobs().queued(later))).at("next_poll_seconds") == 20);
    later = bench.jobs().command_spec();
    later.run_after = bench.clock().now() + 24h;
    CHECK(bench.call("get_job", id_of(bench.jobs().queued(later))).at("next_poll_seconds") == 60);
}

TEST_CASE("every tool refuses a foreign or unknown job with the contract's error") {
    ToolBench bench;
    NewJob foreign = bench.jobs().command_spec();
    foreign.owner = "bob";
    const std::string foreign_id = bench.jobs().queued(foreign).str();
    for (const char* tool :
         {"get_job", "wait_for_job", "get_job_output", "cancel_job", "retry_job"}) {
        for (const std::string& id :
             {foreign_id, std::string{"01a20320-ffff-7fff-bfff-ffffffffffff"}, std::string{"42"}}) {
            CHECK(
                bench.call(tool, {{"job_id", id}})
                == json{{"error", "job_not_found"}, {"job_id", id}});
        }
        CHECK(
            bench.call(tool, {{"job_id", "../x"}})
            == json{{"error", "invalid_parameter"}, {"parameter", "job_id"}});
    }
    CHECK(bench.jobs().get(JobId::parse(foreign_id).value()).status == Status::queued);
}

TEST_CASE("without a principal every tool returns authentication_missing") {
    auto options = test::open_options();
    options.principal.reset();
    ToolBench bench{options};
    const json refusal = {{"error", "authentication_missing"}};
    const json id = id_of(bench.jobs().queued());
    for (const mcp::Tool* tool : bench.core().tools()) {
        CAPTURE(tool->name);
        const json schema = json::parse(tool->input_schema);
        const bool names_job = schema.at("properties").contains("job_id");
        const json arguments = names_job                    ? id
                               : tool->name == "submit_job" ? json{{"command", {"true"}}}
                                                            : json::object();
        CHECK(bench.call(tool->name, arguments) == refusal);
    }
}

TEST_CASE("wait_for_job returns at once for a job that has ended") {
    ToolBench bench;
    for (const Status status : {Status::done, Status::error, Status::cancelled}) {
        const JobId id = bench.jobs().in(status).job_id;
        const json waited = bench.call("wait_for_job", id_of(id));
        CHECK(waited.at("timed_out") == false);
        CHECK(waited.at("timeout_capped") == false);
        CHECK(waited.at("continue_polling") == false);
        CHECK(waited.at("job_id") == id.view());
        CHECK(waited.at("status") == to_string(status));
    }
}

TEST_CASE("wait_for_job returns the current job at the end or the timeout") {
    ToolBench bench;
    const AttemptKey attempt = bench.jobs().running();
    const mcp::Tool& tool = bench.core().require_tool("wait_for_job");
    const auto wait = std::get<mcp::Wait>(bench.answer(tool.name, id_of(attempt.job_id)));
    CHECK(wait.job_id == attempt.job_id);
    CHECK(wait.limit == 45s);
    const auto timed_out = wait.answer(bench.jobs().get(attempt.job_id), true);
    bench.check_output(tool, timed_out);
    CHECK_FALSE(timed_out.is_error);
    json shown = json::parse(timed_out.text);
    CHECK(shown.at("timed_out") == true);
    CHECK(shown.at("continue_polling") == true);
    CHECK(shown.at("status") == "running");
    REQUIRE(bench.store().finish(attempt, test::ended_error(), "worker"));
    const auto ended = wait.answer(bench.jobs().get(attempt.job_id), false);
    bench.check_output(tool, ended);
    CHECK_FALSE(ended.is_error);
    shown = json::parse(ended.text);
    CHECK(shown.at("timed_out") == false);
    CHECK(shown.at("continue_polling") == false);
    CHECK(shown.at("error") == "command exited with 3");
}

TEST_CASE("wait_for_job caps the timeout at the server's maximum and reports it") {
    auto options = test::open_options();
    options.longest_wait = 60s;
    ToolBench bench{options};
    const JobId id = bench.jobs().queued();
    const auto wait_of = [&](const json& seconds) {
        const auto wait = std::get<mcp::Wait>(
            bench.answer("wait_for_job", {{"job_id", id.view()}, {"timeout_seconds", seconds}}));
        const json shown = json::parse(wait.answer(bench.jobs().get(id), true).text);
        return std::pair{wait.limit, shown.at("timeout_capped").get<bool>()};
    };
    CHECK(wait_of(1.5) == std::pair{milliseconds{1500}, false});
    CHECK(wait_of(60) == std::pair{milliseconds{60'000}, false});
    CHECK(wait_of(61) == std::pair{milliseconds{60'000}, true});
    CHECK(wait_of(1e300) == std::pair{milliseconds{60'000}, true});
    CHECK(
        bench.call("wait_for_job", {{"job_id", id.view()}, {"timeout_seconds", 0}}).at("timed_out")
        == true);
    CHECK_THAT(
        bench.failure("wait_for_job", {{"job_id", id.view()}, {"timeout_seconds", -1}}),
        Contains("timeout_seconds is -1; it must be at least 0"));
}

TEST_CASE("the result of a task is the job, with isError if it failed") {
    ToolBench bench;
    const mcp::Tool& tool = bench.core().require_tool("submit_job");
    for (const Status status : {Status::done, Status::error, Status::cancelled}) {
        const Job job = bench.jobs().get(bench.jobs().in(status).job_id);
        const auto ended = bench.core().contract().show_ended(bench.core().context(), job);
        bench.check_output(tool, ended);
        CHECK(ended.structured);
        CHECK(ended.is_error == (status == Status::error));
        CHECK(json::parse(ended.text) == bench.call("get_job", id_of(job.job_id)));
    }
}

TEST_CASE("list_jobs returns the caller's matching jobs, newest first") {
    ToolBench bench;
    NewJob labelled = bench.jobs().command_spec();
    labelled.kind = "sync";
    labelled.labels = {{"team", "blue"}, {"session", "s1"}};
    labelled.run_after = bench.clock().now() + 24h;
    const std::string first = bench.jobs().queued(labelled).str();
    bench.clock().advance(1h);
    const std::string second = bench.jobs().in(Status::error).job_id.str();
    NewJob foreign = bench.jobs().command_spec();
    foreign.owner = "bob";
    bench.jobs().queued(foreign);
    using Ids = std::vector<std::string>;
    const auto listed = [&](const json& arguments) {
        Ids ids;
        const json page = bench.call("list_jobs", arguments);
        for (const json& job : page.at("jobs"))
            ids.push_back(job.at("job_id"));
        return ids;
    };
    CHECK(listed(json::object()) == Ids{second, first});
    CHECK(listed({{"status", {"error", "done"}}}) == Ids{second});
    CHECK(listed({{"kind", "sync"}}) == Ids{first});
    CHECK(listed({{"label", "team=blue"}}) == Ids{first});
    CHECK(listed({{"label", {"team=blue", "session=s1"}}}) == Ids{first});
    CHECK(listed({{"label", {{"team", "blue"}, {"session", "s2"}}}}).empty());
    CHECK(listed({{"since", "30m"}}) == Ids{second});
    CHECK(listed({{"since", format_time(bench.clock().now())}}) == Ids{second});
}

TEST_CASE("list_jobs of an admin returns only the admin's own jobs") {
    auto options = test::open_options();
    options.principal->admin = true;
    ToolBench bench{options};
    NewJob foreign = bench.jobs().command_spec();
    foreign.owner = "bob";
    bench.jobs().queued(foreign);
    CHECK(bench.call("list_jobs", json::object()).at("total") == 0);
    CHECK(bench.call("get_job_statistics", json::object()).at("total") == 0);
}

TEST_CASE("the pages of list_jobs contain every job exactly once") {
    ToolBench bench;
    std::vector<std::string> expected;
    for (int i = 0; i < 25; ++i)
        expected.insert(expected.begin(), bench.jobs().queued().str());
    std::vector<std::string> listed;
    json arguments = {{"limit", 10}};
    for (;;) {
        const json page = bench.call("list_jobs", arguments);
        CHECK(page.at("total") == 25);
        for (const json& job : page.at("jobs"))
            listed.push_back(job.at("job_id"));
        if (page.at("next_cursor").is_null()) break;
        arguments["cursor"] = page.at("next_cursor");
    }
    CHECK(listed == expected);
}

TEST_CASE("a page of large jobs ends early, and long results are replaced by their size") {
    ToolBench bench;
    const std::string text(15'000, 'x');
    for (int i = 0; i < 90; ++i) {
        Outcome outcome = test::ended_done();
        outcome.result = '"' + text + '"';
        const AttemptKey attempt = bench.jobs().running();
        REQUIRE(bench.store().finish(attempt, outcome, "worker"));
    }
    std::size_t jobs = 0;
    int pages = 0;
    json arguments = {{"limit", 100}};
    for (;; ++pages) {
        const json page = bench.call("list_jobs", arguments);
        CHECK(page.dump().size() < 1'200'000);
        jobs += page.at("jobs").size();
        if (page.at("next_cursor").is_null()) break;
        arguments["cursor"] = page.at("next_cursor");
    }
    CHECK(jobs == 90);
    CHECK(pages == 1);
    Outcome outcome = test::ended_done();
    outcome.result = '"' + text + text + '"';
    const AttemptKey attempt = bench.jobs().running();
    REQUIRE(bench.store().finish(attempt, outcome, "worker"));
    const json newest = bench.call("list_jobs", {{"limit", 1}}).at("jobs")[0];
    CHECK(newest.at("result") == json{{"omitted_bytes", 30'002}});
    CHECK(bench.call("get_job", id_of(attempt.job_id)).at("result") == text + text);
}

TEST_CASE("list_jobs refuses an invalid argument with what is allowed") {
    ToolBench bench;
    const auto error = [&](const json& arguments) { return bench.failure("list_jobs", arguments); };
    CHECK_THAT(error({{"limit", 101}}), Contains("limit is 101; it must be from 1 to 100"));
    CHECK_THAT(
        error({{"status", {"failed"}}}),
        Contains("status[0] is \"failed\"") && Contains("queued, running, done, error, cancelled"));
    CHECK_THAT(error({{"status", "done"}}), Contains("status is \"done\"; it must be array"));
    CHECK_THAT(error({{"since", "someday"}}), Contains("since is \"someday\"") && Contains("2h"));
    CHECK_THAT(error({{"label", "blue"}}), Contains("label is \"blue\"; it must be KEY=VALUE"));
    CHECK_THAT(error({{"cursor", "abc"}}), Contains("cursor") && Contains("next_cursor"));
    CHECK_THAT(error({{"labels", "a=b"}}), Contains("did you mean label?"));
}

TEST_CASE("get_job_statistics counts the caller's jobs") {
    ToolBench bench;
    for (const Status status : test::kUnqueuedFirst)
        bench.jobs().in(status);
    NewJob foreign = bench.jobs().command_spec();
    foreign.owner = "bob";
    bench.jobs().queued(foreign);
    const json counts = bench.call("get_job_statistics", json::object());
    CHECK(counts.at("total") == 5);
    for (const Status status : kStatuses)
        CHECK(counts.at("by_status").at(std::string{to_string(status)}) == 1);
    CHECK(counts.at("durations").at("jobs").get<int>() > 0);
}

TEST_CASE("every tool describes its purpose, limits and errors within the length limit of hosts") {
    ToolBench bench;
    const std::string instructions{bench.core().contract().instructions};
    CHECK(instructions.size() <= 1900);
    CHECK_THAT(instructions, Contains("authentication_missing") && Contains("kept 7 days"));
    for (const mcp::Tool* tool : bench.core().tools()) {
        CAPTURE(tool->name);
        const std::string text{tool->description};
        CHECK(text.size() <= 500);
        CHECK_THAT(text, Contains("WHEN TO USE") && Contains("WHEN NOT"));
        CHECK_FALSE(tool->title.empty());
        CHECK(tool->hints.read_only == (tool->needs == mcp::RequiredPermission::nothing));
        CHECK_FALSE((tool->hints.read_only && tool->hints.destructive));
        const json input = json::parse(tool->input_schema);
        CHECK(input.at("type") == "object");
        CHECK(input.at("additionalProperties") == false);
        CHECK(json::parse(tool->output_schema).at("type") == "object");
    }
}

TEST_CASE("tools that change jobs are served only when they are allowed") {
    const auto names = [](mcp::Permissions allowed) {
        auto options = test::open_options();
        options.allowed = allowed;
        ToolBench bench{options};
        std::vector<std::string> served;
        for (const mcp::Tool* tool : bench.core().tools())
            served.emplace_back(tool->name);
        served.erase(served.begin(), served.begin() + 6);
        return served;
    };
    using Names = std::vector<std::string>;
    CHECK(names({}).empty());
    CHECK(names({true, false, false}) == Names{"submit_job"});
    CHECK(names({false, true, false}) == Names{"cancel_job"});
    CHECK(names({false, false, true}) == Names{"retry_job"});
}

TEST_CASE("a result over 64 KiB is left out of answers, which say where the whole job is") {
    ToolBench bench;
    const auto ended_with = [&](std::size_t bytes) {
        const AttemptKey attempt = bench.jobs().running();
        Outcome outcome = test::ended_done();
        outcome.result = '"' + std::string(bytes - 2, 'x') + '"';
        REQUIRE(bench.store().finish(attempt, outcome, "worker"));
        return attempt.job_id;
    };
    const JobId small = ended_with(65'536);
    const JobId large = ended_with(6'000'000);
    for (const char* tool : {"get_job_status", "get_job", "wait_for_job"}) {
        CAPTURE(tool);
        const json whole = bench.call(tool, id_of(small));
        CHECK(whole.at("result").get<std::string>().size() == 65'534);
        CHECK_FALSE(whole.contains("result_omitted_bytes"));
        const json shown = bench.call(tool, id_of(large));
        CHECK(shown.dump().size() < 4096);
        CHECK(shown.at("status") == "done");
        CHECK(shown.at("result").is_null());
        CHECK(shown.at("result_omitted_bytes") == 6'000'000);
        CHECK(shown.at("omitted_uri") == "atlas://job/" + large.str());
        CHECK(shown.at("omitted_command") == "atlasjob status --json " + large.str());
    }
    const auto ended =
        bench.core().contract().show_ended(bench.core().context(), bench.jobs().get(large));
    CHECK(json::parse(ended.text) == bench.call("get_job", id_of(large)));
    const auto resource = bench.core().read_resource("atlas://job/" + large.str());
    CHECK(json::parse(resource.value().text).at("result").get<std::string>().size() == 5'999'998);
    const std::string prompt =
        bench.core().write_prompt(bench.core().require_prompt("diagnose_job"), id_of(large));
    CHECK(prompt.size() < 8192);
    CHECK_THAT(prompt, Contains("\"result_omitted_bytes\":6000000"));
}

TEST_CASE("a long target or command does not hide a job's status either") {
    ToolBench bench;
    NewJob job = bench.jobs().command_spec();
    job.target = R"({"text":")" + std::string(100'000, 'x') + "\"}";
    job.command->argv = {"printf", std::string(100'000, 'y'), "z"};
    const JobId id = bench.jobs().queued(job);
    for (const char* tool : {"get_job_status", "get_job"}) {
        const json shown = bench.call(tool, id_of(id));
        CHECK(shown.dump().size() < 8192);
        CHECK(shown.at("status") == "queued");
        CHECK(shown.at("target") == json{{"omitted_bytes", 100'011}});
        CHECK(shown.at("target_omitted_bytes") == 100'011);
        CHECK(shown.at("omitted_uri") == "atlas://job/" + id.str());
    }
    const json shown = bench.call("get_job", id_of(id));
    CHECK(shown.at("command_omitted_bytes") == 100'007);
    CHECK(shown.at("command")[0] == "printf");
    CHECK(bench.call("list_jobs", json::object()).dump().size() < 8192);
}

TEST_CASE("reading tools also take a job's number or last, tools that change jobs a number") {
    ToolBench bench;
    bench.jobs().in(Status::done);
    const JobId id = bench.jobs().in(Status::error).job_id;
    NewJob foreign = bench.jobs().command_spec();
    foreign.owner = "bob";
    const std::string seq = std::to_string(bench.jobs().get(id).seq);
    const JobId foreign_id = bench.jobs().queued(foreign);
    const auto unknown = [](const std::string& name) {
        return json{{"error", "job_not_found"}, {"job_id", name}};
    };
    for (const char* tool : {"get_job", "wait_for_job", "get_job_output"}) {
        CAPTURE(tool);
        CHECK(bench.call(tool, {{"job_id", seq}}).at("job_id") == id.view());
        CHECK(bench.call(tool, {{"job_id", "last"}}).at("job_id") == id.view());
        CHECK(bench.call(tool, {{"job_id", "999"}}) == unknown("999"));
    }
    const std::string foreign_seq = std::to_string(bench.jobs().get(foreign_id).seq);
    CHECK(bench.call("get_job", {{"job_id", foreign_seq}}) == unknown(foreign_seq));
    for (const std::string& name : {seq, std::string{"last"}})
        CHECK(bench.call("get_job_status", {{"job_id", name}}) == unknown(name));
    for (const char* tool : {"cancel_job", "retry_job"})
        CHECK(bench.call(tool, {{"job_id", "last"}}) == unknown("last"));
    CHECK(bench.call("retry_job", {{"job_id", seq}}).at("job_id") == id.view());
    CHECK(bench.call("cancel_job", {{"job_id", seq}}).at("job_id") == id.view());
    CHECK_FALSE(bench.core().read_resource("atlas://job/" + seq));
    CHECK_FALSE(bench.core().read_resource("atlas://job/last/log"));
}

TEST_CASE("a number names only an admin's own jobs") {
    auto options = test::open_options();
    options.principal->admin = true;
    ToolBench bench{options};
    NewJob foreign = bench.jobs().command_spec();
    foreign.owner = "bob";
    const JobId id = bench.jobs().queued(foreign);
    for (const std::string& name : {std::to_string(bench.jobs().get(id).seq), std::string{"last"}})
        CHECK(bench.call("get_job", {{"job_id", name}}).at("error") == "job_not_found");
    CHECK(bench.call("get_job", id_of(id)).at("job_id") == id.view());
}

TEST_CASE("an optional argument that is null counts as not given, and 5.0 is an integer") {
    ToolBench bench;
    const JobId id = bench.jobs().in(Status::error).job_id;
    CHECK(
        bench
            .call(
                "list_jobs",
                {{"status", nullptr}, {"kind", nullptr}, {"limit", 5.0}, {"cursor", nullptr}})
            .at("total")
        == 1);
    const json output = bench.call(
        "get_job_output",
        {{"job_id", id.view()}, {"stream", nullptr}, {"tail_lines", 5.0}, {"offset", nullptr}});
    CHECK(output.at("job_id") == id.view());
    CHECK_THAT(
        bench.failure("get_job", {{"job_id", nullptr}}),
        Contains("job_id is null; it must be string"));
}

#include "base/json_text.h"
#include "mcp/schema/argument_check.h"
#include "mcp/tools/schema.h"
#include "mcp/tools/tools.h"
#include "support/full_records.h"
#include "view/job_json.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>

using namespace atlasjob;
using nlohmann::json;

namespace {

using Names = std::vector<std::string>;

/// The value of a member of an object, as text.
std::string_view member(std::string_view object, std::string_view key) {
    for (const JsonMember& found : members_of(object))
        if (found.key == key) return found.value;
    FAIL("no member " << key);
    return {};
}

Names keys_of(std::string_view object) {
    Names keys;
    for (const JsonMember& found : members_of(object))
        keys.push_back(found.key);
    return keys;
}

/// The names among `names` that are fields of a job, each as often as it occurs.
Names only_fields(const Names& names) {
    Names fields;
    std::ranges::copy_if(names, std::back_inserter(fields), [](const std::string& name) {
        return find_shown_field(name) != nullptr;
    });
    return fields;
}

Names shown_fields() {
    Names names;
    for (const FieldInfo& field : kJobFieldInfos)
        if (field.is_shown()) names.emplace_back(field.name);
    return names;
}

}  // namespace

TEST_CASE("the output schemas have every shown field of a job once, and require it") {
    const std::string get_job = compact_json(mcp::kGetJob.output_schema).value();
    const std::string wait = compact_json(mcp::kWaitForJob.output_schema).value();
    const std::string list = compact_json(mcp::kListJobs.output_schema).value();
    const std::string_view page = member(elements_of(member(list, "oneOf"))[0], "properties");
    for (const std::string_view schema :
         {elements_of(member(get_job, "oneOf"))[0], elements_of(member(wait, "oneOf"))[0],
          member(member(page, "jobs"), "items")}) {
        CHECK(only_fields(keys_of(member(schema, "properties"))) == shown_fields());
        const auto required = json::parse(member(schema, "required")).get<Names>();
        CHECK(only_fields(required) == shown_fields());
    }
}

TEST_CASE("a job with a value in every field matches the schema of a job") {
    const mcp::ArgumentCheck schema{fmt::format(
        R"({{"type": "object", "properties": {{{}}}, "required": [{}], "additionalProperties": false}})",
        mcp::kJobMembers, mcp::kJobNames)};
    for (const JobRecord& record : test::full_records()) {
        json job = json::parse(view::job_json(record.job, record.job.updated_at));
        CHECK(schema.problem(job).empty());
        for (const auto& [name, value] : job.items()) {
            CAPTURE(name);
            const FieldInfo* const field = find_shown_field(name);
            REQUIRE(field != nullptr);
            json changed = job;
            changed[name] = nullptr;
            const bool may_be_null = field->nullable || field->type == FieldType::json;
            CHECK(schema.problem(changed).empty() == may_be_null);
            changed.erase(name);
            CHECK_FALSE(schema.problem(changed).empty());
        }
    }
}

TEST_CASE("the schema of a job explains the fields whose name is not enough") {
    const json job = json::parse(mcp::kGetJob.output_schema).at("oneOf").at(0).at("properties");
    CHECK(
        job.at("seq")
        == json{{"type", "integer"}, {"description", find_shown_field("seq")->description}});
    CHECK(job.at("kind") == json{{"type", "string"}});
    CHECK(job.at("exit_code") == json{{"type", {"integer", "null"}}});
    CHECK_FALSE(job.at("target").contains("type"));
    CHECK(job.at("progress").at("maximum") == 1);
    CHECK(job.at("status").at("enum").size() == kStatuses.size());
    CHECK(job.at("labels").at("additionalProperties") == json{{"type", "string"}});
    CHECK(job.at("after").at("items") == json{{"type", "string"}});
}

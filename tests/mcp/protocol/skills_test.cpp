#include "base/error.h"
#include "mcp/scene.h"
#include "mcp/skills/front_matter.h"
#include "mcp/skills/skill.h"

#include <fstream>
#include <regex>
#include <sstream>

using namespace atlasjob;
using nlohmann::json;
using test::Client;
using test::options_for;

TEST_CASE("the skill is listed with its front matter and a digest of what is read") {
    test::SharedScene scene;
    const bool modern = GENERATE(false, true);
    const auto ask = [&](const char* method, json params = json::object()) {
        return modern ? scene.client.modern_result(method, std::move(params))
                      : scene.client.result(method, params);
    };
    const json skills = ask("skills/list").at("skills");
    REQUIRE(skills.size() == 1);
    const json& skill = skills[0];
    CHECK(skill.at("uri") == "skill://atlasjob/SKILL.md");
    CHECK(skill.at("frontmatter").at("name") == "atlasjob");
    CHECK_FALSE(skill.at("frontmatter").at("description").get<std::string>().empty());
    REQUIRE(skill.at("resources").size() == 1);
    const json& file = skill.at("resources")[0];
    CHECK(file.at("uri") == skill.at("uri"));
    CHECK(
        std::regex_match(file.at("digest").get<std::string>(), std::regex{"sha256:[0-9a-f]{64}"}));
    const json contents = ask("resources/read", {{"uri", skill.at("uri")}}).at("contents")[0];
    CHECK(contents.at("mimeType") == "text/markdown");
    CHECK(contents.at("text").get<std::string>().size() == file.at("size"));
    CHECK(ask("skills/get", {{"uri", skill.at("uri")}}).at("skill") == skill);
}

TEST_CASE("the skill is announced, and is not among the resources that are listed") {
    test::SharedScene scene;
    const json found = scene.client.modern_result("server/discover");
    CHECK(
        found.at("capabilities").at("extensions").at("io.modelcontextprotocol/skills")
        == json::object());
    const json listed = scene.client.modern_result("resources/list");
    for (const json& resource : listed.at("resources"))
        CHECK(resource.at("uri") != mcp::kSkill.uri);
    auto options = options_for(scene.ledger.path());
    options.principal.reset();
    Client nobody{options};
    CHECK(nobody.modern_result("skills/list").at("skills").size() == 1);
    options.contract = "arcgis";
    Client other{options};
    CHECK(other.modern_error("skills/list").at("code") == -32601);
}

TEST_CASE("a skill that is not served is an invalid parameter") {
    test::SharedScene scene;
    for (const char* uri : {"skill://other/SKILL.md", "skill://atlasjob", "atlas://job/42", ""})
        CHECK(scene.client.modern_error("skills/get", {{"uri", uri}}).at("code") == -32602);
    CHECK(scene.client.modern_error("skills/get").at("code") == -32602);
}

TEST_CASE("the page that is served is the plugin's, byte for byte") {
    const std::string path = std::string{SKILL_PAGE};
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    text << file.rdbuf();
    CHECK(text.str() == mcp::kSkill.text);
}

TEST_CASE("front matter is read as far as such pages go, and refused beyond that") {
    CHECK(
        mcp::front_matter(
            "---\nname: a\ndescription: \"b: c\"\nmetadata:\n  version: '1.0'\n  n: 2\n---\ntext\n")
        == R"({"name":"a","description":"b: c","metadata":{"version":"1.0","n":2}})");
    CHECK(mcp::front_matter("---\nname:   two words  \n---\n") == R"({"name":"two words"})");
    for (const char* page :
         {"", "name: a\n", "---\nname: a\n", "---\nname\n---\n", "---\nname: [a]\n---\n",
          "---\nname: >-\n  a\n---\n", "---\nname: a: b\n---\n", "---\nname: a # b\n---\n",
          "---\nname: \"a\\n\"\n---\n", "---\n  name: a\n---\n", "---\nname:a\n---\n"}) {
        CAPTURE(page);
        CHECK_THROWS_AS(mcp::front_matter(page), Error);
    }
}

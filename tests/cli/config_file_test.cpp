#include "cli/options/config_file.h"

#include "base/error.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options/arguments.h"
#include "cli/options/settings.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace atlasjob;
using namespace atlasjob::cli;
using atlasjob::test::TempDir;
using Catch::Matchers::Contains;
using Texts = std::vector<std::string>;

namespace {

void write_config(const TempDir& home, const std::string& content) {
    const std::string path = config_path(home.path());
    std::filesystem::create_directories(std::filesystem::path{path}.parent_path());
    std::ofstream{path} << content;
}

Texts texts_of(const ConfigFile& config, std::string_view key) {
    const auto found = config.values.find(key);
    return found == config.values.end() ? Texts{} : found->second.texts;
}

/// What reading the file complains of.
Error complaint(const TempDir& home, const std::string& content) {
    write_config(home, content);
    try {
        static_cast<void>(read_config(home.path()));
    } catch (const Error& error) {
        return error;
    }
    FAIL("understood: " << content);
    throw std::logic_error("unreachable");
}

}  // namespace

TEST_CASE("Without a config file nothing is configured") {
    const TempDir home;
    const ConfigFile config = read_config(home.path());
    CHECK(config.path == config_path(home.path()));
    CHECK_FALSE(config.exists);
    CHECK(config.values.empty());
}

TEST_CASE("The config file names a ledger, and the line is known") {
    const TempDir home;
    write_config(home, "# where my jobs are\nledger = \"/srv/jobs and more/l.db\"  # here\n");
    const ConfigFile config = read_config(home.path());
    CHECK(config.exists);
    CHECK(texts_of(config, "ledger") == Texts{"/srv/jobs and more/l.db"});
    CHECK(config.values.at("ledger").line == 2);
    write_config(home, "ledger = '/srv/l.db'\n");
    CHECK(texts_of(read_config(home.path()), "ledger") == Texts{"/srv/l.db"});
}

TEST_CASE("A tilde stands for the home it was read from") {
    const TempDir home;
    write_config(home, "ledger = \"~/jobs.db\"\n");
    CHECK(texts_of(read_config(home.path()), "ledger") == Texts{home / "jobs.db"});
}

TEST_CASE("Sections give commands their defaults, workers their queues, queues their slots") {
    const TempDir home;
    write_config(
        home,
        "on-demand-worker = false\n[worker]\nslots = 4\nqueue = [\"gpu\",\n  \"night\"]\n"
        "[queue.gpu]\nslots = 1\n[queue.\"a.b\"]\nslots = 2\n[queue.eu/west]\nslots = 3\n"
        "[gc]\nkeep-done = \"14d\"\n[job]\non-end = \"notify-send 'done, all of it'\"\n");
    const ConfigFile config = read_config(home.path());
    CHECK(texts_of(config, "on-demand-worker") == Texts{"false"});
    CHECK(texts_of(config, "worker.slots") == Texts{"4"});
    CHECK(texts_of(config, "worker.queue") == Texts{"gpu", "night"});
    CHECK(texts_of(config, "gc.keep-done") == Texts{"14d"});
    CHECK(config.values.at("gc.keep-done").line == 13);
    CHECK(texts_of(config, "job.on-end") == Texts{"notify-send 'done, all of it'"});
    CHECK(
        config.queue_slots() == std::map<std::string, int>{{"gpu", 1}, {"a.b", 2}, {"eu/west", 3}});
}

TEST_CASE("What is wrong in a config file is named with file, line, key and fix") {
    const TempDir home;
    struct Wrong {
        const char* content;
        const char* line;
        const char* why;
        const char* fix;
    };
    // clang-format off
    const std::vector<Wrong> all = {
        {"# first\nlegder = \"/x\"\n", "line 2", "unknown key \"legder\"", "did you mean ledger?"},
        {"grace = \"5s\"\n", "line 1", "unknown key \"grace\"", "did you mean [cancel] grace?"},
        {"[cancle]\ngrace = \"5s\"\n", "line 2", "\"cancle.grace\"", "did you mean [cancel] grace?"},
        {"[zzz]\nqqqqqq = 1\n", "line 2", "\"zzz.qqqqqq\"", "atlasjob config"},
        {"ledger = \"relative.db\"\n", "line 1", "relative.db", "start it with /"},
        {"ledger = \"\"\n", "line 1", "ledger has no value", "remove the line"},
        {"ledger = [\"/a\", \"/b\"]\n", "line 1", "one value, not 2", "give one"},
        {"ledger = \"/a#b\"\n", "line 1", "may not contain #", "without"},
        {"color = \"alwasy\"\n", "line 1", "color \"alwasy\"", "did you mean always?"},
        {"quiet = 1\n", "line 1", "quiet \"1\"", "use true or false"},
        {"on-demand-worker = maybe\n", "line 1", "on-demand-worker \"maybe\"", "true"},
        {"\n[cancel]\ngrace = \"soon\"\n", "line 3", "cancel.grace \"soon\"", "30s"},
        {"[job]\nlog-limit = \"lots\"\n", "line 2", "job.log-limit \"lots\"", "K, M or G"},
        {"[job]\npriority = \"high\"\n", "line 2", "job.priority \"high\"", "whole number"},
        {"[job]\nqueue = \"two words\"\n", "line 2", "two words", ""},
        {"[job]\nprogress-from = \"(\"\n", "line 2", "(", ""},
        {"[worker]\nslots = 0\n", "line 2", "worker.slots \"0\"", "from 1 to"},
        {"[worker]\nslot = 1\n", "line 2", "\"worker.slot\"", "did you mean [worker] slots?"},
        {"[queue]\nslots = 1\n", "line 2", "queue.slots", ""},
        {"[queue.gpu]\nslots = -1\n", "line 2", "queue.gpu.slots \"-1\"", "from 1 to"},
        {"[queue.\"two words\"]\nslots = 1\n", "line 2", "two words", ""},
        {"quiet = true\nquiet = false\n", "line 2", "quiet takes one value", ""},
        {"[gc]\nkeep-done = \"1d\"\n[job]\nretries = 1\n[gc]\nkeep-done = \"2d\"\n", "line 6", "set twice", "remove one"},
        {"quiet = true\n[gc]\nkeep-done 7d\n", "line 3", "not KEY = VALUE", "ledger = "},
    };
    // clang-format on
    for (const Wrong& wrong : all) {
        INFO(wrong.content);
        const Error error = complaint(home, wrong.content);
        CHECK(error.code() == ErrorCode::invalid_argument);
        CHECK_THAT(error.message(), Contains(config_path(home.path()) + ", " + wrong.line));
        CHECK_THAT(error.message(), Contains(wrong.why));
        CHECK_FALSE(error.hint().empty());
        CHECK_THAT(error.hint(), Contains(wrong.fix));
    }
}

TEST_CASE("A config file that cannot be read is not taken for an absent one") {
    const TempDir home;
    std::filesystem::create_directories(config_path(home.path()));
    try {
        static_cast<void>(read_config(home.path()));
        FAIL("read");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::unavailable);
    }
}

TEST_CASE("Every setting is the default of an option that its commands have, and says the same") {
    for (const Setting& setting : settings()) {
        INFO(setting.key);
        CHECK(find_setting(setting.key) == &setting);
        if (setting.key == "on-demand-worker") continue;  // A switch that no command has.
        const std::string_view section = setting.section();
        const std::string_view command = section.empty() || section == "job" ? "submit" : section;
        const auto made = find_command(command).make();
        GlobalOptions globals;
        Arguments arguments{"a command"};
        made->declare(arguments);
        declare(arguments, globals);
        const Option* option = arguments.find(setting.option());
        REQUIRE(option != nullptr);
        if (setting.is_switch()) {
            CHECK(option->placeholder.empty());
        } else if (setting.is_list()) {
            CHECK(option->placeholder == "QUEUE");
        } else {
            CHECK(option->placeholder == setting.value);
        }
        // Only what an option's own help says where it is not given; and then the same.
        const bool spoken = option->help.find("(default: ") != std::string::npos;
        if (spoken && !setting.fallback.empty())
            CHECK_THAT(option->help, Contains("(default: " + std::string{setting.fallback}));
    }
}

TEST_CASE("Every built-in value of a setting passes the setting's own check") {
    for (const Setting& setting : settings()) {
        INFO(setting.key);
        const bool words = setting.fallback.find(' ') != std::string_view::npos;
        if (setting.fallback.empty() || words || setting.key == "ledger") continue;
        CHECK_NOTHROW(setting.check(setting.key, std::string{setting.fallback}));
    }
}

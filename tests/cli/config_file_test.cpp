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

/// The error that reading the file throws.
Error config_error(const TempDir& home, const std::string& content) {
    write_config(home, content);
    try {
        static_cast<void>(read_config(home.path()));
    } catch (const Error& error) {
        return error;
    }
    FAIL("accepted: " << content);
    throw std::logic_error("unreachable");
}

}  // namespace

TEST_CASE("without a config file no setting has a value") {
    const TempDir home;
    const ConfigFile config = read_config(home.path());
    CHECK(config.path == config_path(home.path()));
    CHECK_FALSE(config.exists);
    CHECK(config.values.empty());
}

TEST_CASE("the config file sets the ledger and records the line") {
    const TempDir home;
    write_config(home, "# where my jobs are\nledger = \"/srv/jobs and more/l.db\"  # here\n");
    const ConfigFile config = read_config(home.path());
    CHECK(config.exists);
    CHECK(texts_of(config, "ledger") == Texts{"/srv/jobs and more/l.db"});
    CHECK(config.values.at("ledger").line == 2);
    write_config(home, "ledger = '/srv/l.db'\n");
    CHECK(texts_of(read_config(home.path()), "ledger") == Texts{"/srv/l.db"});
}

TEST_CASE("a tilde expands to the home directory of the config file") {
    const TempDir home;
    write_config(home, "ledger = \"~/jobs.db\"\n");
    CHECK(texts_of(read_config(home.path()), "ledger") == Texts{home / "jobs.db"});
}

TEST_CASE("sections set the defaults of commands, the queues of workers and the slots of queues") {
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

TEST_CASE("an error in the config file names the file, the line, the key and the fix") {
    const TempDir home;
    struct Case {
        const char* content;
        const char* line;
        const char* why;
        const char* fix;
    };
    // clang-format off
    const std::vector<Case> cases = {
        {"# first\nlegder = \"/x\"\n", "line 2", "unknown key \"legder\"", "did you mean ledger?"},
        {"grace = \"5s\"\n", "line 1", "unknown key \"grace\"", "did you mean [job] grace?"},
        {"[cancle]\ngrace = \"5s\"\n", "line 2", "\"cancle.grace\"", "did you mean [cancel] grace?"},
        {"[zzz]\nqqqqqq = 1\n", "line 2", "\"zzz.qqqqqq\"", "man atlasjob-config"},
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
    for (const Case& invalid : cases) {
        INFO(invalid.content);
        const Error error = config_error(home, invalid.content);
        CHECK(error.code() == ErrorCode::invalid_argument);
        CHECK_THAT(error.message(), Contains(config_path(home.path()) + ", " + invalid.line));
        CHECK_THAT(error.message(), Contains(invalid.why));
        CHECK_FALSE(error.hint().empty());
        CHECK_THAT(error.hint(), Contains(invalid.fix));
    }
}

TEST_CASE("an unreadable config file is an error, not a missing file") {
    const TempDir home;
    std::filesystem::create_directories(config_path(home.path()));
    try {
        static_cast<void>(read_config(home.path()));
        FAIL("read");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::unavailable);
    }
}

TEST_CASE("every setting matches an option of its command, with the same placeholder and default") {
    for (const Setting& setting : settings()) {
        INFO(setting.key);
        CHECK(find_setting(setting.key) == &setting);
        if (setting.key == "on-demand-worker") continue;  // A switch without an option.
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
        // Help need not state the default, but if it does, it states this one.
        const bool has_default = option->help.find("(default: ") != std::string::npos;
        if (has_default && !setting.fallback.empty())
            CHECK_THAT(option->help, Contains(std::string{setting.fallback}));
    }
}

TEST_CASE("every built-in value of a setting passes that setting's check") {
    for (const Setting& setting : settings()) {
        INFO(setting.key);
        const bool prose = setting.fallback.find(' ') != std::string_view::npos;
        if (setting.fallback.empty() || prose || setting.key == "ledger") continue;
        CHECK_NOTHROW(setting.check(setting.key, std::string{setting.fallback}));
    }
}

#include "base/text.h"
#include "mcp/actions/action_spellings.h"
#include "mcp/actions/code_names.h"
#include "mcp/actions/program_rule.h"
#include "mcp/tool_bench.h"

#include <algorithm>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

const std::vector<Argv>& accepted_with_a() {
    static const std::vector<Argv> table = {
        {"./sync.sh", "--", "{a}"},
        {"./sync.sh", "--channel={a}"},
        {"./sync.sh", "-c", "{a}"},
        {"./sync.sh", "-e{a}"},
        {"sh", "-c", "echo \"$1\"", "sh", "{a}"},
        {"bash", "-c", "echo \"$1\"", "bash", "{a}", "{a}"},
        {"bash", "-o", "pipefail", "-c", "echo \"$1\"", "sh", "{a}"},
        {"bash", "-eo", "pipefail", "-c", "echo \"$1\"", "sh", "{a}"},
        {"bash", "-c", "--", "echo \"$1\"", "sh", "{a}"},
        {"bash", "--norc", "-lc", "echo \"$1\"", "sh", "{a}"},
        {"bash", "./x.sh", "{a}"},
        {"bash", "-x", "./x.sh", "-c", "{a}"},
        {"bash", "-s", "--", "{a}"},
        {"/bin/dash", "-ec", "echo \"$1\"", "sh", "{a}"},
        {"fish", "-c", "echo $argv", "--", "{a}"},
        {"busybox", "sh", "-c", "echo \"$1\"", "sh", "{a}"},
        {"python3", "sync.py", "-c", "{a}"},
        {"python3.11", "-Bc", "import sys", "{a}"},
        {"python3", "-c", "import sys", "{a}"},
        {"python3", "-m", "mytool", "{a}"},
        {"perl", "-we", "print @ARGV", "--", "{a}"},
        {"perl", "x.pl", "{a}"},
        {"ruby", "-e", "p ARGV", "--", "{a}"},
        {"node", "-e", "1", "--", "{a}"},
        {"node", "x.js", "{a}"},
        {"php", "-r", "1;", "--", "{a}"},
        {"lua", "-e", "x=1", "x.lua", "{a}"},
        {"tclsh", "x.tcl", "{a}"},
        {"Rscript", "x.R", "{a}"},
        {"java", "-jar", "x.jar", "{a}"},
        {"awk", "-v", "x={a}", "{{print x}}", "/dev/null"},
        {"awk", "{{print}}", "{a}"},
        {"sed", "-n", "-e", "p", "--", "{a}"},
        {"jq", "--arg", "x", "{a}", "."},
        {"psql", "-v", "x={a}", "-f", "q.sql"},
        {"env", "./sync.sh", "{a}"},
        {"env", "CHANNEL={a}", "./sync.sh"},
        {"env", "-i", "CHANNEL={a}", "./sync.sh", "{a}"},
        {"/usr/bin/env", "-u", "X", "python3", "x.py", "{a}"},
        {"fakeroot", "./sync.sh", "{a}"},
        {"choom", "-n", "5", "--", "./sync.sh", "{a}"},
        {"tar", "czf", "x.tgz", "--", "{a}"},
        {"jq", ".", "--args", "--", "{a}"},
        {"awk", "-f", "x.awk", "--", "{a}"},
        {"nice", "-n", "5", "./sync.sh", "{a}"},
        {"nice", "-5", "./sync.sh", "{a}"},
        {"ionice", "-c3", "./sync.sh", "{a}"},
        {"nohup", "./sync.sh", "{a}"},
        {"setsid", "-w", "./sync.sh", "{a}"},
        {"timeout", "-k", "5", "10", "./sync.sh", "{a}"},
        {"timeout", "--signal=KILL", "10", "./sync.sh", "{a}"},
        {"timeout", "--", "{a}", "./sync.sh"},
        {"timeout", "-k{a}", "10", "./sync.sh"},
        {"stdbuf", "-oL", "./sync.sh", "{a}"},
        {"chrt", "-b", "0", "./sync.sh", "{a}"},
        {"taskset", "-c", "0", "./sync.sh", "{a}"},
        {"sudo", "-n", "-u", "x", "./sync.sh", "{a}"},
        {"sudo", "CHANNEL={a}", "./sync.sh"},
        {"sudo", "--", "./sync.sh", "{a}"},
        {"doas", "-u", "x", "./sync.sh", "{a}"},
        {"runuser", "-u", "x", "--", "./sync.sh", "{a}"},
        {"setpriv", "--reuid=1", "./sync.sh", "{a}"},
        {"unshare", "-r", "./sync.sh", "{a}"},
        {"nsenter", "-t", "1", "-m", "./sync.sh", "{a}"},
        {"chroot", "/srv", "./sync.sh", "{a}"},
        {"xargs", "-0", "./sync.sh", "{a}"},
        {"find", ".", "-name", "{a}", "-print"},
        {"ssh", "host", "./sync.sh"},
        {"ssh", "--", "{a}", "./sync.sh"},
        {"docker", "exec", "-i", "box", "./sync.sh", "{a}"},
        {"docker", "exec", "-e", "CHANNEL={a}", "box", "./sync.sh"},
        {"docker", "run", "--rm", "--name={a}", "image", "./sync.sh", "{a}"},
        {"docker", "compose", "exec", "-T", "web", "./sync.sh", "{a}"},
        {"kubectl", "exec", "pod", "-c", "box", "--", "./sync.sh", "{a}"},
        {"kubectl", "-n", "x", "exec", "pod", "--", "./sync.sh", "{a}"},
        {"systemd-run", "--scope", "-u", "x", "./sync.sh", "{a}"},
        {"flock", "-n", "/run/x", "./sync.sh", "-c", "{a}"},
        {"watch", "-x", "./sync.sh", "{a}"},
        {"strace", "-f", "-o", "x", "./sync.sh", "{a}"},
        {"gdb", "-batch", "--args", "./sync", "{a}"},
        {"valgrind", "--leak-check=full", "./sync", "{a}"},
        {"screen", "-dmS", "x", "./sync.sh", "{a}"},
        {"/lib64/ld-linux-x86-64.so.2", "--argv0", "x", "./sync", "{a}"},
        {"git", "-c", "user.name={a}", "commit", "-m", "{a}"},
        {"git", "clone", "--", "{a}"},
        {"git", "log", "--author={a}"},
        {"make", "-j", "4", "all"},
        {"tar", "-czf", "{a}", "--", "x"},
        {"tar", "-czf", "x", "--", "{a}"},
        {"rsync", "-a", "--", "{a}", "dst"},
        {"atlasjob", "submit", "--name={a}", "--", "./sync.sh", "{a}"},
        {"atlasjob", "run", "--", "sh", "x.sh", "{a}"},
        {"xterm", "-e", "./sync.sh", "{a}"},
        {"npx", "tool", "{a}"},
        {"curl", "--", "{a}"},
    };
    return table;
}

/// An argument of a command after {a} has been replaced by `value`.
std::string filled(const std::string& word, const std::string& value) {
    std::string text;
    for (std::size_t at = 0; at < word.size(); ++at) {
        if (word.compare(at, 3, "{a}") == 0) {
            text += value;
            at += 2;
        } else {
            text += word[at];
            const bool is_doubled = word[at] == '{' || word[at] == '}';
            if (is_doubled) ++at;
        }
    }
    return text;
}

}  // namespace

TEST_CASE("a shell script in an action may not use a value as a command or as code") {
    const auto script = [](const std::string& text, const Argv& arguments) {
        Argv argv = {"sh", "-c", text, "sh"};
        argv.insert(argv.end(), arguments.begin(), arguments.end());
        return argv;
    };
    for (const char* text :
         {"eval \"$1\"",
          "eval $1",
          "\"$1\"",
          "$1",
          "\"$@\"",
          "exec \"$@\"",
          "cd /x && \"${{1}}\" y",
          "X=1 \"$1\"",
          "if true; then $1; fi",
          "bash -c \"$1\"",
          "python3 -c \"$1\"",
          ". \"$1\"",
          "x=$(\"$1\")",
          "echo \"now $($1)\"",
          "echo `$1`",
          "env X=1 \"$1\"",
          "(\"$1\")",
          "awk -f \"$1\"",
          "true | $1",
          "sudo \"$1\"",
          "sh -c \"echo $1\"",
          "timeout 5 \"$1\"",
          "timeout $1 ./x",
          "sed \"s/$1/x/\"",
          "ssh host \"$1\"",
          "find . -exec \"$1\" \\;",
          "git clone \"$1\"",
          "$*",
          "sh -c \"$*\"",
          "# don't\neval \"$1\"",
          "x=$'it\\'s'; eval \"$1\"",
          "cat <<E\nit's\nE\neval \"$1\"",
          "nohup \"$@\" &"}) {
        CAPTURE(text);
        CHECK_THAT(command_error(script(text, {"{a}"})), Contains("command[4]: in \"act\", {a}: "));
    }
    CHECK_THAT(command_error({"sh", "-c", "\"$0\"", "{a}"}), Contains("command[3]"));
    CHECK_THAT(command_error(script("exec \"$@\"", {"env", "{a}"})), Contains("command[5]"));
    for (const char* text :
         {"./x \"$1\"", "echo eval \"$1\"", "for i in \"$@\"; do ./x \"$i\"; done",
          "test -e \"$1\" && grep -e \"$1\" x", "if [ \"$1\" = x ]; then ./x \"$1\"; fi",
          "case \"$1\" in x) ./x \"$1\";; esac", "echo \"$(date) $1\"", "x=$1; ./y \"$x\"",
          "exec ./x \"$@\"", "echo '$1; eval'", "cat <\"$1\"", "printf '%s\\n' \"$1\" | ./x"}) {
        CAPTURE(text);
        CHECK(command_error(script(text, {"{a}"})).empty());
    }
    check_accepted({
        script("cd /x; exec \"$@\"", {"./sync.sh", "{a}"}),
        script("exec timeout 5 \"$@\"", {"./sync.sh", "{a}"}),
        script("\"$1\" \"$2\"", {"./sync.sh", "{a}"}),
        script("sh -c 'echo \"$1\"' sh \"$1\"", {"{a}"}),
    });
    check_refused({
        {script("exec \"$@\"", {"timeout", "5", "{a}"}), 6},
        {script("exec \"$@\"", {"sh", "-c", "{a}"}), 6},
        {script("sh -c 'eval \"$1\"' sh \"$1\"", {"{a}"}), 4},
    });
}

TEST_CASE("commands that use a value only as data are accepted") {
    check_accepted(accepted_with_a());
}

TEST_CASE("a value arrives byte for byte in every accepted command") {
    const Argv hostile = {"; id -u",  "$(id)", "`id`",  "'; id; '", "\"; id; \"", "-exec",
                          "--eval=1", "|id",   "&& id", "*",        "~",          "%n%s",
                          "{a}",      "{b}{{", "\\",    "é\u202e😀", " lead",      "trail ",
                          "",         "--",    "+x",    "@file",    "a=b",        "line\nline"};
    constexpr std::size_t kInOneFile = 40;
    const auto& spellings = accepted_with_a();
    for (std::size_t first = 0; first < spellings.size(); first += kInOneFile) {
        const std::size_t end = std::min(first + kInOneFile, spellings.size());
        std::vector<json> actions;
        for (std::size_t at = first; at < end; ++at)
            actions.push_back(
                action_with("act" + std::to_string(at), {{"command", spellings[at]}}));
        const ActionsOnDisk file{actions};
        auto options = test::open_options();
        options.allowed = {};
        options.actions_file = file.path();
        ToolBench bench{options};
        for (std::size_t at = first; at < end; ++at) {
            const std::string& value = hostile[at % hostile.size()];
            const json arguments = {{"a", value}, {"b", "b"}, {"n", 1}, {"word", "w"}};
            CAPTURE(json(spellings[at]).dump(), value);
            const std::string id = bench.call("act" + std::to_string(at), arguments).at("job_id");
            Argv expected;
            for (const std::string& word : spellings[at])
                expected.push_back(filled(word, value));
            CHECK(bench.jobs().get(JobId::parse(id).value()).command == expected);
        }
    }
}

TEST_CASE("a value may not set the directory, a variable's name or a variable that holds code") {
    const auto refused = [](const json& more, const std::string& place) {
        CAPTURE(more.dump());
        CHECK_THAT(action_error(more), Contains("actions[0]." + place + ": in \"act\", {a}: "));
    };
    refused({{"cwd", "/{a}"}}, "cwd");
    refused({{"cwd", "{a}"}}, "cwd");
    refused({{"env", {{"{a}", "x"}}}}, "env.{a}");
    refused({{"env", {{"X_{a}", "x"}}}}, "env.X_{a}");
    for (const char* name :
         {"PATH",
          "LD_PRELOAD",
          "LD_LIBRARY_PATH",
          "BASH_ENV",
          "ENV",
          "PYTHONSTARTUP",
          "PYTHONPATH",
          "PERL5OPT",
          "NODE_OPTIONS",
          "RUBYOPT",
          "JAVA_TOOL_OPTIONS",
          "GIT_SSH_COMMAND",
          "GIT_DIR",
          "EDITOR",
          "VISUAL",
          "PAGER",
          "MANPAGER_CMD",
          "IFS",
          "PS4",
          "SHELLOPTS",
          "PROMPT_COMMAND",
          "LESSOPEN",
          "MAKEFLAGS",
          "CFLAGS",
          "HOME",
          "SHELL",
          "SSH_ASKPASS",
          "RSYNC_RSH",
          "npm_config_script_shell",
          "BASH_FUNC_x%%",
          "ATLASJOB_PRINCIPAL",
          "SUDO_EDITOR"}) {
        refused({{"env", {{name, "<{a}>"}}}}, std::string{"env."} + name);
    }
    for (const char* name :
         {"CHANNEL", "SYNC_PATH", "WHO", "TZ", "LANG", "NODE_NAME", "GIT_AUTHOR_NAME", "GOAL"}) {
        CAPTURE(name);
        CHECK(action_error({{"env", {{name, "<{a}>"}}}}).empty());
        CHECK_FALSE(mcp::is_code_variable(name));
    }
    // Fixed text in the file is trusted.
    CHECK(action_error({{"env", {{"PATH", "/usr/bin"}}}, {"cwd", "/srv/{{x}}"}}).empty());
    CHECK_THAT(
        action_error({{"cwd", "/{x"}}), Contains("actions[0].cwd: ") && Contains("not closed"));
    // key and target are data; kind and queue take no placeholders.
    CHECK(action_error({{"key", "{a}"}, {"target", {{"x", "{a}"}}}}).empty());
    CHECK_THAT(action_error({{"kind", "{a}"}}), Contains("kind"));
    CHECK_THAT(action_error({{"queue", "{a}"}}), Contains("queue"));
}

TEST_CASE("a program is recognised by its name without path and version") {
    CHECK(mcp::program_name("/usr/bin/python3.11") == "python");
    CHECK(mcp::program_name("python3-dbg") == "python");
    CHECK(mcp::program_name("bash-static") == "bash");
    CHECK(mcp::program_name("/usr/bin/perl5.36.0") == "perl");
    CHECK(mcp::program_name("x86_64") == "x86_64");
    CHECK(mcp::program_name("/lib/ld-musl-x86_64.so.1") == "ld.so");
    CHECK(mcp::known_program("sync.sh") == nullptr);
    CHECK(mcp::known_program("docker exec") != nullptr);
}

TEST_CASE("every entry of the program table is parsed as intended") {
    const std::string known = "data code program assign maybe letters command sub ";
    std::size_t programs = 0;
    for (const auto rules : {mcp::interpreter_rules(), mcp::launcher_rules(), mcp::tool_rules()}) {
        for (const mcp::ProgramRule& rule : rules) {
            CAPTURE(rule.names);
            for (const std::string_view name : split(rule.names, '|')) {
                CHECK_FALSE(name.empty());
                CHECK(mcp::known_program(std::string{name}) != nullptr);
                ++programs;
            }
            for (const std::string_view operands : {rule.operands, rule.alternative}) {
                for (std::string_view word : split(operands, ' ')) {
                    if (word.ends_with('*')) word.remove_suffix(1);
                    CHECK(known.find(std::string{word} + ' ') != std::string::npos);
                }
            }
            const mcp::KnownProgram read{rule};
            for (const mcp::KnownOption& option : read.options) {
                CAPTURE(option.name);
                CHECK(option.name.find_first_of("-+") == 0);
                CHECK(option.name.find_first_of(":!=%>@~*$") == std::string_view::npos);
                // Such an option needs a rule for what follows.
                CHECK((!option.uses_alternative || !read.alternative.list.empty()));
            }
        }
    }
    CHECK(programs > 500);
}

#include "mcp/actions/code_names.h"
#include "mcp/actions/program_rule.h"
#include "support/places.h"
#include "tool_bench.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

using namespace atlasjob;
using Catch::Matchers::Contains;
using nlohmann::json;
using test::ToolBench;

namespace {

using Words = std::vector<std::string>;

/// {a}, {b}: any text. {n}: a number. {word}: a text that is no option. {mode}: one of two words.
/// {opt}: any text, and it may be missing. {list}: any number of texts.
json action_with(const std::string& name, const json& more) {
    json action = {
        {"name", name},
        {"description", "Runs something."},
        {"input",
         {{"type", "object"},
          {"properties",
           {{"a", {{"type", "string"}}},
            {"b", {{"type", "string"}}},
            {"n", {{"type", "integer"}, {"minimum", 1}}},
            {"word", {{"type", "string"}, {"pattern", "^[A-Za-z0-9_]{1,32}$"}}},
            {"mode", {{"type", "string"}, {"enum", {"full", "auto"}}, {"default", "auto"}}},
            {"opt", {{"type", "string"}}},
            {"list", {{"type", "array"}, {"items", {{"type", "string"}}}}}}},
          {"required", {"a", "b", "n", "word"}}}},
        {"command", {"true"}}};
    action.update(more);
    return action;
}

class File {
  public:
    explicit File(const std::vector<json>& actions) {
        std::ofstream{path()} << json{{"actions", actions}}.dump();
    }
    std::string path() const { return dir_ / "actions.json"; }

  private:
    test::TempDir dir_;
};

/// What is said of an action; empty: it is served.
std::string said_of(const json& more) {
    const File file{{action_with("act", more)}};
    try {
        const mcp::Actions actions{file.path(), mcp::require_contract("atlas")};
        return {};
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::invalid_argument);
        return error.what();
    }
}

std::string said_of_command(const Words& words) {
    return said_of({{"command", words}});
}

/// A spelling, and which of its words is refused.
struct Refused {
    Words words;
    std::size_t at;
    std::string placeholder = "a";
};

void check_refused(const std::vector<Refused>& table) {
    for (const Refused& row : table) {
        CAPTURE(json(row.words).dump());
        const std::string said = said_of_command(row.words);
        CHECK_THAT(
            said, Contains(
                      "actions[0].command[" + std::to_string(row.at) + "]: in \"act\", {"
                      + row.placeholder + "}: "));
        CHECK_THAT(said, Contains("; "));
    }
}

void check_accepted(const std::vector<Words>& table) {
    for (const Words& words : table) {
        CAPTURE(json(words).dump());
        CHECK(said_of_command(words).empty());
    }
}

const std::vector<Words>& accepted_with_a() {
    static const std::vector<Words> table = {
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

}  // namespace

TEST_CASE("A value is never the program, and never a shell's or an interpreter's text") {
    check_refused({
        {{"{a}"}, 0},
        {{"./{a}.sh"}, 0},
        {{"sh", "-c", "{a}"}, 2},
        {{"sh", "-c", "echo {a}"}, 2},
        {{"sh", "-ec", "{a}"}, 2},
        {{"sh", "{a}"}, 1},
        {{"sh", "-", "{a}"}, 2},
        {{"sh", "{list}"}, 1, "list"},
        {{"sh", "-c", "echo", "{opt}", "{a}"}, 3, "opt"},
        {{"zsh", "-oerrexit", "-c", "{word}"}, 3, "word"},
        {{"python3", "scripts/{a}.py"}, 1},
        {{"sh", "-{a}"}, 1},
        {{"sh", "--", "{a}"}, 2},
        {{"sh", "-c{a}"}, 1},
        {{"bash", "-o", "pipefail", "-c", "echo {a}"}, 4},
        {{"bash", "-eo", "pipefail", "-c", "{a}"}, 4},
        {{"bash", "-o", "{a}", "-c", "true"}, 2},
        {{"bash", "+o", "posix", "-c", "{a}"}, 4},
        {{"bash", "+{a}"}, 1},
        {{"bash", "-c", "--", "{a}"}, 3},
        {{"bash", "-c", "-x", "{a}"}, 3},
        {{"bash", "--norc", "-c", "{a}"}, 3},
        {{"bash", "--rcfile", "{a}", "-c", "true"}, 2},
        {{"bash", "--rcfile={a}"}, 1},
        {{"bash", "--init-file", "{a}"}, 2},
        {{"bash", "-s", "{a}"}, 2},
        {{"bash", "--unheard-of", "x.sh", "-c", "{a}"}, 4},
        {{"/usr/local/bin/zsh", "-e", "-c", "x {a}"}, 3},
        {{"rbash", "-c", "{a}"}, 2},
        {{"bash-static", "-c", "{a}"}, 2},
        {{"dash", "-c", "{a}"}, 2},
        {{"ksh93", "-c", "{a}"}, 2},
        {{"mksh", "-c", "{a}"}, 2},
        {{"csh", "-c", "{a}"}, 2},
        {{"tcsh", "-fc", "{a}"}, 2},
        {{"fish", "-c", "{a}"}, 2},
        {{"fish", "--command={a}"}, 1},
        {{"fish", "-C", "{a}", "x.fish"}, 2},
        {{"pwsh", "-Command", "{a}"}, 2},
        {{"busybox", "sh", "-c", "{a}"}, 3},
        {{"busybox", "{a}"}, 1},
        {{"toybox", "{a}"}, 1},
        {{"python3", "-c", "{a}"}, 2},
        {{"python3.11", "-c", "print({a})"}, 2},
        {{"python3", "-c{a}"}, 1},
        {{"python3", "-Bc", "{a}"}, 2},
        {{"python3", "-X", "dev", "-c", "{a}"}, 4},
        {{"python3", "-W", "{a}", "x.py"}, 2},
        {{"python3", "{a}"}, 1},
        {{"python3", "-m", "{a}"}, 2},
        {{"python3", "-m", "timeit", "{a}"}, 3},
        {{"python3", "-mtimeit", "--", "{a}"}, 3},
        {{"python3", "-m", "pdb", "{a}"}, 3},
        {{"pypy3", "-c", "{a}"}, 2},
        {{"perl", "-e", "{a}"}, 2},
        {{"perl", "-we", "{a}"}, 2},
        {{"perl", "-e{a}"}, 1},
        {{"perl", "-e", "print @ARGV", "{a}"}, 3},
        {{"perl", "-M{a}", "x.pl"}, 1},
        {{"perl", "-ne", "print", "--", "{a}"}, 4},
        {{"perl", "-I", "{a}", "x.pl"}, 2},
        {{"ruby", "-e", "{a}"}, 2},
        {{"ruby", "-r{a}", "x.rb"}, 1},
        {{"node", "-e", "{a}"}, 2},
        {{"node", "--eval={a}"}, 1},
        {{"node", "--ev={a}"}, 1},
        {{"node", "-pe", "{a}"}, 2},
        {{"node", "-p", "{a}"}, 2},
        {{"node", "--require", "{a}", "x.js"}, 2},
        {{"node", "--import={a}", "x.js"}, 1},
        {{"node", "--unheard-of={a}", "x.js"}, 1},
        {{"nodejs", "{a}"}, 1},
        {{"deno", "eval", "{a}"}, 2},
        {{"bun", "-e", "{a}"}, 2},
        {{"php", "-r", "{a}"}, 2},
        {{"php", "-d", "{a}", "x.php"}, 2},
        {{"php", "-B", "{a}"}, 2},
        {{"lua", "-e", "{a}"}, 2},
        {{"lua", "-e", "x=1", "--", "{a}"}, 4},
        {{"lua5.4", "-l{a}", "x.lua"}, 1},
        {{"tclsh", "{a}"}, 1},
        {{"expect", "-c", "{a}"}, 2},
        {{"R", "-e", "{a}"}, 2},
        {{"Rscript", "-e", "{a}"}, 2},
        {{"julia", "-e", "{a}"}, 2},
        {{"elixir", "--eval", "{a}"}, 2},
        {{"guile", "-c", "{a}"}, 2},
        {{"sbcl", "--eval", "{a}"}, 2},
        {{"emacs", "--batch", "--eval", "{a}"}, 3},
        {{"groovy", "-e", "{a}"}, 2},
        {{"java", "-cp", "{a}", "Main"}, 2},
        {{"java", "-javaagent:{a}", "Main"}, 1},
        {{"gnuplot", "-e", "{a}"}, 2},
        {{"awk", "{a}"}, 1},
        {{"gawk", "--source", "{a}"}, 2},
        {{"awk", "-f", "{a}"}, 2},
        {{"awk", "-f", "x.awk", "{a}"}, 3},
        {{"sed", "{a}"}, 1},
        {{"sed", "-e", "{a}", "x"}, 2},
        {{"sed", "-ne{a}", "x"}, 1},
        {{"sed", "--expression={a}", "x"}, 1},
        {{"sed", "p", "{a}"}, 2},
        {{"jq", "{a}", "x"}, 1},
        {{"jq", "-f", "{a}", "x"}, 2},
        {{"bc", "-e", "{a}"}, 2},
        {{"bc", "--", "{a}"}, 2},
        {{"dc", "-e{a}"}, 1},
        {{"m4", "{a}"}, 1},
        {{"vim", "-c", "{a}"}, 2},
        {{"vim", "+{a}"}, 1},
        {{"vim", "{a}"}, 1},
        {{"ed", "{a}"}, 1},
        {{"less", "{a}"}, 1},
        {{"less", "+{a}", "x"}, 1},
        {{"man", "-P", "{a}", "x"}, 2},
        {{"man", "--pager={a}", "x"}, 1},
        {{"psql", "-c", "{a}"}, 2},
        {{"psql", "-o", "{a}"}, 2},
        {{"psql", "--file={a}"}, 1},
        {{"mysql", "-e", "{a}"}, 2},
        {{"sqlite3", "x.db", "{a}"}, 2},
        {{"sqlite3", "-cmd", "{a}", "x.db"}, 2},
        {{"redis-cli", "EVAL", "{a}", "0"}, 2},
    });
}

TEST_CASE("A value is never what a launcher runs, however many stand before it") {
    check_refused({
        {{"env", "{a}"}, 1},
        {{"env", "--", "{a}"}, 2},
        {{"env", "X=1", "{a}"}, 2},
        {{"env", "{a}=1", "./sync.sh"}, 1},
        {{"env", "PATH={a}", "./sync.sh"}, 1},
        {{"env", "LD_PRELOAD={a}", "./sync.sh"}, 1},
        {{"env", "-S", "{a}"}, 2},
        {{"env", "-S{a}"}, 1},
        {{"env", "-iS", "{a}"}, 2},
        {{"env", "-S", "bash -o", "pipefail", "-c", "{a}"}, 5},
        {{"env", "--split-string={a}"}, 1},
        {{"env", "--split={a}"}, 1},
        {{"env", "-C", "{a}", "./sync.sh"}, 2},
        {{"env", "-u", "{a}", "./sync.sh"}, 2},
        {{"env", "-i", "sh", "-c", "{a}"}, 4},
        {{"/usr/bin/env", "python3", "-c", "{a}"}, 3},
        {{"env", "env", "env", "{a}"}, 3},
        {{"env", "zsh", "-e", "-c", "x {a}"}, 4},
        {{"nice", "{a}"}, 1},
        {{"nice", "-n", "5", "{a}"}, 3},
        {{"nice", "-n", "5", "sh", "-c", "{a}"}, 5},
        {{"ionice", "-c", "3", "{a}"}, 3},
        {{"nohup", "{a}"}, 1},
        {{"setsid", "-w", "{a}"}, 2},
        {{"timeout", "10", "{a}"}, 2},
        {{"timeout", "-k", "5", "10", "{a}"}, 4},
        {{"timeout", "{a}", "./sync.sh"}, 1},
        {{"timeout", "--unheard-of", "10", "sh", "{a}"}, 4},
        {{"time", "-f", "%e", "{a}"}, 3},
        {{"stdbuf", "-oL", "{a}"}, 2},
        {{"chrt", "-b", "0", "{a}"}, 3},
        {{"taskset", "1", "{a}"}, 2},
        {{"numactl", "-N", "0", "{a}"}, 3},
        {{"sudo", "{a}"}, 1},
        {{"sudo", "-u", "x", "{a}"}, 3},
        {{"sudo", "-nu", "x", "{a}"}, 3},
        {{"sudo", "-u{a}", "./sync.sh"}, 1},
        {{"sudo", "-i", "./sync.sh", "{a}"}, 3},
        {{"sudo", "-s", "--", "./sync.sh", "{a}"}, 4},
        {{"sudo", "PATH={a}", "./sync.sh"}, 1},
        {{"sudo", "-R", "{a}", "./sync.sh"}, 2},
        {{"doas", "{a}"}, 1},
        {{"su", "-c", "{a}", "x"}, 2},
        {{"su", "-", "x", "-c", "{a}"}, 4},
        {{"su", "x", "--command={a}"}, 2},
        {{"runuser", "-u", "x", "--", "{a}"}, 4},
        {{"runuser", "x", "-c", "{a}"}, 3},
        {{"pkexec", "{a}"}, 1},
        {{"setpriv", "--reuid=1", "{a}"}, 2},
        {{"gosu", "x", "{a}"}, 2},
        {{"unshare", "-r", "{a}"}, 2},
        {{"nsenter", "-t", "1", "-m", "{a}"}, 4},
        {{"chroot", "/srv", "{a}"}, 2},
        {{"chroot", "{a}", "./sync.sh"}, 1},
        {{"bwrap", "--ro-bind", "/", "/", "{a}"}, 4},
        {{"ip", "netns", "exec", "x", "{a}"}, 4},
        {{"xargs", "{a}"}, 1},
        {{"xargs", "-I{{}}", "sh", "-c", "{a}"}, 4},
        {{"parallel", "{a}"}, 1},
        {{"parallel", "echo", ":::", "{a}"}, 3},
        {{"find", ".", "-exec", "{a}"}, 3},
        {{"find", ".", "-execdir", "{a}", ";"}, 3},
        {{"find", ".", "-ok", "{a}", ";"}, 3},
        {{"find", ".", "-exec", "sh", "-c", "{a}", ";"}, 5},
        {{"find", ".", "-exec", "./x", "{a}", ";"}, 4},
        {{"find", ".", "-name", "x", "-exec", "true", ";", "-exec", "{a}", ";"}, 8},
        {{"find", "{a}", "-delete"}, 1},
        {{"find", "--", "{a}", "-print"}, 2},
        {{"fd", "x", "-x", "{a}"}, 3},
        {{"ssh", "{a}"}, 1},
        {{"ssh", "host", "{a}"}, 2},
        {{"ssh", "host", "./sync.sh", "{a}"}, 3},
        {{"ssh", "-o", "{a}", "host"}, 2},
        {{"ssh", "-oProxyCommand={a}", "host"}, 1},
        {{"ssh", "host", "-o", "ProxyCommand={a}"}, 3},
        {{"docker", "exec", "box", "{a}"}, 3},
        {{"docker", "exec", "box", "sh", "-c", "{a}"}, 5},
        {{"docker", "exec", "{a}", "./sync.sh"}, 2},
        {{"docker", "-H", "x", "exec", "-it", "box", "{a}"}, 6},
        {{"docker", "container", "exec", "box", "{a}"}, 4},
        {{"docker", "compose", "exec", "web", "{a}"}, 4},
        {{"docker", "run", "{a}"}, 2},
        {{"docker", "run", "--rm", "image", "{a}"}, 4},
        {{"docker", "run", "--entrypoint", "{a}", "image"}, 3},
        {{"docker", "run", "--entrypoint", "sh", "image", "-c", "{a}"}, 6},
        {{"docker", "run", "-e", "PATH={a}", "image", "x"}, 3},
        {{"podman", "run", "image", "sh", "-c", "{a}"}, 5},
        {{"docker", "{a}"}, 1},
        {{"kubectl", "exec", "pod", "--", "{a}"}, 4},
        {{"kubectl", "exec", "-it", "pod", "--", "sh", "-c", "{a}"}, 7},
        {{"systemd-run", "--scope", "{a}"}, 2},
        {{"systemd-run", "-p", "{a}", "./sync.sh"}, 2},
        {{"flock", "/run/x", "{a}"}, 2},
        {{"flock", "/run/x", "-c", "{a}"}, 3},
        {{"flock", "-c", "{a}", "/run/x"}, 2},
        {{"watch", "{a}"}, 1},
        {{"watch", "-n", "1", "./sync.sh", "{a}"}, 4},
        {{"watch", "-x", "{a}"}, 2},
        {{"strace", "-f", "{a}"}, 2},
        {{"strace", "-o", "{a}", "./sync.sh"}, 2},
        {{"ltrace", "{a}"}, 1},
        {{"gdb", "-ex", "{a}"}, 2},
        {{"gdb", "--args", "{a}"}, 2},
        {{"gdb", "{a}"}, 1},
        {{"valgrind", "{a}"}, 1},
        {{"script", "-c", "{a}", "x"}, 2},
        {{"script", "-qec", "{a}", "x"}, 2},
        {{"screen", "-dm", "{a}"}, 2},
        {{"screen", "-S", "x", "-X", "stuff", "{a}"}, 5},
        {{"tmux", "new-session", "-d", "{a}"}, 3},
        {{"tmux", "send-keys", "--", "{a}"}, 3},
        {{"xterm", "-e", "{a}"}, 2},
        {{"/lib64/ld-linux-x86-64.so.2", "{a}"}, 1},
        {{"ld.so", "--preload", "{a}", "./sync"}, 2},
        {{"crontab", "{a}"}, 1},
        {{"at", "-f", "{a}", "now"}, 2},
        {{"run-parts", "{a}"}, 1},
        {{"start-stop-daemon", "--start", "--exec", "{a}"}, 3},
        {{"atlasjob", "submit", "--", "{a}"}, 3},
        {{"atlasjob", "run", "--", "sh", "-c", "{a}"}, 5},
        {{"atlasjob", "submit", "--on-end", "{a}", "--", "true"}, 3},
        {{"atlasjob", "submit", "--on-end={a}", "--", "true"}, 2},
        {{"atlasjob", "submit", "--name", "{a}", "--", "true"}, 3},
        {{"atlasjob", "send", "42", "{a}"}, 3},
        {{"atlasjob", "--ledger", "{a}", "submit", "--", "true"}, 2},
        {{"atlasjob", "submit", "--env", "PATH={a}", "--", "true"}, 3},
        {{"npx", "{a}"}, 1},
        {{"uv", "run", "{a}"}, 2},
        {{"poetry", "run", "python", "-c", "{a}"}, 4},
    });
}

TEST_CASE("A value is never what a tool is told to run beside its own work") {
    check_refused({
        {{"git", "-c", "core.pager={a}", "log"}, 2},
        {{"git", "-c", "alias.x={a}", "x"}, 2},
        {{"git", "-c", "{a}", "log"}, 2},
        {{"git", "-C", "{a}", "pull"}, 2},
        {{"git", "--exec-path={a}", "log"}, 1},
        {{"git", "{a}"}, 1},
        {{"git", "clone", "{a}"}, 2},
        {{"git", "fetch", "--upload-pack={a}", "origin"}, 2},
        {{"git", "rebase", "--exec", "{a}", "main"}, 3},
        {{"git", "rebase", "-x{a}", "main"}, 2},
        {{"git", "bisect", "run", "{a}"}, 3},
        {{"git", "submodule", "foreach", "{a}"}, 3},
        {{"git", "config", "alias.x", "{a}"}, 3},
        {{"make", "{a}"}, 1},
        {{"make", "VAR={a}"}, 1},
        {{"make", "-f", "{a}"}, 2},
        {{"make", "-C{a}"}, 1},
        {{"make", "--eval={a}"}, 1},
        {{"make", "all", "--", "{a}"}, 3},
        {{"cmake", "-P", "{a}"}, 2},
        {{"go", "run", "{a}"}, 2},
        {{"npm", "run", "{a}"}, 2},
        {{"tar", "-cf", "x", "{a}"}, 3},
        {{"tar", "cfI", "x", "./{a}"}, 3},
        {{"tar", "c{a}", "x"}, 1},
        {{"convert", "{a}", "x.png"}, 1},
        {{"tar", "-I", "{a}", "-cf", "x", "y"}, 2},
        {{"tar", "--to-command={a}", "-xf", "x"}, 1},
        {{"tar", "--to-com={a}", "-xf", "x"}, 1},
        {{"tar", "--checkpoint=1", "--checkpoint-action=exec={a}", "-cf", "x", "y"}, 2},
        {{"tar", "--use-compress-program", "{a}", "-cf", "x", "y"}, 2},
        {{"rsync", "-e", "{a}", "src", "dst"}, 2},
        {{"rsync", "-ae", "{a}", "src", "dst"}, 2},
        {{"rsync", "--rsh={a}", "src", "dst"}, 1},
        {{"rsync", "-a", "{a}", "dst"}, 2},
        {{"scp", "-o", "{a}", "x", "y"}, 2},
        {{"zip", "-TT", "{a}", "x"}, 2},
        {{"sort", "--compress-program={a}", "x"}, 1},
        {{"wget", "--use-askpass={a}", "--", "x"}, 1},
        {{"curl", "-K", "{a}"}, 2},
        {{"apt-get", "-o", "{a}", "update"}, 2},
        {{"ansible-playbook", "x.yml", "-e", "{a}"}, 3},
        {{"tcpdump", "-z", "{a}"}, 2},
        {{"gcc", "-wrapper", "{a}", "x.c"}, 2},
        {{"kubectl", "--kubeconfig={a}", "get", "pods"}, 1},
    });
}

TEST_CASE("What only might be a launcher hides no interpreter") {
    check_refused({
        {{"./wrap.sh", "sh", "-c", "{a}"}, 3},
        {{"./wrap.sh", "bash", "-o", "pipefail", "-c", "{a}"}, 5},
        {{"./wrap.sh", "--verbose", "env", "{a}"}, 3},
        {{"./wrap.sh", "sudo", "-u", "x", "{a}"}, 4},
        {{"./wrap.sh", "/usr/bin/node", "{a}"}, 2},
        {{"./wrap.sh", "python3", "-c", "{a}"}, 3},
        {{"./wrap.sh", "node", "-e", "{a}"}, 3},
        {{"./wrap.sh", "find", ".", "-exec", "{a}", ";"}, 4},
        {{"sh", "-c", "exec \"$@\"", "sh", "bash", "-c", "{a}"}, 6},
        {{"sh", "wrap.sh", "sudo", "{a}"}, 3},
        {{"python3", "wrap.py", "perl", "-e", "{a}"}, 4},
    });
    // Words are words.
    check_accepted({
        {"./kubectl-like", "get", "node", "{a}"},
        {"./tool", "--editor", "less", "{a}"},
        {"./tool", "watch", "{a}"},
        {"./tool", "time", "{a}"},
    });
}

TEST_CASE("Where a launcher counts its arguments, a value is always one of them") {
    check_refused({
        {{"timeout", "--", "{opt}", "./sync.sh", "{a}"}, 2, "opt"},
        {{"timeout", "--", "{list}", "./sync.sh"}, 2, "list"},
        {{"timeout", "-k", "{opt}", "10", "./sync.sh"}, 2, "opt"},
        {{"flock", "--", "{opt}", "./sync.sh"}, 2, "opt"},
        {{"docker", "exec", "--", "{list}", "./sync.sh"}, 3, "list"},
        {{"env", "X={opt}", "{a}", "./sync.sh"}, 1, "opt"},
        {{"find", ".", "-name", "{list}"}, 3, "list"},
        {{"git", "commit", "-m", "{list}"}, 3, "list"},
    });
    check_accepted({
        {"timeout", "{n}", "./sync.sh", "{opt}", "{list}"},
        {"timeout", "{word}", "./sync.sh", "{a}"},
        {"timeout", "--", "{mode}", "./sync.sh", "{a}"},
        {"docker", "exec", "{word}", "./sync.sh", "{list}"},
        {"find", ".", "-exec", "./x", "{word}", "{{}}", ";"},
        {"tar", "-cf", "x", "{word}", "{mode}"},
        {"git", "clone", "{word}"},
        {"./sync.sh", "{opt}", "{list}"},
        {"sh", "-c", "./x \"$@\"", "sh", "{list}", "{opt}"},
    });
}

TEST_CASE("What runs nothing of a caller's is served") {
    check_accepted(accepted_with_a());
}

TEST_CASE("A value arrives byte for byte in every spelling that is served") {
    const Words hostile = {"; id -u",  "$(id)", "`id`",  "'; id; '", "\"; id; \"", "-exec",
                           "--eval=1", "|id",   "&& id", "*",        "~",          "%n%s",
                           "{a}",      "{b}{{", "\\",    "é\u202e😀", " lead",      "trail ",
                           "",         "--",    "+x",    "@file",    "a=b",        "line\nline"};
    std::vector<json> actions;
    std::vector<Words> spellings;
    for (const Words& words : accepted_with_a()) {
        if (spellings.size() == 80) break;
        actions.push_back(
            action_with("act" + std::to_string(spellings.size()), {{"command", words}}));
        spellings.push_back(words);
    }
    const File file{actions};
    auto options = test::open_options();
    options.allowed = {};
    options.actions_file = file.path();
    ToolBench bench{options};
    const auto filled = [](std::string word, const std::string& value) {
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
    };
    for (std::size_t at = 0; at < spellings.size(); ++at) {
        const std::string& value = hostile[at % hostile.size()];
        const json given = {{"a", value}, {"b", "b"}, {"n", 1}, {"word", "w"}};
        CAPTURE(json(spellings[at]).dump(), value);
        const std::string id = bench.call("act" + std::to_string(at), given).at("job_id");
        Words expected;
        for (const std::string& word : spellings[at])
            expected.push_back(filled(word, value));
        CHECK(bench.jobs().get(JobId::parse(id).value()).command == expected);
    }
}

TEST_CASE("No value chooses a directory, a variable's name, or what programs take for code") {
    const auto refused = [](const json& more, const std::string& place) {
        CAPTURE(more.dump());
        CHECK_THAT(said_of(more), Contains("actions[0]." + place + ": in \"act\", {a}: "));
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
        CHECK(said_of({{"env", {{name, "<{a}>"}}}}).empty());
        CHECK_FALSE(mcp::is_code_variable(name));
    }
    // What the file itself says is its owner's.
    CHECK(said_of({{"env", {{"PATH", "/usr/bin"}}}, {"cwd", "/srv/{{x}}"}}).empty());
    CHECK_THAT(said_of({{"cwd", "/{x"}}), Contains("actions[0].cwd: ") && Contains("not closed"));
    // Kind, key and target are data, or have no places to fill.
    CHECK(said_of({{"key", "{a}"}, {"target", {{"x", "{a}"}}}}).empty());
    CHECK_THAT(said_of({{"kind", "{a}"}}), Contains("kind"));
    CHECK_THAT(said_of({{"queue", "{a}"}}), Contains("queue"));
}

TEST_CASE("A program is known by its name, wherever it is and whatever its version") {
    CHECK(mcp::program_name("/usr/bin/python3.11") == "python");
    CHECK(mcp::program_name("python3-dbg") == "python");
    CHECK(mcp::program_name("bash-static") == "bash");
    CHECK(mcp::program_name("/usr/bin/perl5.36.0") == "perl");
    CHECK(mcp::program_name("x86_64") == "x86_64");
    CHECK(mcp::program_name("/lib/ld-musl-x86_64.so.1") == "ld.so");
    CHECK(mcp::known_program("sync.sh") == nullptr);
    CHECK(mcp::known_program("docker exec") != nullptr);
}

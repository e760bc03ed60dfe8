#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>

using namespace atlasjob::test;

namespace {

/// Runs a program with a non-blocking pipe of 4 KiB as the descriptor of that name, as node, ssh
/// and tmux leave them; reads in small pieces, so that the pipe is full most of the time, and
/// prints the exit status and what was read.
constexpr const char* kSlowReader = R"py(
import fcntl, os, subprocess, sys, termios, struct
r, w = os.pipe()
fcntl.fcntl(w, 1031, 4096)  # F_SETPIPE_SZ
fcntl.fcntl(w, fcntl.F_SETFL, os.O_NONBLOCK)
p = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, **{sys.argv[1]: w})
os.close(w)
held = lambda: struct.unpack("i", fcntl.ioctl(r, termios.FIONREAD, b"\0" * 4))[0]
while p.poll() is None and held() == 0:
    pass
text = b""
while part := os.read(r, 512):
    text += part
os.write(3, b"%d\n" % p.wait() + text)
)py";

/// What `args` prints there.
Ran read_slowly(
    const Sandbox& sandbox, const std::string& stream, const std::vector<std::string>& args) {
    std::vector<std::string> argv = {
        "bash", "-c", R"(exec 3>&1 >/dev/null 2>&1; exec python3 -c "$0" "$@")", kSlowReader,
        stream};
    const std::string program = sandbox.shell("printf %s \"$atlasjob\"").out;
    argv.push_back(program);
    argv.insert(argv.end(), args.begin(), args.end());
    Ran ran = sandbox.exec(argv);
    const std::size_t line_end = ran.out.find('\n');
    REQUIRE(line_end != std::string::npos);
    ran.exit_status = std::stoi(ran.out);
    ran.out.erase(0, line_end + 1);
    return ran;
}

}  // namespace

TEST_CASE("answers into a non-blocking pipe with a slow reader are complete") {
    const Sandbox sandbox;
    std::string batch;
    for (int n = 0; n < 150; ++n)
        batch += "{\"command\":[\"true\"],\"in\":\"1h\"}\n";
    REQUIRE(sandbox.run({"submit", "--batch", "-"}, batch).exit_status == 0);
    REQUIRE(sandbox.run({"run", "-q", "--", "seq", "20000"}).exit_status == 0);
    const std::vector<std::vector<std::string>> commands = {
        {"list", "--limit", "200", "--json"},
        {"list", "--limit", "200", "--format", "{job_id} {status}"},
        {"list", "--limit", "200", "--ids"},
        {"status", "last", "--json"},
        {"events"},
        {"export"},
        {"logs", "last"},
        {"logs", "-f", "last"},
        {"logs", "last", "--timestamps"},
        {"submit", "--help"},
        {"completion", "bash"}};
    for (const auto& command : commands) {
        CAPTURE(command[0], command.size());
        const Ran slow = read_slowly(sandbox, "stdout", command);
        CHECK(slow.exit_status == 0);
        CHECK(slow.out == sandbox.run(command).out);
    }
}

TEST_CASE("the ids of a batch reach a slow reader of a non-blocking pipe") {
    const Sandbox sandbox;
    REQUIRE(
        sandbox.shell("for i in $(seq 300); do echo '{\"command\":[\"true\"]}'; done > $HOME/batch")
            .exit_status
        == 0);
    const Ran slow = read_slowly(sandbox, "stdout", {"submit", "--batch", sandbox.dir() / "batch"});
    CHECK(slow.exit_status == 0);
    CHECK(std::count(slow.out.begin(), slow.out.end(), '\n') == 300);
}

TEST_CASE("a followed job's stderr reaches a slow reader of a non-blocking pipe") {
    const Sandbox sandbox;
    sandbox.make_ledger();
    Running worker = sandbox.start({"worker"});
    const Ran slow =
        read_slowly(sandbox, "stderr", {"submit", "--follow", "--", "sh", "-c", "seq 20000 >&2"});
    CHECK(slow.exit_status == 0);
    CHECK(slow.out.ends_with("\n19999\n20000\n"));
    worker.signal(SIGTERM);
    worker.wait();
}

TEST_CASE("no command leaves the flags of the caller's descriptors changed") {
    const Sandbox sandbox;
    const std::string caller = R"py(
import fcntl, os, pty, socket, subprocess, sys
for kind in ("socket", "pty", "pipe"):
    for args in (["run", "--tty", "--", "echo", "x"], ["run", "--", "echo", "x"], ["list"],
                 ["run", "--tty", "--", "sh", "-c", "read -r line"]):
        for flag in (0, os.O_NONBLOCK):
            if kind == "socket":
                ours, theirs = (s.detach() for s in socket.socketpair())
            elif kind == "pty":
                ours, theirs = pty.openpty()
            else:
                theirs = os.open("fifo", os.O_RDWR)
                ours = os.dup(theirs)
            fcntl.fcntl(theirs, fcntl.F_SETFL, fcntl.fcntl(theirs, fcntl.F_GETFL) | flag)
            before = fcntl.fcntl(theirs, fcntl.F_GETFL)
            if "read -r line" in args:
                os.write(ours, b"line\n")
            subprocess.run(sys.argv[1:] + args, stdin=theirs, stdout=theirs, stderr=theirs)
            if fcntl.fcntl(theirs, fcntl.F_GETFL) != before:
                print(kind, args, flag)
            os.close(ours)
            os.close(theirs)
)py";
    sandbox.shell("mkfifo \"$HOME/fifo\"");
    const Ran ran =
        sandbox.shell("cd \"$HOME\" && python3 - \"$atlasjob\" <<'end'\n" + caller + "\nend\n");
    INFO(ran.err);
    CHECK(ran.out.empty());
    CHECK(ran.exit_status == 0);
}

TEST_CASE("input from a non-blocking pipe is read to its end") {
    const Sandbox sandbox;
    const std::string writer = R"py(
import fcntl, os, subprocess, sys
r, w = os.pipe()
fcntl.fcntl(r, fcntl.F_SETFL, os.O_NONBLOCK)
p = subprocess.Popen(sys.argv[1:], stdin=r)
os.close(r)
# The program has read all there is, so its next read would block.
os.write(w, b'{"command":')
import array, termios
held = array.array("i", [1])
while p.poll() is None and held[0] > 0:
    fcntl.ioctl(w, termios.FIONREAD, held)
os.write(w, b'["true"]}\n')
os.close(w)
sys.exit(p.wait())
)py";
    const std::string program = sandbox.shell("printf %s \"$atlasjob\"").out;
    const Ran ran = sandbox.exec({"python3", "-c", writer, program, "submit", "--batch", "-"});
    CHECK(ran.exit_status == 0);
    CHECK(sandbox.status("last")["command"].dump() == R"(["true"])");
}

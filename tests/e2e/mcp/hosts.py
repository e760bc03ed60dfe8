"""Real agents start a job through `atlasjob mcp`, with a scripted model: the job belongs to their conversation.
Claude Code also validates and installs the plugin, whose monitor wakes an idle session.

hosts.py PROGRAM PACKAGES PLUGIN, in a network namespace of its own (hosts.sh).
"""

import atexit
import contextlib
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import uuid

import scripted_model

PROGRAM, PACKAGES, PLUGIN = (os.path.abspath(path) for path in sys.argv[1:])
HOME = tempfile.mkdtemp(prefix="hosts.")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
BIN = os.path.join(HOME, "bin")
ENVIRONMENT = {"HOME": HOME, "PATH": f"{BIN}:{os.environ['PATH']}", "TERM": "dumb", "ATLASJOB_ON_DEMAND_WORKER": "false",
               "IS_SANDBOX": "1"}
SERVER = {"command": PROGRAM, "args": ["mcp", "--allow", "submit"],
          "env": {"ATLASJOB_ON_DEMAND_WORKER": "false"}}


def run(argv, **variables):
    result = subprocess.run(argv, env={**ENVIRONMENT, **variables}, cwd=HOME, capture_output=True,
                            stdin=subprocess.DEVNULL, text=True, timeout=180, check=False)
    if result.returncode != 0:
        sys.exit(f"{argv[0]} exited with {result.returncode}\n{result.stdout}\n{result.stderr}")
    return result.stdout, result.stderr


def executable(package, name):
    found = [os.path.join(folder, name)
             for folder, _, names in os.walk(os.path.join(PACKAGES, "node_modules", package)) if name in names]
    if not found:
        sys.exit(f"{package} has no program {name}; it is for x64 machines")
    return found[0]


def check_job(session, host):
    listed = json.loads(run([PROGRAM, "list", "--session", session, "--json"])[0])
    names = [job["name"] for job in listed["jobs"]]
    assert names == ["of a scripted model"], (host, session, listed)
    print(f"{host}: the job belongs to {session}")


def claude_code(model):
    claude = executable("@anthropic-ai/claude-code-linux-x64", "claude")
    print(run([claude, "--version"])[0].strip())
    run([claude, "plugin", "validate", "--strict", PLUGIN])
    # As docs/mcp.md says; the plugin names the program without a path.
    os.mkdir(BIN)
    os.symlink(PROGRAM, os.path.join(BIN, "atlasjob"))
    run([claude, "plugin", "marketplace", "add", PLUGIN])
    run([claude, "plugin", "install", "atlasjob@atlasjob"])
    servers, _ = run([claude, "mcp", "list"])
    assert re.search(r"^plugin:atlasjob:atlasjob: atlasjob mcp - \S* ?Connected", servers, re.M), servers
    config = json.dumps({"mcpServers": {"atlasjob": SERVER}})
    answer, _ = run(
        [claude, "--print", "start it", "--output-format", "json", "--strict-mcp-config", "--mcp-config", config,
         "--allowedTools", "mcp__atlasjob__submit_job"],
        ANTHROPIC_BASE_URL=model, ANTHROPIC_API_KEY="none", ENABLE_TOOL_SEARCH="false",
        MCP_CONNECTION_NONBLOCKING="false", CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1")
    check_job(json.loads(answer)["session_id"], "Claude Code")


def skip_questions():
    """What a person has answered before: theme, key, trust in the folder."""
    path = os.path.join(HOME, ".claude.json")
    with open(path, encoding="utf-8") as file:
        state = json.load(file)
    state.update(hasCompletedOnboarding=True, theme="dark",
                 customApiKeyResponses={"approved": ["none"], "rejected": []})
    trusted = {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True}
    state.setdefault("projects", {}).setdefault(HOME, {}).update(trusted)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(state, file)


@contextlib.contextmanager
def at_terminal(argv, **variables):
    """Runs a program on a terminal of its own, whose output is dropped."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(HOME)
        os.execve(argv[0], argv, {**ENVIRONMENT, **variables, "TERM": "xterm-256color"})

    def drain():
        with contextlib.suppress(OSError):
            while os.read(terminal, 65536):
                pass

    threading.Thread(target=drain, daemon=True).start()
    try:
        yield
    finally:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


def await_request(text):
    """Returns once the model has been sent something that contains `text`."""
    while text not in scripted_model.Model.requests.get(timeout=120):
        pass


def claude_code_is_woken(model):
    """An idle session is told of a job of its own that has ended, though nobody types anything."""
    claude = executable("@anthropic-ai/claude-code-linux-x64", "claude")
    skip_questions()
    session = str(uuid.uuid4())
    first = run([PROGRAM, "create", "--session", session, "--start"])[0].strip()
    run([PROGRAM, "finish", first, "--result", "1"])
    with at_terminal([claude, "--session-id", session], ANTHROPIC_BASE_URL=model, ANTHROPIC_API_KEY="none",
                     CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1"):
        await_request(first)
        second = run([PROGRAM, "create", "--session", session, "--start"])[0].strip()
        run([PROGRAM, "finish", second, "--error", "broken"])
        await_request(second)
    print("Claude Code: the idle session was woken")


def codex(model):
    program = executable("@openai/codex-linux-x64", "codex")
    print(run([program, "--version"])[0].strip())
    os.makedirs(os.path.join(HOME, ".codex"))
    with open(os.path.join(HOME, ".codex", "config.toml"), "w", encoding="utf-8") as config:
        config.write(f"""
model = "scripted"
model_provider = "scripted"
[model_providers.scripted]
name = "scripted"
base_url = "{model}/v1"
wire_api = "responses"
[mcp_servers.atlasjob]
command = {json.dumps(PROGRAM)}
args = ["mcp", "--allow", "submit"]
env = {{ ATLASJOB_ON_DEMAND_WORKER = "false" }}
""")
    _, log = run([program, "exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "start it"])
    session = re.search(r"session id: (\S+)", log)
    assert session, log
    check_job(session[1], "Codex")


address = scripted_model.serve()
claude_code(address)
claude_code_is_woken(address)
codex(address)

"""Parses the snippets of docs/mcp.md as MCP hosts do and initializes the server that each names.

mcp_hosts.py DOCUMENT, with atlasjob in PATH.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "a-host", "version": "1"},
    },
}


def servers_of(language, text):
    """Returns (command, arguments, environment) of each server that a snippet declares."""
    if language == "json":
        document = json.loads(text)
        if "mcp" in document:  # OpenCode: one array.
            return [(*split(s["command"]), s.get("environment", {})) for s in document["mcp"].values()]
        key = next(key for key in ("mcpServers", "servers") if key in document)
        return [(s["command"], s["args"], s.get("env", {})) for s in document[key].values()]
    if language == "toml":
        servers = tomllib.loads(text)["mcp_servers"].values()
        return [(s["command"], s["args"], s.get("env", {})) for s in servers]
    lines = [shlex.split(line, comments=True) for line in text.splitlines()]
    adds = [line for line in lines if line[:3] in (["claude", "mcp", "add"], ["codex", "mcp", "add"])]
    commands = [line[line.index("--") + 1 :] for line in adds]
    return [(command[0], command[1:], {}) for command in commands]


def split(command):
    return command[0], command[1:]


def check(command, arguments, environment):
    assert command == "atlasjob", command
    result = subprocess.run(
        [command, *arguments],
        input=json.dumps(INITIALIZE) + "\n",
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    answer = json.loads(result.stdout.splitlines()[0])
    assert answer["id"] == 1, answer
    assert answer["result"]["serverInfo"]["name"] == "atlasjob", answer
    assert answer["result"]["protocolVersion"] == "2025-06-18", answer


with open(sys.argv[1], encoding="utf-8") as document:
    snippets = re.findall(r"^```(json|toml|sh)\n(.*?)^```", document.read(), re.S | re.M)
checked = {"json": 0, "toml": 0, "sh": 0}
for language, text in snippets:
    for server in servers_of(language, text):
        check(*server)
        checked[language] += 1
print(checked)
# JSON: .mcp.json, Claude Desktop and others, VS Code, OpenCode; TOML: Codex; sh: claude and codex mcp add.
assert checked["json"] >= 4 and checked["toml"] >= 1 and checked["sh"] >= 3, checked

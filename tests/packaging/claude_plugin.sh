#!/usr/bin/env bash
# Checks the Claude Code plugin without Claude Code: its files agree with each other and with the program, and
# its monitor tells the ends of a session's jobs, each once. (tests/e2e/mcp has Claude Code itself validate it.)
#   claude_plugin.sh PROGRAM PYTHON PLUGIN VERSION
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/scratch.sh" "$1"
plugin=$3

"$2" - "$plugin" "$4" <<'PY'
import json, os, sys
plugin, version = sys.argv[1:]
def read(name):
    with open(os.path.join(plugin, name), encoding="utf-8") as file:
        return json.load(file)
manifest = read(".claude-plugin/plugin.json")
assert manifest["version"] == version, manifest
market = read(".claude-plugin/marketplace.json")
assert [p["name"] for p in market["plugins"]] == [manifest["name"]], market
server = read(".mcp.json")["mcpServers"]["atlasjob"]
assert (server["command"], server["args"]) == ("atlasjob", ["mcp"]), server
for monitor in read("monitors/monitors.json"):
    program = monitor["command"].replace('"${CLAUDE_PLUGIN_ROOT}"', plugin)
    assert os.access(program, os.X_OK), program
PY

# As Claude Code starts it: with the session and a folder of the plugin's own.
monitor() {
    env CLAUDE_CODE_SESSION_ID="$1" CLAUDE_PLUGIN_DATA="$scratch/data" ATLASJOB_MONITOR_RETRY=0.1 \
        "$plugin/monitors/ended-jobs"
}
# first_line SESSION: the first line that a new monitor prints; the monitor ends once nobody reads it.
first_line() {
    local line
    exec {lines}< <(monitor "$1")
    read -r -t 120 line <&"$lines" || fail "the monitor of $1 printed nothing"
    exec {lines}<&-
    wait "$!" || true
    printf '%s\n' "$line"
}

[[ -z $(env -u CLAUDE_CODE_SESSION_ID "$plugin/monitors/ended-jobs" 2>/dev/null) ]] || fail "without a session it prints something"

# It waits for a ledger that does not exist yet.
exec {waiting}< <(monitor "a session")
atlasjob create --session other --start >/dev/null
first=$(atlasjob create --session "a session" --start)
atlasjob finish 1 --result 1 >/dev/null
atlasjob finish "$first" --error broken >/dev/null
read -r -t 120 line <&"$waiting" || fail "the monitor printed nothing"
exec {waiting}<&-
[[ $line == *"\"job_id\":\"$first\""*'"to":"error"'* ]] || fail "it printed $line"

# What ends while no monitor runs is told by the next one, and the first end not again.
second=$(atlasjob create --session "a session" --start)
atlasjob finish "$second" --result 1 >/dev/null
line=$(first_line "a session")
[[ $line == *"\"job_id\":\"$second\""* ]] || fail "the next monitor printed $line"

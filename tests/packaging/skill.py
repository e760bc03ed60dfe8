"""Runs every command line of the Claude Code skill, as an agent would.

skill.py SKILL.md, with atlasjob in PATH, in an empty directory.
"""

import os
import re
import stat
import subprocess
import sys

SETUP = r"""
set -euo pipefail
trap 'echo "failed: $BASH_COMMAND" >&2' ERR
done_job=$(atlasjob submit -- true)
atlasjob wait "$done_job"
queued_job=$(atlasjob submit --session other --in 1h -- true)
"""


def make_scripts(names):
    for name in names:
        with open(name, "w", encoding="utf-8") as script:
            script.write("#!/bin/sh\necho out; echo err >&2\n")
        os.chmod(name, stat.S_IRWXU)


def table_commands(text):
    """The commands in the text's tables: JOB is a job that the command applies to."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    commands = [c for row in rows for c in re.findall(r"`(atlasjob [^`]*)`", row)]
    for command in commands:
        job = '"$queued_job"' if command.startswith("atlasjob cancel") else '"$done_job"'
        yield re.sub(r"\bJOB\b", job, command).replace("CMD", "./build.sh")


def run(script):
    result = subprocess.run(["bash", "-c", SETUP + script], capture_output=True, text=True,
                            timeout=120, env={**os.environ, "ATLASJOB_SESSION": "session-1"})
    if result.returncode != 0:
        sys.exit(f"exit code {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


with open(sys.argv[1], encoding="utf-8") as document:
    skill = document.read()
front, body = re.fullmatch(r"---\n(.*?)\n---\n(.*)", skill, re.S).groups()
fields = dict(line.split(": ", 1) for line in front.splitlines())
assert fields["name"] == "atlasjob", fields
assert len(fields["description"]) <= 1024, "longer than a skill's description may be"
# One page, read once.
assert len(body.split()) <= 900 and len(body.splitlines()) <= 110, len(body.split())

blocks = re.findall(r"^```sh\n(.*?)^```", body, re.S | re.M)
commands = list(table_commands(body))
assert len(blocks) >= 4 and len(commands) >= 6, (blocks, commands)
assert body.count("```") == 2 * len(blocks), "a block is not run"
make_scripts(set(re.findall(r"\./(\w+\.sh)", body)))
run("\n".join(commands))
print(run("\n".join(blocks)))
# What stands outside of blocks and tables must exist, too: options by their help.
helped = subprocess.run(["atlasjob", "help", "submit"], check=True, capture_output=True, text=True)
assert "--env" in helped.stdout

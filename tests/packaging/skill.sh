#!/usr/bin/env bash
# Runs the command lines of the Claude Code skill.
#   skill.sh PROGRAM PYTHON SKILL
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/scratch.sh" "$1"
export ATLASJOB_ON_DEMAND_WORKER=true
"$2" "$here/skill.py" "$3"

#!/usr/bin/env bash
# Loads the completion script in a real zsh on a pseudo-terminal and types lines there.
#   completion_zsh.sh PROGRAM PYTHON
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/scratch.sh" "$1"
command -v zsh >/dev/null || missing zsh
make_jobs
atlasjob --ledger "$scratch/other.db" create --kind elsewhere >/dev/null
touch "$scratch/a-file.json"
mkdir "$scratch/functions" "$scratch/empty"
atlasjob completion zsh >"$scratch/functions/_atlasjob"

"$2" "$here/completion_zsh.py" "$scratch"

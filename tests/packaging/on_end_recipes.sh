#!/usr/bin/env bash
# Runs the recipes of docs/examples/on-end as hooks, with stand-ins for the programs that they start.
#   on_end_recipes.sh PROGRAM PYTHON RECIPES
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/scratch.sh" "$1"
export ATLASJOB_ON_DEMAND_WORKER=true
"$2" "$here/on_end_recipes.py" "$3"

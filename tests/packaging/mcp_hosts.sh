#!/usr/bin/env bash
# Starts the server that each snippet of docs/mcp.md configures.
#   mcp_hosts.sh PROGRAM PYTHON DOCUMENT
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/scratch.sh" "$1"
"$2" "$here/mcp_hosts.py" "$3"
